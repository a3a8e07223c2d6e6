// Rules first: one table of bounds, then how each kind of member is checked. Calls utf8.
#include "domain/validation.hpp"

#include <cmath>
#include <string_view>

#include "domain/utf8.hpp"

namespace productd {

namespace {

constexpr std::size_t text_points_min = 3;
constexpr std::size_t name_points_max = 250;
constexpr std::size_t description_points_max = 500;
constexpr std::int64_t rating_max = 10;

class Checker {
public:
    explicit Checker(Required required) : required_(required) {}

    void text(const char* field, const std::optional<std::string>& value, std::size_t points_max) {
        if (!value) return missing(field);
        const auto points = code_points(*value);
        if (!points) return not_utf8(field);
        if (*points < text_points_min || *points > points_max) {
            add(field, "length",
                "must have " + std::to_string(text_points_min) + " to " + std::to_string(points_max) + " characters");
        }
    }

    void price(const std::optional<double>& value) {
        if (!value) return missing("price");
        if (!std::isfinite(*value) || *value <= 0) add("price", "range", "must be a finite number greater than 0");
    }

    void quantity(const std::optional<std::int64_t>& value) {
        if (!value) return missing("quantity");
        if (*value < 0) add("quantity", "range", "must be 0 or more");
    }

    void rating(const std::optional<std::int64_t>& value) {
        if (!value) return missing("rating");
        if (*value < 0 || *value > rating_max) add("rating", "range", "must be 0 to 10");
    }

    void photos(const std::vector<std::string>& photos) {
        std::size_t bytes = 0;
        for (const auto& photo : photos) {
            bytes += photo.size();
            utf8("photos", photo);
        }
        if (!photos_fit(photos.size(), bytes)) add("photos", "length", photos_rule);
    }

    void utf8(const char* field, std::string_view value) {
        if (!code_points(value)) not_utf8(field);
    }

    std::vector<Violation> found() && { return std::move(found_); }

private:
    void missing(const char* field) {
        if (required_ == Required::all) add(field, "required", "is required");
    }
    void not_utf8(const char* field) { add(field, "utf8", "must be valid UTF-8"); }
    void add(const char* field, const char* code, const std::string& rule) {
        found_.push_back({field, code, std::string(field) + " " + rule + "."});
    }

    Required required_;
    std::vector<Violation> found_;
};

}  // namespace

std::vector<Violation> violations(const Draft& draft, Required required) {
    Checker check(required);
    check.text("name", draft.name, name_points_max);
    check.text("description", draft.description, description_points_max);
    check.price(draft.price);
    if (draft.image_url) check.utf8("imageUrl", *draft.image_url);
    if (draft.photos) check.photos(*draft.photos);
    check.quantity(draft.quantity);
    check.rating(draft.rating);
    return std::move(check).found();
}

Result<ValidDraft> validated(Draft draft, Required required) {
    if (auto accepted = accept(violations(draft, required)); !accepted) return fail(std::move(accepted.error()));
    return ValidDraft(std::move(draft));
}

Result<> accept(std::vector<Violation> found) {
    if (found.empty()) return {};
    const auto count = found.size();
    auto detail = count == 1 ? found.front().detail : std::to_string(count) + " fields are not valid.";
    return fail(invalid(std::move(detail), std::move(found)));
}

}  // namespace productd
