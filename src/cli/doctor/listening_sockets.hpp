// Whose a port is that is in use.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace productd {

enum class Listens {
    yes,
    no,
    unknown,  ///< The process is gone, is another user's, or its unit of systemd shuts it off from its own
              ///< (PrivateUsers).
};

/// Whether `process` listens on TCP `port`, on whichever address.
Listens listens_on(pid_t process, std::uint16_t port);

}  // namespace productd
