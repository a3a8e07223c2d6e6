// The name a thread has for the system: in top, in a debugger, in /proc.
#pragma once

#include <string_view>

namespace productd {

/// Names the calling thread; Linux takes the first 15 bytes. A thread without one has the name of who started it.
void name_this_thread(std::string_view name);

}  // namespace productd
