// The fields of a message as they lie in its bytes, looked at before protobuf takes them apart: it makes an object of
// every text, and keeps what it does not know, at up to forty times its size.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace productd {

/// What a message's bytes come to.
struct ProtoWeight {
    std::size_t bytes = 0;     ///< What decoding takes at most: the bytes given, a copy of them, and an object a text.
    bool has_unknown = false;  ///< Some field is not `type`'s, here or in a message within.
};

/// Nothing when `bytes` are no fields at all. Knows fields by the number and the wire type `type` gives them. Takes no
/// memory, and a nanosecond or two a byte.
std::optional<ProtoWeight> weigh(std::string_view bytes, const google::protobuf::Descriptor& type);

/// `bytes`, which weigh() has read, without the fields that `type` does not know.
std::string without_unknown(std::string_view bytes, const google::protobuf::Descriptor& type);

/// The texts among the top fields that are not UTF-8, each name once.
std::vector<Violation> texts_not_utf8(std::string_view bytes, const google::protobuf::Descriptor& type);

}  // namespace productd
