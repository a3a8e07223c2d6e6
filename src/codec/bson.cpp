// One append for each type that a document of ours has. Calls libbson.
#include "codec/bson.hpp"

namespace productd {

Bson& Bson::text(const char* name, std::string_view value) {
    const char* bytes = value.data();
    bson_append_utf8(get(), name, -1, bytes, static_cast<int>(value.size()));
    return *this;
}

Bson& Bson::real(const char* name, double value) {
    bson_append_double(get(), name, -1, value);
    return *this;
}

Bson& Bson::integer(const char* name, std::int64_t value) {
    bson_append_int64(get(), name, -1, value);
    return *this;
}

Bson& Bson::boolean(const char* name, bool value) {
    bson_append_bool(get(), name, -1, value);
    return *this;
}

Bson& Bson::null(const char* name) {
    bson_append_null(get(), name, -1);
    return *this;
}

Bson& Bson::date(const char* name, Timestamp value) {
    bson_append_date_time(get(), name, -1, value.time_since_epoch().count());
    return *this;
}

Bson& Bson::bytes(const char* name, const std::uint8_t* value, std::size_t length) {
    bson_append_binary(get(), name, -1, BSON_SUBTYPE_BINARY, value, static_cast<std::uint32_t>(length));
    return *this;
}

Bson& Bson::regex(const char* name, const char* pattern, const char* options) {
    bson_append_regex(get(), name, -1, pattern, options);
    return *this;
}

Bson& Bson::document(const char* name, const Bson& value) {
    bson_append_document(get(), name, -1, value.get());
    return *this;
}

Bson& Bson::array(const char* name, const Bson& value) {
    bson_append_array(get(), name, -1, value.get());
    return *this;
}

}  // namespace productd
