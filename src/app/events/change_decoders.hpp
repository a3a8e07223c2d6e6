// How the payload of each kind of change is read: what the rows of the topic table name.
#pragma once

#include "domain/decide.hpp"

namespace productd {

struct Message;

/// Reads a message that has a value; its kind, time and source are decode_event()'s. invalid_argument: it never will be
/// read.
using ChangeDecoder = Result<Change> (*)(const Message& message);

/// Without an id it makes a product whose id follows from the message's position.
Result<Change> decode_create(const Message& message);
Result<Change> decode_update(const Message& message);
Result<Change> decode_remove(const Message& message);

}  // namespace productd
