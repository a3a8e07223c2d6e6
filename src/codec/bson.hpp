// A BSON document of our own, freed when it goes (https://bsonspec.org; libbson).
#pragma once

#include <bson/bson.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "domain/object_id.hpp"
#include "domain/product.hpp"

namespace productd {

/// Appends never fail but for a document above 2 GiB, which nothing here makes.
class Bson {
public:
    Bson() : document_(bson_new()) {}

    const bson_t* get() const { return document_.get(); }
    bson_t* get() { return document_.get(); }

    Bson& text(const char* name, std::string_view value);
    Bson& real(const char* name, double value);
    Bson& integer(const char* name, std::int64_t value);
    Bson& boolean(const char* name, bool value);
    Bson& null(const char* name);
    Bson& date(const char* name, Timestamp value);
    template <class Tag>
    Bson& id(const char* name, const ObjectId<Tag>& value) {
        bson_oid_t oid;
        bson_oid_init_from_data(&oid, value.bytes().data());
        bson_append_oid(get(), name, -1, &oid);
        return *this;
    }
    Bson& bytes(const char* name, const std::uint8_t* value, std::size_t length);
    Bson& regex(const char* name, const char* pattern, const char* options);
    Bson& document(const char* name, const Bson& value);
    Bson& array(const char* name, const Bson& value);

private:
    struct Destroy {
        void operator()(bson_t* document) const { bson_destroy(document); }
    };
    std::unique_ptr<bson_t, Destroy> document_;
};

/// The elements of an array, in order.
class BsonArray {
public:
    /// Calls `append` with the elements so far and the key of the next.
    template <class Append>
    void add(Append append) {
        char buffer[16];
        const char* key = nullptr;
        bson_uint32_to_string(next_++, &key, buffer, sizeof buffer);
        append(elements_, key);
    }
    const Bson& elements() const { return elements_; }

private:
    Bson elements_;
    std::uint32_t next_ = 0;
};

}  // namespace productd
