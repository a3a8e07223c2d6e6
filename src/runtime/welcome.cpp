// Text for a person, and for a script. Calls json_text.
#include "runtime/welcome.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "codec/json/json_text.hpp"
#include "runtime/version.hpp"

namespace productd {

namespace {

/// The certificate made here is valid for localhost; another one for names the user knows.
std::string host(const Config& config) {
    const auto& address = config.http.host;
    return address == "127.0.0.1" || address == "0.0.0.0" || address == "::" ? "localhost" : address;
}

Error not_written(const std::filesystem::path& path, std::string_view why) {
    return {
        Errc::failed_precondition,
        fmt::format("The ready file {} cannot be written ({}): choose another with --ready-file.", path.string(), why)};
}

/// A line for each check that fails.
std::string failures_text(const Readiness::Report& report) {
    std::string text;
    for (const auto& check : report.checks) {
        if (check.result) continue;
        const auto& error = check.result.error();
        text += fmt::format("  {:<12} {}\n", check.name, error.detail);
        if (!error.cause.empty()) text += fmt::format("  {:<12} {}\n", "", error.cause);
    }
    return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string welcome_text(const Config& config, const Certificate& certificate, ServicePorts ports,
                         const Readiness::Report& report) {
    const auto at = host(config);
    const auto trust = certificate.made_here ? " --cacert " + certificate.cert_file.string() : std::string();
    return fmt::format(
        "productd {} {}: bus {}, store {}, cache {}, data in {}\n"
        "{}"
        "\n"
        "  REST         https://{}:{}/api/v1/products\n"
        "  gRPC         {}:{} (TLS)\n"
        "  Metrics      http://{}:{}/metrics\n"
        "  Certificate  {}{}\n"
        "  Fingerprint  {}\n"
        "\n"
        "Try it:\n"
        "\n"
        "  curl{} https://{}:{}/api/v1/products -H 'Content-Type: application/json' \\\n"
        "    -d '{{\"name\":\"Chair\",\"description\":\"A wooden "
        "chair\",\"price\":10.5,\"quantity\":3,\"rating\":5}}'\n"
        "\n"
        "Ctrl-C stops it.\n",
        version_text(), report.is_ready ? "is ready" : "runs, but is not ready yet", name(config.engine.bus),
        name(config.engine.store), name(config.engine.cache), config.data.dir, failures_text(report), at, ports.http,
        at, ports.grpc, at, ports.metrics, certificate.cert_file.string(),
        certificate.made_here ? " (made for localhost)" : "", certificate.fingerprint, trust, at, ports.http);
}

Result<> check_ready_file(const std::filesystem::path& path) {
    if (path.empty()) return {};
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return fail(not_written(path, "it is a folder"));
    if (!std::filesystem::is_directory(parent, error)) return fail(not_written(path, "there is no such folder"));
    if (::access(parent.c_str(), W_OK | X_OK) != 0) return fail(not_written(path, std::strerror(errno)));
    return {};
}

Result<> write_ready_file(const std::filesystem::path& path, const Config& config, ServicePorts ports) {
    std::string text = fmt::format(R"({{"pid":{},"http_port":{},"grpc_port":{},"metrics_port":{},"data_dir":)",
                                   getpid(), ports.http, ports.grpc, ports.metrics);
    json::append_string(text, config.data.dir);
    text += "}\n";
    // Who waits for the file must never see half of it.
    auto unfinished = path;
    unfinished += ".new";
    std::error_code error;
    std::filesystem::remove(unfinished, error);  // One that was left by a start that was broken off.
    // In a folder that others write to, a link of this name would choose what is overwritten.
    const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    const bool is_whole = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool is_written = file >= 0 && ::close(file) == 0 && is_whole;
    if (is_written) std::filesystem::rename(unfinished, path, error);
    if (is_written && !error) return {};
    return fail(not_written(path, error ? error.message() : std::strerror(errno)));
}

}  // namespace productd
