// The table of fields first, then what a mask picks from it. Calls nobody.
#include "inbound/grpc/product_proto_mask.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace productd {

namespace {

/// Answers stay small: more bad paths than this are not listed, and longer ones are cut.
constexpr int bad_paths_max = 8;
constexpr std::size_t path_bytes_max = 64;

struct Field {
    std::string_view proto;
    std::string_view json;
    std::string_view snake;
    void (*set)(const proto::UpdateReq&, Draft&, std::vector<Violation>&);
};

void set_category(const proto::UpdateReq& request, Draft& draft, std::vector<Violation>& found) {
    draft.category_id = read_category(request.categoryid(), found).value_or(CategoryId{});
}

const std::array fields{
    Field{"CategoryID", "categoryId", "category_id", set_category},
    Field{"Name", "name", "name", [](auto& request, auto& draft, auto&) { draft.name = request.name(); }},
    Field{"Description", "description", "description",
          [](auto& request, auto& draft, auto&) { draft.description = request.description(); }},
    Field{"Price", "price", "price", [](auto& request, auto& draft, auto&) { draft.price = request.price(); }},
    Field{"ImageURL", "imageUrl", "image_url",
          [](auto& request, auto& draft, auto&) { draft.image_url = request.imageurl(); }},
    Field{"Photos", "photos", "photos",
          [](auto& request, auto& draft, auto&) {
              draft.photos.emplace(request.photos().begin(), request.photos().end());
          }},
    Field{"Quantity", "quantity", "quantity",
          [](auto& request, auto& draft, auto&) { draft.quantity = request.quantity(); }},
    Field{"Rating", "rating", "rating", [](auto& request, auto& draft, auto&) { draft.rating = request.rating(); }},
};

/// Cut between characters, so that it stays UTF-8.
std::string shortened(std::string_view path) {
    if (path.size() <= path_bytes_max) return std::string(path);
    auto end = path_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(path[end]) & 0xC0) == 0x80) --end;
    return std::string(path.substr(0, end)) + "…";
}

}  // namespace

std::string proto_name(const std::string& name) {
    const auto found = std::ranges::find(fields, name, &Field::json);
    return found == fields.end() ? name : std::string(found->proto);
}

std::optional<CategoryId> read_category(const std::string& text, std::vector<Violation>& found) {
    if (text.empty()) return std::nullopt;
    const auto id = CategoryId::parse(text);
    if (!id) found.push_back({"CategoryID", "id", "CategoryID must be 24 hex digits, or empty."});
    if (!id || id->is_none()) return std::nullopt;
    return id;
}

Draft masked_draft(const proto::UpdateReq& request, std::vector<Violation>& found) {
    Draft draft;
    std::array<bool, fields.size()> named{};
    int bad_paths = 0;
    for (const auto& path : request.updatemask().paths()) {
        const auto field = std::ranges::find_if(
            fields, [&](const Field& row) { return path == row.proto || path == row.json || path == row.snake; });
        if (field != fields.end()) {
            named[static_cast<std::size_t>(field - fields.begin())] = true;
        } else if (bad_paths++ < bad_paths_max) {
            found.push_back({"UpdateMask", "path", "\"" + shortened(path) + "\" is not a field that can be changed."});
        }
    }
    // By the table and not by the mask: a field named twice is read once.
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (named[i]) fields[i].set(request, draft, found);
    }
    return draft;
}

}  // namespace productd
