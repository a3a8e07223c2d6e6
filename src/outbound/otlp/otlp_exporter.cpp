// One request at a time, by a stub that knows bytes only. Calls gRPC.
#include "outbound/otlp/otlp_exporter.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <fstream>
#include <iterator>
#include <random>

#include "async/backoff.hpp"
#include "async/thread_name.hpp"
#include "telemetry/log.hpp"
#include "tracing/otlp_wire.hpp"
#include "tracing/span_names.hpp"

namespace productd {

namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;
using namespace otlp;

constexpr const char* method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

// opentelemetry-proto 1.3: collector/trace/v1, trace/v1, resource/v1, common/v1.
constexpr unsigned resource_spans = 1;                                  // ExportTraceServiceRequest
constexpr unsigned resource = 1, scope_spans = 2, resource_schema = 3;  // ResourceSpans
constexpr unsigned scope = 1, spans_field = 2, scope_schema = 3;        // ScopeSpans
constexpr unsigned resource_attributes = 1;                             // Resource
constexpr unsigned scope_name = 1, scope_version = 2;                   // InstrumentationScope
constexpr std::uint64_t partial_success_tag = 1 << 3 | bytes_form;      // ExportTraceServiceResponse
constexpr std::uint64_t rejected_spans_tag = 1 << 3 | varint_form;      // ExportTracePartialSuccess

constexpr std::size_t request_bytes_max = 2 << 20;  // gRPC takes 4 MiB where nobody says otherwise.
constexpr auto line_pause = 1min;
constexpr auto look_around = 50ms;  ///< How soon a request notices that the end has come.

/// By OTLP's own list (https://opentelemetry.io/docs/specs/otlp/#failures). What is exhausted may be had later only if
/// the collector says when, which we do not read.
bool may_be_tried_again(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::CANCELLED:
        case grpc::StatusCode::DEADLINE_EXCEEDED:
        case grpc::StatusCode::ABORTED:
        case grpc::StatusCode::OUT_OF_RANGE:
        case grpc::StatusCode::UNAVAILABLE:
        case grpc::StatusCode::DATA_LOSS: return true;
        default: return false;
    }
}

std::shared_ptr<grpc::Channel> channel_to(const OtlpSettings& settings) {
    const auto endpoint = parse_otlp_endpoint(settings.endpoint);
    grpc::ChannelArguments arguments;
    // A connection of its own, which comes back soon after the collector does.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
    if (!endpoint.is_tls) {
        return grpc::CreateCustomChannel(endpoint.target, grpc::InsecureChannelCredentials(), arguments);
    }
    grpc::SslCredentialsOptions options;
    if (!settings.ca_file.empty()) {
        std::ifstream file(settings.ca_file);
        options.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
    }
    return grpc::CreateCustomChannel(endpoint.target, grpc::SslCredentials(options), arguments);
}

/// How many spans the collector says it will not take.
std::uint64_t rejected(const grpc::ByteBuffer& reply) {
    grpc::Slice slice;
    if (!reply.Valid() || !reply.TrySingleSlice(&slice).ok()) return 0;
    packed::Reader response({reinterpret_cast<const char*>(slice.begin()), slice.size()});
    if (response.number() != partial_success_tag) return 0;
    packed::Reader partial(response.bytes(response.number()));
    if (partial.number() != rejected_spans_tag) return 0;
    const auto spans = partial.number();
    return partial.ok() ? spans : 0;
}

}  // namespace

struct OtlpExporter::Channel {
    explicit Channel(const OtlpSettings& settings) : stub(channel_to(settings)) {}
    ~Channel() {
        queue.Shutdown();
        void* tag = nullptr;
        bool ok = false;
        while (queue.Next(&tag, &ok)) {
        }
    }
    grpc::GenericStub stub;
    grpc::CompletionQueue queue;
};

OtlpExporter::OtlpExporter(Tracer& tracer, OtlpSettings settings)
    : tracer_(tracer), settings_(std::move(settings)), channel_(std::make_unique<Channel>(settings_)) {
    for (const auto& [key, value] : settings_.resource) {
        put_attribute(resource_, resource_attributes, key, std::string_view(value));
    }
    put_bytes(scope_, scope_name, "productd");
    put_bytes(scope_, scope_version, settings_.scope_version);
    thread_ = std::thread([this] { run(); });
}

OtlpExporter::~OtlpExporter() { close(steady_clock::now()); }

