// One call of the system.
#include "async/thread_name.hpp"

#include <pthread.h>

#include <string>

namespace productd {

void name_this_thread(std::string_view name) {
    constexpr std::size_t bytes_max = 15;  // With the zero behind it Linux takes 16, and refuses what is longer.
    pthread_setname_np(pthread_self(), std::string(name.substr(0, bytes_max)).c_str());
}

}  // namespace productd
