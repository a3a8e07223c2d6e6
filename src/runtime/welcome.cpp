// Text for a person, and for a script. Calls json_text.
#include "runtime/welcome.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "codec/json/json_text.hpp"
#include "runtime/version.hpp"

namespace productd {

namespace {

std::string in_url(const std::string& address) { return address.contains(':') ? '[' + address + ']' : address; }

/// Where a client on this machine finds it.
std::string shown(const std::string& address) {
    if (address == "127.0.0.1" || address == "0.0.0.0" || address == "::") return "localhost";
    return in_url(address);
}

bool is_for(const Certificate& certificate, std::string_view kind, const std::string& name) {
    return std::ranges::find(certificate.names, fmt::format("{}:{}", kind, name)) != certificate.names.end();
}

/// A shell may take brackets for a pattern.
std::string quoted(const std::string& text) { return text.contains('[') ? '\'' + text + '\'' : text; }

/// What curl is told so that it finds the service, and that the certificate is the right one.
std::string curl_arguments(const std::string& address, const Certificate& certificate, std::uint16_t port) {
    auto host = shown(address);
    std::string arguments = certificate.made_here ? " --cacert " + certificate.cert_file.string() : "";
    const auto name = std::ranges::find_if(
        certificate.names, [](const std::string& one) { return one.starts_with("DNS:") && !one.contains('*'); });
    if (!is_for(certificate, "DNS", host) && is_for(certificate, "IP", address)) {
        host = in_url(address);
    } else if (!is_for(certificate, "DNS", host) && name != certificate.names.end()) {
        arguments += " --connect-to " + quoted(fmt::format("::{}:", host));
        host = name->substr(4);
    }
    return fmt::format("{} {}", arguments, quoted(fmt::format("https://{}:{}/api/v1/products", host, port)));
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

/// Whom it lets in, where that is not everybody.
std::string clients_text(const TlsConfig& tls) {
    if (tls.client_ca_file.empty()) return {};
    const bool is_required = tls.client_certificates == ClientCertificates::required;
    return fmt::format("  Clients      show a certificate that {} has signed, {}\n", tls.client_ca_file,
                       is_required ? "or are refused" : "or none");
}

std::string own_certificate(const TlsConfig& tls) {
    const bool is_needed = !tls.client_ca_file.empty() && tls.client_certificates == ClientCertificates::required;
    return is_needed ? " --cert YOURS.crt --key YOURS.key" : "";
}

}  // namespace

std::string welcome_text(const Config& config, const Certificate& certificate, ServicePorts ports,
                         const Readiness::Report& report) {
    return fmt::format(
        "productd {} {}: bus {}, store {}, cache {}, data in {}\n"
        "{}"
        "\n"
        "  REST         https://{}:{}/api/v1/products\n"
        "  Swagger      https://{}:{}/swagger/index.html\n"
        "  gRPC         {}:{} ({})\n"
        "  Metrics      http://{}:{}/metrics\n"
        "  Certificate  {}{}\n"
        "  Fingerprint  {}\n"
        "{}"
        "\n"
        "Try it:\n"
        "\n"
        "  curl{} -H 'Content-Type: application/json' \\\n"
        "    -d '{{\"name\":\"Chair\",\"description\":\"A wooden "
        "chair\",\"price\":10.5,\"quantity\":3,\"rating\":5}}'\n"
        "\n"
        "Ctrl-C stops it.\n",
        version_text(), report.is_ready ? "is ready" : "runs, but is not ready yet", name(config.engine.bus),
        name(config.engine.store), name(config.engine.cache), config.data.dir, failures_text(report),
        shown(config.http.host), ports.http, shown(config.http.host), ports.http, shown(config.server.address),
        ports.grpc, config.server.tls ? "TLS" : "plain text", shown(config.metrics.host), ports.metrics,
        certificate.cert_file.string(), certificate.made_here ? " (made for localhost)" : "", certificate.fingerprint,
        clients_text(config.tls),
        own_certificate(config.tls) + curl_arguments(config.http.host, certificate, ports.http));
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