void OtlpExporter::close(Deadline deadline) {
    if (!thread_.joinable()) return;
    give_up_at_ = deadline;
    is_closing_ = true;
    tracer_.wake();
    thread_.join();
    given_up_ += tracer_.take(tracer_.waiting()).size();
}

void OtlpExporter::run() {
    name_this_thread("span-export");
    while (true) {
        const bool is_last = is_closing_;
        auto spans = tracer_.take(settings_.batch_spans_max, request_bytes_max);
        if (!spans.empty()) {
            send(spans);
        } else if (is_last) {
            return;
        } else {
            tracer_.wait(settings_.batch_spans_max, steady_clock::now() + settings_.interval);
        }
    }
}

/// Until the collector has taken or refused them, or time is over.
void OtlpExporter::send(const std::vector<std::string>& spans) {
    const auto request = request_of(spans);
    const auto began = steady_clock::now();
    Backoff backoff({.min = 200ms, .max = 5'000ms}, std::random_device{}());
    for (int attempt = 1; !is_over(); ++attempt) {
        const auto sent = send_once(request, spans.size());
        if (sent == Sent::taken) return;
        if (sent == Sent::refused) {
            refused_ += spans.size();
            return;
        }
        if (steady_clock::now() - began > settings_.retry_max) break;
        const auto pause = is_closing_ ? 100ms : backoff.wait(attempt);
        // What ends meanwhile wakes nobody here: only the end does.
        tracer_.wait(SIZE_MAX, std::min(give_up_at_.load(), steady_clock::now() + pause));
    }
    given_up_ += spans.size();
}

OtlpExporter::Sent OtlpExporter::send_once(const std::string& request, std::size_t spans) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + settings_.timeout);
    for (const auto& [name, value] : settings_.headers) context.AddMetadata(name, value);
    const grpc::Slice slice(request);
    const grpc::ByteBuffer bytes(&slice, 1);
    auto call = channel_->stub.PrepareUnaryCall(&context, method, bytes, &channel_->queue);
    grpc::ByteBuffer reply;
    grpc::Status status;
    call->StartCall();
    call->Finish(&reply, &status, this);
    void* tag = nullptr;
    bool ok = false;
    while (channel_->queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + look_around) ==
           grpc::CompletionQueue::TIMEOUT) {
        if (is_over()) context.TryCancel();
    }
    if (!status.ok()) {
        note_failure(std::to_string(status.error_code()), settings_.headers.empty() ? status.error_message() : "");
        return may_be_tried_again(status.error_code()) ? Sent::again : Sent::refused;
    }
    note_success();
    const auto left_out = std::min<std::uint64_t>(rejected(reply), spans);
    sent_ += spans - left_out;
    refused_ += left_out;
    return Sent::taken;
}

std::string OtlpExporter::request_of(const std::vector<std::string>& spans) const {
    std::size_t bytes = 0;
    for (const auto& span : spans) bytes += 1 + packed::text_bytes(span);
    std::string in_scope;
    in_scope.reserve(bytes + scope_.size() + 256);
    put_bytes(in_scope, scope, scope_);
    for (const auto& span : spans) put_bytes(in_scope, spans_field, span);
    put_bytes(in_scope, scope_schema, span_name::schema_url);

    std::string of_resource;
    of_resource.reserve(in_scope.size() + resource_.size() + 256);
    put_bytes(of_resource, resource, resource_);
    put_bytes(of_resource, scope_spans, in_scope);
    put_bytes(of_resource, resource_schema, span_name::schema_url);

    std::string request;
    request.reserve(of_resource.size() + 16);
    put_bytes(request, resource_spans, of_resource);
    return request;
}

void OtlpExporter::note_failure(const std::string& code, const std::string& cause) {
    ++failures_;
    is_up_ = false;
    const auto now = steady_clock::now();
    if (now < next_line_) return;
    next_line_ = now + line_pause;
    log::warn("Traces cannot be sent; what is lost of them is counted",
              {{"endpoint", parse_otlp_endpoint(settings_.endpoint).target},
               {"grpc_code", code},
               {"cause", cause},
               {"setting", "Tracing.Endpoint"}});
}

void OtlpExporter::note_success() {
    if (is_up_.exchange(true)) return;
    if (steady_clock::now() < next_line_) next_line_ = steady_clock::now() + line_pause;
    log::info("Traces are sent again", {{"endpoint", parse_otlp_endpoint(settings_.endpoint).target}});
}

OtlpExporter::Counts OtlpExporter::counts() const {
    return {sent_.load(), refused_.load(), given_up_.load(), failures_.load(), is_up_.load()};
}

}  // namespace productd
