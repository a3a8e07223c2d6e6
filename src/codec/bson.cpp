// Calls libbson.
#include "codec/bson.hpp"

namespace productd {

Bson& Bson::text(std::string_view name, std::string_view value) {
    bson_append_utf8(get(), name.data(), size(name), value.data(), size(value));
    return *this;
}

Bson& Bson::real(std::string_view name, double value) {
    bson_append_double(get(), name.data(), size(name), value);
    return *this;
}

Bson& Bson::integer(std::string_view name, std::int64_t value) {
    bson_append_int64(get(), name.data(), size(name), value);
    return *this;
}

Bson& Bson::boolean(std::string_view name, bool value) {
    bson_append_bool(get(), name.data(), size(name), value);
    return *this;
}

Bson& Bson::null(std::string_view name) {
    bson_append_null(get(), name.data(), size(name));
    return *this;
}

Bson& Bson::date(std::string_view name, Timestamp value) {
    bson_append_date_time(get(), name.data(), size(name), value.time_since_epoch().count());
    return *this;
}

Bson& Bson::bytes(std::string_view name, const std::uint8_t* value, std::size_t length) {
    bson_append_binary(get(), name.data(), size(name), BSON_SUBTYPE_BINARY, value, static_cast<std::uint32_t>(length));
    return *this;
}

Bson& Bson::regex(std::string_view name, const char* pattern, const char* options) {
    bson_append_regex(get(), name.data(), size(name), pattern, options);
    return *this;
}

Bson& Bson::document(std::string_view name, const Bson& value) {
    bson_append_document(get(), name.data(), size(name), value.get());
    return *this;
}

Bson& Bson::array(std::string_view name, const Bson& value) {
    bson_append_array(get(), name.data(), size(name), value.get());
    return *this;
}

}  // namespace productd
