// What the tests of both readings of a request share.
#pragma once

#include <product/product.pb.h>

#include <string>
#include <vector>

#include "domain/result.hpp"

namespace productd {

/// Field and code of each violation.
inline std::vector<std::string> faults(const Error& error) {
    std::vector<std::string> found;
    found.reserve(error.violations.size());
    for (const auto& violation : error.violations) found.push_back(violation.field + " " + violation.code);
    return found;
}

inline proto::UpdateReq update_of_chair() {
    proto::UpdateReq request;
    request.set_productid("6b03ef3e1b0abb1f10e4ee16");
    request.set_name("Chair");
    request.set_description("A wooden chair");
    request.set_price(10.5);
    return request;
}

}  // namespace productd
