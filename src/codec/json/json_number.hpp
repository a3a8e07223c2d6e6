// The numbers of JSON as they were sent: digits, before anything that may round.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace productd::json {

/// Why a number is not taken: a violation's code, and its sentence after the member's name.
struct NumberFault {
    const char* code;
    const char* rule;
};

/// Whether `text` is a number as RFC 8259 writes one, of any size.
bool is_number(std::string_view text);

/// The double for `number`, which is_number. Refused unless the double, printed with as many significant digits as were
/// sent, is the number sent; zeros in front and at the end are not significant.
std::expected<double, NumberFault> exact_double(std::string_view number);

/// The integer for `number`, which is_number. 5.0 is 5; any other fraction, and an exponent, are refused.
std::expected<std::int64_t, NumberFault> exact_integer(std::string_view number);

}  // namespace productd::json
