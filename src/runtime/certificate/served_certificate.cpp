// Prepares both servers before either changes. Calls TlsContext, GrpcServer and the maker of certificates.
#include "runtime/certificate/served_certificate.hpp"

#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::hours renewal_interval{1};

}  // namespace

Result<> ServedCertificate::load(const Config& config, std::chrono::system_clock::time_point now) {
    config_ = &config;
    auto found = certificate_for(config, now);
    if (!found) return fail(std::move(found).error());
    certificate_ = std::move(*found);
    const auto& protocols = config.http.http2 ? TlsContext::http2_first : TlsContext::http1_only;
    TlsFiles files{certificate_.cert_file, certificate_.key_file, "Tls.CertFile", "Tls.KeyFile"};
    files.client_ca = config.tls.client_ca_file;
    files.client_certificate_required = config.tls.client_certificates == ClientCertificates::required;
    auto loaded = TlsContext::load(std::move(files), protocols);
    if (!loaded) return fail(std::move(loaded).error());
    tls_ = std::move(*loaded);
    return {};
}

void ServedCertificate::show_on(GrpcServer& grpc) {
    const std::scoped_lock lock(mutex_);
    grpc_ = &grpc;
}

Certificate ServedCertificate::current() const {
    const std::scoped_lock lock(mutex_);
    return certificate_;
}

/// The files are read for each server; that they were the same for both is seen by what they hold before and after.
Result<> ServedCertificate::show_anew() {
    const std::scoped_lock lock(mutex_);
    auto before = read_certificate(certificate_.cert_file, certificate_.key_file);
    if (!before) return fail(std::move(before).error());
    auto for_http = tls_->prepare();
    if (!for_http) return fail(std::move(for_http).error());
    std::function<void()> show_on_grpc;
    if (grpc_ != nullptr) {
        auto prepared = grpc_->prepare_certificate();
        if (!prepared) return fail(std::move(prepared).error());
        show_on_grpc = std::move(*prepared);
    }
    auto after = read_certificate(certificate_.cert_file, certificate_.key_file);
    if (!after || after->fingerprint != before->fingerprint) {
        return fail(unavailable("The certificate's files changed while they were read: send SIGHUP again."));
    }
    tls_->use(std::move(*for_http));
    if (show_on_grpc) show_on_grpc();
    after->made_here = certificate_.made_here;
    certificate_ = std::move(*after);
    return {};
}

void ServedCertificate::reload() {
    auto shown = show_anew();
    if (!shown) return log::error("The certificate stays as it was", {{"error", shown.error().detail}});
    log::info("The certificate was read again",
              {{"file", current().cert_file.string()}, {"client_ca", config_->tls.client_ca_file}});
}

bool ServedCertificate::renew_if_due(std::chrono::system_clock::time_point now) {
    const auto known = current();
    if (!known.made_here) return false;
    auto renewed = certificate_for(*config_, now);
    if (renewed && renewed->fingerprint == known.fingerprint) return false;
    auto shown = renewed ? show_anew() : Result<>(fail(renewed.error()));
    if (!shown) {
        log::error("The certificate made here could not be renewed; it is tried again in an hour",
                   {{"error", shown.error().detail}});
        return false;
    }
    log::warn("The certificate made here was renewed before it ends: clients that trust the old one need the new one",
              {{"file", known.cert_file.string()}, {"fingerprint", current().fingerprint}});
    return true;
}

asio::awaitable<void> ServedCertificate::watch() {
    Signal stopped(co_await asio::this_coro::executor);
    stopped_ = &stopped;
    while (!stopping_) {
        co_await stopped_->wait_until(std::chrono::steady_clock::now() + renewal_interval);
        if (!stopping_) renew_if_due(std::chrono::system_clock::now());
    }
    stopped_ = nullptr;
}

void ServedCertificate::stop() {
    stopping_ = true;
    if (stopped_ != nullptr) stopped_->notify();
}

}  // namespace productd
