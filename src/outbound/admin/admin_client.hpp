// A question to a running service, through the Unix socket in its data folder.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "async/async.hpp"

namespace productd {

/// Whether a service listens on `socket`. A file left by one that was killed does not count.
bool service_listens(const std::filesystem::path& socket);

/// The process that listens there; nothing when none does, or it cannot be seen.
std::optional<pid_t> service_process(const std::filesystem::path& socket);

struct AdminClientSettings {
    std::filesystem::path socket;               ///< `<data>/admin.sock`.
    std::chrono::milliseconds timeout{30'000};  ///< For one call.
    std::size_t answer_bytes_max = 128 << 20;
};

/// Every call is one connection. Fails with unavailable when no service listens, with permission_denied when another
/// user's process does, and with the service's error.
class AdminClient {
public:
    explicit AdminClient(AdminClientSettings settings) : settings_(std::move(settings)) {}

    enum class Method { get, post };
    /// The JSON the service answers.
    Task<std::string> call(Method method, std::string target, std::string body = {});

private:
    AdminClientSettings settings_;
};

}  // namespace productd
