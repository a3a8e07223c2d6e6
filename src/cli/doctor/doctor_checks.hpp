// What `productd doctor` looks at. Each check writes nothing and changes nothing.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "runtime/config/config.hpp"

namespace productd {

enum class Verdict { ok, warn, fail };

struct Finding {
    Verdict verdict = Verdict::ok;
    std::string sentence;  ///< What was found and, unless it is ok, what to do.
};

using Findings = std::vector<Finding>;

struct Examined {
    const LoadedConfig& loaded;
    std::chrono::system_clock::time_point now;
    bool running = false;                         ///< A service serves from this data folder,
    std::optional<pid_t> service = std::nullopt;  ///< and this is its process, where that can be seen.
};

// The machine.
Findings check_ports(const Examined& examined);
Findings check_open_files(const Examined& examined);
Findings check_clock(const Examined& examined);

// The files.
Findings check_configuration(const Examined& examined);
Findings check_data_folder(const Examined& examined);
Findings check_certificate(const Examined& examined);
Findings check_client_certificates(const Examined& examined);

// The databases and the cache.
Findings check_databases(const Examined& examined);
Findings check_cache(const Examined& examined);

// The brokers, with bus: kafka; nothing to say otherwise.
Findings check_kafka(const Examined& examined);

}  // namespace productd
