// An error in one line, for whoever runs the service.
#pragma once

#include <string>

#include "domain/result.hpp"

namespace productd {

/// What failed and, where it is known, why: a cause that is a sentence stands behind it, any other in brackets.
inline std::string with_cause(const Error& error) {
    if (error.cause.empty()) return error.detail;
    if (error.detail.empty()) return error.cause;
    if (error.cause.ends_with('.')) return error.detail + ' ' + error.cause;
    return error.detail + " (" + error.cause + ')';
}

}  // namespace productd
