// Reads products from JSON: one function a type, then the member table. Calls json_walk and the domain's validation.
#include <algorithm>
#include <array>

#include "codec/json/json_number.hpp"
#include "codec/json/json_walk.hpp"
#include "codec/product/product_json.hpp"

namespace productd {

namespace {

using json::ondemand::value;
using Type = json::ondemand::json_type;
using simdjson::error_code;

struct Reading {
    std::size_t text_bytes = 0;
    Draft draft = {};
    std::optional<ProductId> id = {};
    std::vector<Violation> violations = {};

    void violate(std::string_view field, const char* code, const char* rule) {
        violations.push_back({std::string(field), code, std::string(field) + " " + rule + "."});
    }
};

/// Passes over a value that is of no use for `field`.
error_code refuse(Reading& reading, const char* field, value& given, const char* code, const char* rule) {
    reading.violate(field, code, rule);
    return json::pass_over(given, 1);
}

error_code read_text(Reading& reading, const char* field, value& given, Type type, std::optional<std::string>& into) {
    if (type != Type::string) return refuse(reading, field, given, "type", "must be a string");
    std::string_view text;
    if (const auto error = given.get_string().get(text)) return error;
    into = std::string(text);
    return simdjson::SUCCESS;
}

/// A number's own text decides: what simdjson would make of it is rounded, or an error.
template <class Number, class Read>
error_code read_number(Reading& reading, const char* field, value& given, std::optional<Number>& into, Read read) {
    const auto text = json::token(given);
    if (!json::is_number(text)) return simdjson::NUMBER_ERROR;
    auto number = read(text);
    if (number) {
        into = *number;
    } else {
        reading.violate(field, number.error().code, number.error().rule);
    }
    return simdjson::SUCCESS;
}

error_code read_integer(Reading& reading, const char* field, value& given, Type type,
                        std::optional<std::int64_t>& into) {
    if (type != Type::number) {
        return refuse(reading, field, given, "type", "must be an integer, without fraction or exponent");
    }
    return read_number(reading, field, given, into, json::exact_integer);
}

error_code read_price(Reading& reading, value& given, Type type) {
    if (type != Type::number) return refuse(reading, "price", given, "type", "must be a number");
    return read_number(reading, "price", given, reading.draft.price, json::exact_double);
}

/// Null and "" are an id of none; 24 zeros are the same as absent.
template <class Id>
error_code read_id(Reading& reading, const char* field, value& given, Type type, std::optional<Id>& into) {
    std::optional<std::string> text;
    if (type == Type::string) {
        if (const auto error = read_text(reading, field, given, type, text)) return error;
    } else if (const auto error = json::pass_over(given, 1)) {
        return error;
    }
    const bool is_none = type == Type::null || (text && text->empty());
    const auto id = is_none ? std::optional(Id{}) : text ? Id::parse(*text) : std::nullopt;
    if (!id) {
        reading.violate(field, "id", "must be 24 hexadecimal digits");
    } else if (is_none || !id->is_none()) {
        into = *id;
    }
    return simdjson::SUCCESS;
}

error_code read_product_id_member(Reading& reading, value& given, Type type) {
    if (const auto error = read_id(reading, "productId", given, type, reading.id)) return error;
    if (reading.id && reading.id->is_none()) reading.id.reset();
    return simdjson::SUCCESS;
}

error_code read_image_url(Reading& reading, value& given, Type type) {
    if (type != Type::null) return read_text(reading, "imageUrl", given, type, reading.draft.image_url);
    reading.draft.image_url = std::string();
    return json::pass_over(given, 1);
}

/// What an array's strings would take is looked at before any is decoded.
error_code fits(json::ondemand::array& array, std::size_t text_bytes, std::size_t& count, bool& fit) {
    constexpr std::size_t quotes = 2;
    fit = photos_fit(text_bytes / (quotes + 1), 0);
    if (fit) return simdjson::SUCCESS;
    std::size_t bytes = 0;
    auto add = [&](value element) {
        ++count;
        bytes += std::max<std::size_t>(json::token(element).size(), quotes) - quotes;
        return simdjson::SUCCESS;
    };
    if (const auto error = json::each_element(array, add)) return error;
    fit = photos_fit(count, bytes);
    return array.reset().error();
}

error_code read_photos(Reading& reading, value& given, Type type) {
    constexpr auto rule = "must be an array of strings";
    std::vector<std::string> photos;
    if (type == Type::null) {
        reading.draft.photos = std::move(photos);
        return json::pass_over(given, 1);
    }
    if (type != Type::array) return refuse(reading, "photos", given, "type", rule);
    json::ondemand::array array;
    std::size_t count = 0;
    bool fit = true;
    bool are_texts = true;
    if (const auto error = given.get_array().get(array)) return error;
    if (const auto error = fits(array, reading.text_bytes, count, fit)) return error;
    photos.reserve(fit ? count : 0);
    auto read = [&](value element) -> error_code {
        std::string_view photo;
        Type element_type{};
        if (const auto error = element.type().get(element_type)) return error;
        are_texts = are_texts && element_type == Type::string;
        if (!are_texts || !fit) return json::pass_over(element, 2);
        if (const auto error = element.get_string().get(photo)) return error;
        photos.emplace_back(photo);
        return simdjson::SUCCESS;
    };
    if (const auto error = json::each_element(array, read)) return error;
    if (!are_texts) reading.violate("photos", "type", rule);
    if (!fit) reading.violate("photos", "length", photos_rule);
    if (are_texts && fit) reading.draft.photos = std::move(photos);
    return simdjson::SUCCESS;
}

using ReadMember = error_code (*)(Reading&, value&, Type);
struct Member {
    std::string_view name;
    ReadMember read;
};

using R = Reading&;
constexpr std::array product_members{
    Member{"productId", read_product_id_member},
    Member{"categoryId", [](R r, value& v, Type t) { return read_id(r, "categoryId", v, t, r.draft.category_id); }},
    Member{"name", [](R r, value& v, Type t) { return read_text(r, "name", v, t, r.draft.name); }},
    Member{"description", [](R r, value& v, Type t) { return read_text(r, "description", v, t, r.draft.description); }},
    Member{"price", read_price},
    Member{"imageUrl", read_image_url},
    Member{"photos", read_photos},
    Member{"quantity", [](R r, value& v, Type t) { return read_integer(r, "quantity", v, t, r.draft.quantity); }},
    Member{"rating", [](R r, value& v, Type t) { return read_integer(r, "rating", v, t, r.draft.rating); }},
};

/// Which of `members` were seen.
class Seen {
public:
    /// False the second time.
    bool first(const Member& member) {
        return !std::exchange(seen_[static_cast<std::size_t>(&member - product_members.data())], true);
    }

private:
    std::array<bool, product_members.size()> seen_{};
};

/// Reads the members that `counts` says count, and passes over the others.
template <class Counts>
Result<> read_members(Reading& reading, std::string_view text, Counts counts) {
    Seen seen;
    json::Walk walk(text);
    return walk.members([&](std::string_view name, value given) -> error_code {
        const auto* member = std::ranges::find(product_members, name, &Member::name);
        if (member == product_members.end() || !counts(name)) return json::pass_over(given, 1);
        Type type{};
        if (const auto error = given.type().get(type)) return error;
        if (seen.first(*member)) return member->read(reading, given, type);
        reading.violate(member->name, "duplicate", "is given more than once");
        return json::pass_over(given, 1);
    });
}

/// The draft, if neither reading nor the domain found anything wrong. Of a field that could not be read, the domain
/// would only say that it is missing.
Result<ValidDraft> valid_draft(Reading reading) {
    auto draft = validated(std::move(reading.draft), Required::all);
    auto found = std::move(reading.violations);
    if (!draft) {
        std::erase_if(draft.error().violations, [&](const Violation& violation) {
            return std::ranges::find(found, violation.field, &Violation::field) != found.end();
        });
        std::ranges::move(draft.error().violations, std::back_inserter(found));
    }
    if (auto accepted = accept(std::move(found)); !accepted) return fail(std::move(accepted.error()));
    return draft;
}

}  // namespace

Result<ProductText> read_product(std::string_view text, ProductIdMember id_member) {
    Reading reading{.text_bytes = text.size()};
    const auto counts = [&](std::string_view name) {
        return name != "productId" || id_member == ProductIdMember::read;
    };
    if (auto read = read_members(reading, text, counts); !read) return fail(std::move(read.error()));
    const auto id = reading.id;
    auto draft = valid_draft(std::move(reading));
    if (!draft) return fail(std::move(draft.error()));
    return ProductText{std::move(*draft), id};
}

Result<ProductId> read_product_id(std::string_view text) {
    Reading reading{.text_bytes = text.size()};
    auto read = read_members(reading, text, [](std::string_view name) { return name == "productId"; });
    if (!read) return fail(std::move(read.error()));
    if (!reading.id && reading.violations.empty()) reading.violate("productId", "required", "is required");
    auto accepted = accept(std::move(reading.violations));
    if (!accepted) return fail(std::move(accepted.error()));
    return *reading.id;
}

}  // namespace productd
