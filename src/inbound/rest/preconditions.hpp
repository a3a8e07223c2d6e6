// If-Match and If-None-Match, in the order of RFC 9110 13.2.2. Nothing here has a date, so those of dates are ignored.
#pragma once

#include <optional>

#include "domain/product.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

enum class Precondition {
    holds,
    is_known,  ///< If-None-Match names what there is: 304 to who reads, 412 to who writes.
    fails,     ///< If-Match names something else: 412.
};

/// What the request asks of what there is, which is at `version`; without one it has no tag, and only `*` is it.
Precondition precondition(const HttpRequest& request, std::optional<Version> version);

}  // namespace productd
