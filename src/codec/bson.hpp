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

    Bson& text(std::string_view name, std::string_view value);
    Bson& real(std::string_view name, double value);
    Bson& integer(std::string_view name, std::int64_t value);
    Bson& boolean(std::string_view name, bool value);
    Bson& null(std::string_view name);
    Bson& date(std::string_view name, Timestamp value);
    template <class Tag>
    Bson& id(std::string_view name, const ObjectId<Tag>& value) {
        bson_oid_t oid;
        bson_oid_init_from_data(&oid, value.bytes().data());
        bson_append_oid(get(), name.data(), size(name), &oid);
        return *this;
    }
    Bson& bytes(std::string_view name, const std::uint8_t* value, std::size_t length);
    Bson& regex(std::string_view name, const char* pattern, const char* options);
    Bson& document(std::string_view name, const Bson& value);
    Bson& array(std::string_view name, const Bson& value);

private:
    static int size(std::string_view name) { return static_cast<int>(name.size()); }
    struct Destroy {
        void operator()(bson_t* document) const { bson_destroy(document); }
    };
    std::unique_ptr<bson_t, Destroy> document_;
};

/// The elements of an array, in order.
class BsonArray {
public:
    template <class Append>
    void add(Append append) {
        char buffer[16];
        const char* key = nullptr;
        const auto length = bson_uint32_to_string(next_++, &key, buffer, sizeof buffer);
        append(elements_, std::string_view(key, length));
    }
    const Bson& elements() const { return elements_; }

private:
    Bson elements_;
    std::uint32_t next_ = 0;
};

}  // namespace productd
