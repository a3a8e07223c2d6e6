// The first words of a service that serves.
#pragma once

#include <string>

#include "app/health/readiness.hpp"
#include "runtime/certificate/certificate.hpp"
#include "runtime/config/config.hpp"
#include "runtime/service.hpp"

namespace productd {

/// Where each endpoint is, and a curl line that works as it stands; before them, what the service is not ready for.
std::string welcome_text(const Config& config, const Certificate& certificate, ServicePorts ports,
                         const Readiness::Report& report);

/// Fails when a file can hardly be written there: to be asked before anything is started. Empty: none is wanted.
Result<> check_ready_file(const std::filesystem::path& path);

/// `{"pid": …, "http_port": …, "grpc_port": …, "metrics_port": …, "data_dir": "…"}`, written at once as a whole.
Result<> write_ready_file(const std::filesystem::path& path, const Config& config, ServicePorts ports);

}  // namespace productd
