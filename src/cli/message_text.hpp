// A message of the log as a line.
#pragma once

#include <string>

#include "app/ports/message_log.hpp"

namespace productd {

/// For a person: position, time, key and value with blanks between. Control characters are `\xNN`; what is not UTF-8
/// is `base64:…`.
void append_text_line(std::string& out, const Message& message);

/// For a program: a JSON object with topic, partition, offset, time, key, value and headers. Bytes that are not UTF-8
/// stand under `keyBase64`, `valueBase64` instead.
void append_json_line(std::string& out, const Message& message);

}  // namespace productd
