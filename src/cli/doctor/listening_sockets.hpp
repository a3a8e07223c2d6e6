// Whose a port is that is in use.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace productd {

enum class Listens {
    yes,
    no,
    unknown,  ///< The process is gone, or is another user's.
};

/// Whether `process` listens on TCP `port`, on whichever address.
Listens listens_on(pid_t process, std::uint16_t port);

}  // namespace productd
