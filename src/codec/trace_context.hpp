// The header `traceparent` of W3C trace context (https://www.w3.org/TR/trace-context/), as every surface reads it.
#pragma once

#include <string>
#include <string_view>

namespace productd {

/// `text` if it has the form of version 00, `00-<32 hex>-<16 hex>-<2 hex>`, else empty: what may travel in an event.
std::string traceparent_or_empty(std::string_view text);

/// The 32 hexadecimal digits of the trace, also of later versions, which may be longer; empty when there are none.
/// Points into `traceparent`.
std::string_view trace_id(std::string_view traceparent);

}  // namespace productd
