// What an error of the server tells, and to whom.
#pragma once

#include <string>

#include "codec/resp.hpp"

namespace productd {

/// The server's own text may repeat what was sent to it, and is never for callers.
enum class ServerText {
    logged,   ///< Into the error's cause, cut to a line's length.
    dropped,  ///< Nowhere: what it answers carried a password.
};

/// Unavailable, `what (OOM).`: of the reply, callers are told its first word, where that is one that Redis has for
/// programs.
Error redis_refusal(const std::string& what, const RespValue& reply, ServerText text = ServerText::logged);

}  // namespace productd
