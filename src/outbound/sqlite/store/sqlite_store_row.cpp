// Rows to products and back. Calls statements.
#include "outbound/sqlite/store/sqlite_store_row.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/packed.hpp"

namespace productd {

namespace {

constexpr char history_format = 1;
constexpr char history_format_with_deletion = 2;  ///< Has the time of the last deletion in front of the fences.

Error damaged(const char* what) {
    return {Errc::data_loss,
            "The stored product is damaged.",
            {},
            std::string("The ") + what + " of a row of store.db cannot be read: put back a backup of the data folder."};
}

/// Also a damaged byte looks so; it then waits for its repair, since nobody can tell.
Error of_later_release(char format) {
    return {Errc::unavailable,
            "A product in store.db was written by a later release of productd: start that one.",
            {},
            fmt::format("The format {} of its history is not known.", static_cast<unsigned char>(format))};
}

template <class Id>
Id id_in(std::string_view bytes) {
    typename Id::Bytes id{};
    std::ranges::copy(bytes.substr(0, id.size()), id.begin());
    return Id(id);
}

Timestamp time_in(const SqliteStatement& row, int column) {
    return Timestamp(std::chrono::milliseconds(row.integer(column)));
}

}  // namespace

Error of_damaged_page(Error error) {
    error.code = Errc::internal;
    return error;
}

std::string encode_photos(const std::vector<std::string>& photos) {
    std::string blob;
    if (photos.empty()) return blob;
    packed::put_number(blob, photos.size());
    for (const auto& photo : photos) packed::put_text(blob, photo);
    return blob;
}

Result<std::vector<std::string>> decode_photos(std::string_view blob) {
    std::vector<std::string> photos;
    if (blob.empty()) return photos;
    packed::Reader reader(blob);
    for (auto left = reader.number(); left > 0 && reader.ok(); --left) photos.push_back(reader.text());
    if (!reader.ok() || !reader.rest().empty()) return fail(damaged("photos"));
    return photos;
}

std::string encode_history(const History& history) {
    std::string blob;
    if (history == History{}) return blob;
    blob += history.deleted_at ? history_format_with_deletion : history_format;
    blob += static_cast<char>(history.digest.has_value());
    if (history.digest) blob.append(reinterpret_cast<const char*>(history.digest->data()), history.digest->size());
    if (history.deleted_at) packed::put_signed(blob, milliseconds_of(*history.deleted_at));
    packed::put_number(blob, history.fences.entries().size());
    for (const auto& fence : history.fences.entries()) {
        packed::put_text(blob, fence.source.topic);
        packed::put_signed(blob, fence.source.partition);
        packed::put_signed(blob, fence.offset);
        packed::put_signed(blob, milliseconds_of(fence.read_up_to));
    }
    return blob;
}

Result<History> decode_history(std::string_view blob) {
    History history;
    if (blob.empty()) return history;
    packed::Reader reader(blob);
    const auto format = reader.bytes(1).front();
    if (format != history_format && format != history_format_with_deletion) return fail(of_later_release(format));
    if (reader.number() != 0) {
        const auto digest = reader.bytes(Digest{}.size());
        std::ranges::copy(digest, history.digest.emplace().begin());
    }
    if (format == history_format_with_deletion) {
        history.deleted_at = Timestamp(std::chrono::milliseconds(reader.signed_number()));
    }
    std::vector<Fence> fences;
    for (auto left = reader.number(); left > 0 && reader.ok(); --left) {
        auto& fence = fences.emplace_back();
        fence.source.topic = reader.text();
        fence.source.partition = static_cast<std::int32_t>(reader.signed_number());
        fence.offset = reader.signed_number();
        fence.read_up_to = Timestamp(std::chrono::milliseconds(reader.signed_number()));
    }
    if (!reader.ok() || !reader.rest().empty()) return fail(damaged("history"));
    history.fences = Fences(std::move(fences));
    return history;
}

Result<Product> product_in(const SqliteStatement& row) {
    auto photos = decode_photos(row.bytes(10));
    if (!photos) return fail(std::move(photos).error());
    return Product{.id = id_in<ProductId>(row.bytes(0)),
                   .category_id = id_in<CategoryId>(row.bytes(5)),
                   .name = std::string(row.bytes(6)),
                   .description = std::string(row.bytes(7)),
                   .price = row.real(8),
                   .image_url = std::string(row.bytes(9)),
                   .photos = std::move(*photos),
                   .quantity = row.integer(11),
                   .rating = row.integer(12),
                   .created_at = time_in(row, 2),
                   .updated_at = time_in(row, 3),
                   .version = {row.integer(1)}};
}

Result<Stored> stored_in(const SqliteStatement& row) {
    auto history = decode_history(row.bytes(13));
    if (!history) return fail(std::move(history).error());
    if (!row.is_null(4)) {
        return Tombstone{id_in<ProductId>(row.bytes(0)), {row.integer(1)}, time_in(row, 3), std::move(*history)};
    }
    auto product = product_in(row);
    if (!product) return fail(std::move(product).error());
    return StoredProduct{std::move(*product), std::move(*history)};
}

}  // namespace productd
