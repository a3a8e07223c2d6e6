// Reading: members by name and type, then the document. Calls libbson.
#include <algorithm>
#include <cmath>

#include "codec/product/product_bson.hpp"

namespace productd {

namespace {

Error damaged(std::string what) {
    return {Errc::data_loss, "A document of the products collection cannot be read.", {}, std::move(what)};
}

constexpr std::int64_t format_max = 1;

Error of_later_release(std::int64_t format) {
    return {Errc::unavailable,  // To whoever reads it the store fails: nothing is wrong with what was asked.
            "A product was stored by a later release of productd: start that one.",
            {},
            "Its document has the format " + std::to_string(format) + "."};
}

/// Makes `document` a view of the element, if that is one.
bool view(const bson_iter_t& element, bson_t& document) {
    if (!BSON_ITER_HOLDS_DOCUMENT(&element)) return false;
    std::uint32_t length = 0;
    const std::uint8_t* bytes = nullptr;
    bson_iter_document(&element, &length, &bytes);
    return bson_init_static(&document, bytes, length);
}

/// The members of a document. A member that is missing or null is nothing; what has another type is noted as an error.
class Members {
public:
    explicit Members(const bson_t& document) : document_(document) {}

    /// Nothing unless it is an id of 12 bytes.
    template <class Id>
    Id id(const char* name) {
        if (!find(name)) return {};
        if (!BSON_ITER_HOLDS_OID(&at_)) return wrong(name), Id{};
        typename Id::Bytes bytes{};
        std::ranges::copy_n(bson_iter_oid(&at_)->bytes, std::ssize(bytes), bytes.begin());
        return Id(bytes);
    }
    std::string text(const char* name) {
        if (!find(name)) return {};
        if (!BSON_ITER_HOLDS_UTF8(&at_)) return wrong(name), std::string();
        std::uint32_t length = 0;
        const char* bytes = bson_iter_utf8(&at_, &length);
        return {bytes, length};
    }
    double real(const char* name) {
        if (!find(name)) return 0;
        if (BSON_ITER_HOLDS_DOUBLE(&at_)) return bson_iter_double(&at_);
        return static_cast<double>(whole(name));
    }
    std::int64_t integer(const char* name) { return find(name) ? whole(name) : 0; }
    std::optional<Timestamp> date(const char* name) {
        if (!find(name)) return std::nullopt;
        if (!BSON_ITER_HOLDS_DATE_TIME(&at_)) return wrong(name), std::nullopt;
        return Timestamp(std::chrono::milliseconds(bson_iter_date_time(&at_)));
    }
    /// Calls `each` with a document for every element, or for a text with its text.
    template <class Each>
    void elements(const char* name, Each each) {
        if (!find(name)) return;
        bson_iter_t child;
        if (!BSON_ITER_HOLDS_ARRAY(&at_) || !bson_iter_recurse(&at_, &child)) return wrong(name);
        while (bson_iter_next(&child)) {
            if (!each(child)) return wrong(name);
        }
    }
    /// Makes `inner`, which is not to be copied, a view of the member's document; false when there is none.
    bool document(const char* name, bson_t& inner) {
        if (!find(name)) return false;
        const bool is_there = view(at_, inner);
        if (!is_there) wrong(name);
        return is_there;
    }
    std::optional<Digest> digest(const char* name) {
        if (!find(name)) return std::nullopt;
        if (!BSON_ITER_HOLDS_BINARY(&at_)) return wrong(name), std::nullopt;
        bson_subtype_t subtype{};
        std::uint32_t length = 0;
        const std::uint8_t* bytes = nullptr;
        bson_iter_binary(&at_, &subtype, &length, &bytes);
        Digest digest{};
        if (length != digest.size()) return wrong(name), std::nullopt;
        std::ranges::copy_n(bytes, std::ssize(digest), digest.begin());
        return digest;
    }
    void require(const char* name) {
        if (!find(name)) note(std::string(name) + " is missing");
    }
    void note(std::string what) {
        if (wrong_.empty()) wrong_ = std::move(what);
    }
    /// What was wrong first; empty when nothing was.
    const std::string& wrong() const { return wrong_; }

private:
    bool find(const char* name) { return bson_iter_init_find(&at_, &document_, name) && !BSON_ITER_HOLDS_NULL(&at_); }
    std::int64_t whole(const char* name) {
        if (BSON_ITER_HOLDS_INT64(&at_)) return bson_iter_int64(&at_);
        if (BSON_ITER_HOLDS_INT32(&at_)) return bson_iter_int32(&at_);
        constexpr double exact_max = 9007199254740992.0;  // 2^53: above, a double does not hold every integer.
        const double value = BSON_ITER_HOLDS_DOUBLE(&at_) ? bson_iter_double(&at_) : 0.5;
        if (std::trunc(value) == value && std::abs(value) <= exact_max) return static_cast<std::int64_t>(value);
        wrong(name);
        return 0;
    }
    void wrong(const char* name) { note(std::string(name) + " has another type than it should"); }

