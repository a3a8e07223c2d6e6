// Why a server cannot listen on its address.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>

#include "domain/result.hpp"

namespace productd {

/// failed_precondition, with one sentence that says what to do.
Error not_listening(const std::string& address, std::uint16_t port, const boost::system::error_code& error);

}  // namespace productd
