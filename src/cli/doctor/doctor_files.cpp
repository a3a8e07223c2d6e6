// Configuration, data folder and certificate, for `productd doctor`. Reads files and writes none.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/doctor/doctor_checks.hpp"
#include "inbound/tls/tls_context.hpp"
#include "runtime/certificate/certificate.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/data_files.hpp"

namespace productd {

namespace {

constexpr std::uintmax_t disk_bytes_min = 64 << 20;
constexpr std::uintmax_t disk_bytes_wished = std::uintmax_t{1} << 30;
constexpr auto certificate_warning = std::chrono::days(14);
// What the topics of the contract keep beyond Log.Retention when they stand in Kafka: a segment of 12 hours.
constexpr auto segment_time = std::chrono::hours(12);

std::string date_text(std::chrono::sys_seconds time) {
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

/// The folder, or the nearest one above it that is there: what is made will be on its disk.
std::filesystem::path nearest_folder(const std::filesystem::path& folder) {
    std::error_code error;
    auto path = std::filesystem::absolute(folder, error).lexically_normal();
    while (path.has_relative_path() && !std::filesystem::exists(path, error)) path = path.parent_path();
    return path;
}

Finding check_names(const Certificate& certificate) {
    if (!certificate.names.empty()) {
        return {Verdict::ok, fmt::format("{} is for {}, until {}; SHA-256 {}.", certificate.cert_file.string(),
                                         fmt::join(certificate.names, ", "), date_text(certificate.not_after),
                                         certificate.fingerprint)};
    }
    return {Verdict::warn,
            fmt::format("{} names no host (subject alternative name), so clients refuse it: make one with names.",
                        certificate.cert_file.string())};
}

}  // namespace

Findings check_configuration(const Examined& examined) {
    const auto& [config, origins, warnings, notes] = examined.loaded;
    Findings findings;
    for (const auto& warning : warnings) findings.push_back({Verdict::warn, warning});
    if (config.store.tombstone_ttl < config.log.age_max + segment_time) {
        findings.push_back({Verdict::warn,
                            "Store.TombstoneTtl is not half a day longer than Log.Retention: an old event may bring a "
                            "deleted product back."});
    }
    const auto given = std::ranges::count_if(origins, [](const std::string& origin) { return origin != "default"; });
    if (findings.empty())
        findings.push_back({Verdict::ok, fmt::format("{} keys are set, the rest have their defaults.", given)});
    for (const auto& note : notes) findings.push_back({Verdict::ok, note});
    return findings;
}

Findings check_data_folder(const Examined& examined) {
    const auto folder = data_files(examined.loaded.config).folder;
    const auto nearest = nearest_folder(folder);
    std::error_code error;
    if (!std::filesystem::is_directory(nearest, error) || ::access(nearest.c_str(), W_OK | X_OK) != 0) {
        return {{Verdict::fail,
                 fmt::format("{} cannot be written: make it a folder writable for this user, or choose another "
                             "with --data-dir.",
                             nearest.string())}};
    }
    if (std::filesystem::exists(folder / unfinished_restore, error)) {
        return {
            {Verdict::fail, fmt::format("A restore to {} was broken off: run `productd restore` again, which goes on "
                                        "with it.",
                                        folder.string())}};
    }
    const auto space = std::filesystem::space(nearest, error);
    if (error) return {{Verdict::warn, fmt::format("The free space of {} is not known.", nearest.string())}};
    const auto sentence = fmt::format("{} is writable, {} MiB are free", folder.string(), space.available >> 20);
    if (space.available < disk_bytes_min)
        return {{Verdict::fail, sentence + ": free some, or choose another disk with --data-dir."}};
    if (space.available < disk_bytes_wished)
        return {{Verdict::warn, sentence + ": free some before the event log grows."}};
    return {{Verdict::ok, sentence + (examined.running ? "; a service runs on it." : ".")}};
}

Findings check_client_certificates(const Examined& examined) {
    const auto& tls = examined.loaded.config.tls;
    if (tls.client_ca_file.empty()) {
        if (tls.client_certificates == ClientCertificates::required) return {};
        return {{Verdict::warn, "Tls.ClientCertificates means nothing without Tls.ClientCaFile: nobody is asked."}};
    }
    TlsFiles files;
    files.client_ca = tls.client_ca_file;
    if (const auto usable = TlsContext::check_client_ca(files); !usable) {
        return {{Verdict::fail, usable.error().detail}};
    }
    return {{Verdict::ok, fmt::format("REST and gRPC ask clients for a certificate that one of {} has signed ({}).",
                                      tls.client_ca_file, name(tls.client_certificates))}};
}

Findings check_certificate(const Examined& examined) {
    const auto found = existing_certificate(examined.loaded.config);
    if (!found && found.error().code == Errc::not_found) return {{Verdict::ok, found.error().detail}};
    if (!found) return {{Verdict::fail, found.error().detail}};
    const auto name = found->cert_file.string();
    const auto until = date_text(found->not_after);
    if (found->not_before > examined.now)
        return {{Verdict::fail, fmt::format("{} is not valid yet: check the clock.", name)}};
    if (found->not_after < examined.now) {
        if (found->made_here)
            return {{Verdict::ok, fmt::format("{} ended on {}; the next start makes a new one.", name, until)}};
        return {{Verdict::fail, fmt::format("{} ended on {}: renew it.", name, until)}};
    }
    if (found->not_after < examined.now + certificate_warning && !found->made_here) {
        return {{Verdict::warn, fmt::format("{} ends on {}: renew it.", name, until)}};
    }
    return {check_names(*found)};
}

}  // namespace productd
