// Rows to products and back. Calls statements.
#include "outbound/sqlite/store/sqlite_store_row.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr char history_format = 1;
constexpr char history_format_with_deletion = 2;  ///< Has the time of the last deletion in front of the fences.

void put_number(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
    out += static_cast<char>(number);
}

void put_signed(std::string& out, std::int64_t number) {
    put_number(out, (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63));
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size());
    out += text;
}

/// Reads what the functions above wrote. After the first thing that does not fit, everything is empty and ok() false.
class BlobReader {
public:
    explicit BlobReader(std::string_view rest) : rest_(rest) {}

    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }

    std::string_view bytes(std::uint64_t size) {
        if (size > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = bytes(1);
            if (byte.empty()) return 0;
            value |= static_cast<std::uint64_t>(byte[0] & 0x7F) << shift;
            if ((byte[0] & 0x80) == 0) return value;
        }
        ok_ = false;
        return 0;
    }
    std::int64_t signed_number() {
        const auto value = number();
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
    std::string text() { return std::string(bytes(number())); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

Error damaged(const char* what) {
    return {Errc::data_loss,
            "A product in store.db is damaged: put back a backup of the data folder.",
            {},
            std::string("The ") + what + " of a row cannot be read."};
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

std::string encode_photos(const std::vector<std::string>& photos) {
    std::string blob;
    if (photos.empty()) return blob;
    put_number(blob, photos.size());
    for (const auto& photo : photos) put_text(blob, photo);
    return blob;
}

Result<std::vector<std::string>> decode_photos(std::string_view blob) {
    std::vector<std::string> photos;
    if (blob.empty()) return photos;
    BlobReader reader(blob);
    for (auto left = reader.number(); left > 0 && reader.ok(); --left) photos.push_back(reader.text());
    if (!reader.ok() || !reader.at_end()) return fail(damaged("photos"));
    return photos;
}

std::string encode_history(const History& history) {
    std::string blob;
    if (history == History{}) return blob;
    blob += history.deleted_at ? history_format_with_deletion : history_format;
    blob += static_cast<char>(history.digest.has_value());
    if (history.digest) blob.append(reinterpret_cast<const char*>(history.digest->data()), history.digest->size());
    if (history.deleted_at) put_signed(blob, milliseconds_of(*history.deleted_at));
    put_number(blob, history.fences.entries().size());
    for (const auto& fence : history.fences.entries()) {
        put_text(blob, fence.source.topic);
        put_signed(blob, fence.source.partition);
        put_signed(blob, fence.offset);
        put_signed(blob, milliseconds_of(fence.read_up_to));
    }
    return blob;
}

Result<History> decode_history(std::string_view blob) {
    History history;
    if (blob.empty()) return history;
    BlobReader reader(blob);
    const auto format = reader.bytes(1).front();
    if (format != history_format && format != history_format_with_deletion) return fail(damaged("history"));
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
    if (!reader.ok() || !reader.at_end()) return fail(damaged("history"));
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