    const bson_t& document_;
    bson_iter_t at_{};
    std::string wrong_;
};

Fence fence_in(Members& entry) {
    Fence fence;
    fence.source = {entry.text("topic"), static_cast<std::int32_t>(entry.integer("partition"))};
    fence.offset = entry.integer("offset");
    fence.read_up_to = entry.date("readUpTo").value_or(Timestamp{});
    return fence;
}

History history_in(Members& document) {
    bson_t inner;
    if (!document.document("history", inner)) return {};
    Members members(inner);
    History history;
    std::vector<Fence> fences;
    members.elements("fences", [&](const bson_iter_t& element) {
        bson_t entry;
        if (!view(element, entry)) return false;
        Members fence(entry);
        fences.push_back(fence_in(fence));
        return fence.wrong().empty();
    });
    history.fences = Fences(std::move(fences));
    history.digest = members.digest("digest");
    history.deleted_at = members.date("deletedAt");
    if (!members.wrong().empty()) document.note("history: " + members.wrong());
    return history;
}

std::vector<std::string> photos_in(Members& document) {
    std::vector<std::string> photos;
    document.elements("photos", [&](const bson_iter_t& element) {
        if (!BSON_ITER_HOLDS_UTF8(&element)) return false;
        std::uint32_t length = 0;
        const char* bytes = bson_iter_utf8(&element, &length);
        photos.emplace_back(bytes, length);
        return true;
    });
    return photos;
}

Product product_in(Members& document) {
    for (const char* name : {"name", "description", "price"}) document.require(name);
    return Product{.id = document.id<ProductId>("_id"),
                   .category_id = document.id<CategoryId>("categoryId"),
                   .name = document.text("name"),
                   .description = document.text("description"),
                   .price = document.real("price"),
                   .image_url = document.text("imageUrl"),
                   .photos = photos_in(document),
                   .quantity = document.integer("quantity"),
                   .rating = document.integer("rating"),
                   .created_at = document.date("createdAt").value_or(Timestamp{}),
                   .updated_at = document.date("updatedAt").value_or(Timestamp{}),
                   .version = {document.integer("version")}};
}

}  // namespace

bool has_own_folded(const bson_t& document, const Product& product) {
    Members members(document);
    bson_t folded;
    if (!members.document("folded", folded)) return false;
    const auto own = encode_folded(product);
    return bson_equal(&folded, own.get());
}

std::optional<ProductId> id_of_document(const bson_t& document) {
    Members members(document);
    members.require("_id");
    const auto id = members.id<ProductId>("_id");
    return members.wrong().empty() ? std::optional(id) : std::nullopt;
}

Result<Stored> decode_document(const bson_t& document) {
    Members members(document);
    if (const auto format = members.integer("format"); format > format_max) return fail(of_later_release(format));
    members.require("_id");
    Stored stored;
    auto past = history_in(members);
    if (bson_t deletion; members.document("tombstone", deletion)) {
        Members inner(deletion);
        inner.require("deletedAt");
        stored = Tombstone{members.id<ProductId>("_id"),
                           {members.integer("version")},
                           inner.date("deletedAt").value_or(Timestamp{}),
                           std::move(past)};
        if (!inner.wrong().empty()) members.note("tombstone: " + inner.wrong());
    } else {
        stored = StoredProduct{product_in(members), std::move(past)};
    }
    if (!members.wrong().empty()) return fail(damaged(members.wrong()));
    return stored;
}

}  // namespace productd
