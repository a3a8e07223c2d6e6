// What a service manager such as systemd is told of the service's life (sd_notify(3), decision 33).
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace productd {

/// Tells the manager that started this process, if it asked to be told (NOTIFY_SOCKET). Nothing here fails or blocks:
/// what cannot be told is a warning in the log, and the manager then does what it does with a service that is silent.
class ServiceManager {
public:
    /// Takes the manager's address out of `environment`; where there is none, it tells nobody.
    explicit ServiceManager(const std::vector<std::pair<std::string, std::string>>& environment);

    /// All listeners serve; `status` is a line for people.
    void started(const std::string& status) const;
    /// Between the two the configuration is read again.
    void reload_begins() const;
    void reload_ends() const;
    /// The process ends within `limit`, by itself: the manager must not kill it before.
    void stopping(std::chrono::milliseconds limit) const;

private:
    void tell(const std::string& state) const;

    std::string address_;  ///< Empty: nobody asked.
};

}  // namespace productd
