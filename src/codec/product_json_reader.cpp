// Reads products from JSON: member table first, then one function a type. Calls simdjson and the domain's validation.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <memory>

#include "codec/product_json.hpp"

namespace productd {

namespace {

using simdjson::dom::element;
using Type = simdjson::dom::element_type;

/// A document above this is parsed with a parser of its own, so that no thread keeps a large buffer for ever.
constexpr std::size_t kept_parser_bytes_max = 64 * 1024;

struct Reading {
    Draft draft;
    std::optional<ProductId> id;
    std::vector<Violation> violations;

    void violate(std::string_view field, const char* code, const char* rule) {
        violations.push_back({std::string(field), code, std::string(field) + " " + rule + "."});
    }
};

void read_text(Reading& reading, const char* field, const element& value, std::optional<std::string>& into) {
    if (value.is_string()) {
        into = std::string(std::string_view(value));
    } else {
        reading.violate(field, "type", "must be a string");
    }
}

void read_integer(Reading& reading, const char* field, const element& value, std::optional<std::int64_t>& into) {
    if (value.type() == Type::INT64) {
        into = std::int64_t(value);
    } else if (value.type() == Type::UINT64) {
        reading.violate(field, "range", "does not fit into a 64-bit integer");
    } else {
        reading.violate(field, "type", "must be an integer, without fraction or exponent");
    }
}

/// An integer literal is a price only if a double holds exactly that number.
template <class Integer>
std::optional<double> exactly(Integer integer) {
    constexpr double limit = std::is_signed_v<Integer> ? 0x1p63 : 0x1p64;
    const auto number = static_cast<double>(integer);
    if (number >= limit || static_cast<Integer>(number) != integer) return std::nullopt;
    return number;
}

void read_price(Reading& reading, const element& value) {
    switch (value.type()) {
        case Type::DOUBLE: reading.draft.price = double(value); break;
        case Type::INT64: reading.draft.price = exactly(std::int64_t(value)); break;
        case Type::UINT64: reading.draft.price = exactly(std::uint64_t(value)); break;
        default: return reading.violate("price", "type", "must be a number");
    }
    if (!reading.draft.price) reading.violate("price", "range", "does not fit exactly into a 64-bit float");
}

/// Null and "" clear; 24 zeros are the same as absent.
void read_category(Reading& reading, const element& value) {
    if (value.is_null() || (value.is_string() && std::string_view(value).empty())) {
        reading.draft.category_id = CategoryId{};
        return;
    }
    const auto id = value.is_string() ? CategoryId::parse(std::string_view(value)) : std::nullopt;
    if (!id) return reading.violate("categoryId", "id", "must be 24 hexadecimal digits");
    if (!id->is_none()) reading.draft.category_id = *id;
}

void read_id(Reading& reading, const element& value) {
    if (value.is_null() || (value.is_string() && std::string_view(value).empty())) return;
    const auto id = value.is_string() ? ProductId::parse(std::string_view(value)) : std::nullopt;
    if (!id) return reading.violate("productId", "id", "must be 24 hexadecimal digits");
    if (!id->is_none()) reading.id = *id;
}

void read_image_url(Reading& reading, const element& value) {
    if (value.is_null()) {
        reading.draft.image_url = std::string();
    } else {
        read_text(reading, "imageUrl", value, reading.draft.image_url);
    }
}

void read_photos(Reading& reading, const element& value) {
    std::vector<std::string> photos;
    if (!value.is_null()) {
        if (!value.is_array()) return reading.violate("photos", "type", "must be an array of strings");
        for (const auto photo : simdjson::dom::array(value)) {
            if (!photo.is_string()) return reading.violate("photos", "type", "must be an array of strings");
            photos.emplace_back(std::string_view(photo));
        }
    }
    reading.draft.photos = std::move(photos);
}

using ReadMember = void (*)(Reading&, const element&);
struct Member {
    std::string_view name;
    ReadMember read;
};

constexpr std::array members{
    Member{"productId", read_id},
    Member{"categoryId", read_category},
    Member{"name", [](Reading& r, const element& v) { read_text(r, "name", v, r.draft.name); }},
    Member{"description", [](Reading& r, const element& v) { read_text(r, "description", v, r.draft.description); }},
    Member{"price", read_price},
    Member{"imageUrl", read_image_url},
    Member{"photos", read_photos},
    Member{"quantity", [](Reading& r, const element& v) { read_integer(r, "quantity", v, r.draft.quantity); }},
    Member{"rating", [](Reading& r, const element& v) { read_integer(r, "rating", v, r.draft.rating); }},
};

simdjson::dom::parser& kept_parser() {
    static thread_local simdjson::dom::parser parser(kept_parser_bytes_max);
    return parser;
}

Error malformed(simdjson::error_code code) {
    using namespace simdjson;
    switch (code) {
        case EMPTY: return invalid("A JSON object is expected, and there is nothing.");
        case UTF8_ERROR: return invalid("The JSON text is not valid UTF-8.");
        case DEPTH_ERROR: return invalid("The JSON text is nested too deeply.");
        case NUMBER_ERROR: return invalid("A number in the JSON text is malformed or too large.");
        case STRING_ERROR: return invalid("A string in the JSON text is malformed.");
        default: return invalid("The text is not valid JSON.");
    }
}

/// The text holds a number that does not fit into 64 bits, which ends the parse. Where it is a member's value, that
/// member is named; nothing when it is elsewhere.
std::vector<Violation> numbers_that_do_not_fit(std::string_view text) {
    Reading reading;
    const simdjson::padded_string padded(text);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(padded).get(document) || document.get_object().get(object)) return {};
    for (auto field : object) {
        std::string_view name;
        simdjson::ondemand::json_type type{};
        simdjson::ondemand::number number;
        if (field.unescaped_key().get(name) || field.value().type().get(type)) return {};
        const bool is_number = type == simdjson::ondemand::json_type::number;
        if (!is_number || field.value().get_number().get(number) != simdjson::NUMBER_ERROR) continue;
        const auto* member = std::ranges::find(members, name, &Member::name);
        if (member != members.end()) reading.violate(member->name, "range", "is a number that does not fit");
    }
    return std::move(reading.violations);
}

/// Calls `use` with the parsed object; the object lives no longer than that.
template <class Use>
Result<> with_object(std::string_view text, Use use) {
    std::unique_ptr<simdjson::dom::parser> own;
    if (text.size() > kept_parser_bytes_max) own = std::make_unique<simdjson::dom::parser>();
    element root;
    if (const auto error = (own ? *own : kept_parser()).parse(text.data(), text.size()).get(root)) {
        auto unfit = error == simdjson::NUMBER_ERROR ? numbers_that_do_not_fit(text) : std::vector<Violation>{};
        if (auto accepted = accept(std::move(unfit)); !accepted) return accepted;
        return fail(malformed(error));
    }
    if (!root.is_object()) return fail(invalid("A JSON object is expected."));
    use(simdjson::dom::object(root));
    return {};
}

bool is_doubled(std::vector<std::string_view>& seen, std::string_view name) {
    if (std::ranges::find(seen, name) != seen.end()) return true;
    seen.push_back(name);
    return false;
}

void read_members(Reading& reading, simdjson::dom::object object, ProductIdMember id_member) {
    std::vector<std::string_view> seen;
    for (const auto field : object) {
        const auto* member = std::ranges::find(members, field.key, &Member::name);
        if (member == members.end()) continue;
        if (is_doubled(seen, field.key)) {
            reading.violate(member->name, "duplicate", "is given more than once");
        } else if (member->name != "productId" || id_member == ProductIdMember::read) {
            member->read(reading, field.value);
        }
    }
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
    Reading reading;
    auto parsed = with_object(text, [&](auto object) { read_members(reading, object, id_member); });
    if (!parsed) return fail(std::move(parsed.error()));
    const auto id = reading.id;
    auto draft = valid_draft(std::move(reading));
    if (!draft) return fail(std::move(draft.error()));
    return ProductText{std::move(*draft), id};
}

Result<ProductId> read_product_id(std::string_view text) {
    Reading reading;
    auto parsed = with_object(text, [&](auto object) {
        bool is_given = false;
        for (const auto field : object) {
            if (field.key != "productId") continue;
            if (std::exchange(is_given, true)) reading.violate("productId", "duplicate", "is given more than once");
            read_id(reading, field.value);
        }
    });
    if (!parsed) return fail(std::move(parsed.error()));
    if (!reading.id && reading.violations.empty()) reading.violate("productId", "required", "is required");
    auto accepted = accept(std::move(reading.violations));
    if (!accepted) return fail(std::move(accepted.error()));
    return *reading.id;
}

}  // namespace productd
