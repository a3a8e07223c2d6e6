// Any frames, split anywhere, must neither break the session nor hold what it has given back. Drives Http2Frames. The
// first byte says how they are split and what becomes of requests.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/byte_budget.hpp"
#include "inbound/http/http2/http2_frames.hpp"

namespace {

using namespace productd;

constexpr std::size_t budget_bytes = 32'768;
constexpr std::size_t output_bytes_max = 96 * 1024;  // 64 KiB, and the frames begun below that.

void require(bool holds) {
    if (!holds) std::abort();
}

HttpServerSettings settings() {
    HttpServerSettings made;
    made.limits = {.header_bytes_max = 4'096, .headers_max = 32, .body_bytes_max = 8'192, .streams_max = 8};
    made.requests_bytes = std::make_shared<ByteBudget>(budget_bytes);
    made.answers_bytes = std::make_shared<ByteBudget>(budget_bytes);
    return made;
}

class Session : public Http2Frames::Owner {
public:
    Session(HttpListener& listener, unsigned way) : exchange_(listener), way_(way), frames_(listener.settings, *this) {}

    void read(std::string_view bytes, std::size_t step) {
        for (std::size_t at = 0; at < bytes.size() && !frames_.is_over(); at += step) {
            frames_.feed(bytes.substr(at, step), std::chrono::steady_clock::time_point{} + std::chrono::hours(1));
            std::string out;
            frames_.collect(out);
            require(out.size() <= output_bytes_max);
            if (way_ % 4 == 3) answer_all();
        }
        answer_all();
        std::string out;
        frames_.collect(out);
    }

private:
    void arrived(const Http2Frames::StreamPtr& stream) override {
        require(stream->refusal || stream->is_whole);
        require(stream->request.body.size() <= 8'192 && stream->request.headers.size() <= 33);
        switch (way_ % 4) {
            case 0: return answer(*stream);
            case 1: return frames_.reset(*stream, NGHTTP2_REFUSED_STREAM);
            default: waiting_.push_back(stream);
        }
    }
    void closed(const Http2Frames::StreamPtr& stream) override { require(stream->is_closed); }
    void rejected(std::string_view) override {}

    void answer_all() {
        for (const auto& stream : std::exchange(waiting_, {})) answer(*stream);
    }
    void answer(Http2Stream& stream) {
        stream.call.method = stream.request.method;
        stream.response.body.assign(way_ * 400, 'x');
        frames_.release(stream);
        frames_.answer(stream, Http2Fields(exchange_, stream.call, stream.response));
    }

    HttpExchange exchange_;
    const unsigned way_;
    Http2Frames frames_;
    std::vector<Http2Frames::StreamPtr> waiting_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Metrics metrics;
    static HttpListener listener(settings(), {}, metrics);
    if (size == 0) return 0;
    std::string bytes(NGHTTP2_CLIENT_MAGIC);
    bytes.append("\0\0\0\x04\0\0\0\0\0", 9);  // SETTINGS, so that what follows is looked at.
    bytes.append(reinterpret_cast<const char*>(data) + 1, size - 1);
    {
        Session session(listener, data[0]);
        session.read(bytes, data[0] < 128 ? bytes.size() : 1U + data[0] % 32U);
        require(listener.settings.requests_bytes->held() <= budget_bytes);
    }
    require(listener.settings.requests_bytes->held() == 0);
    require(listener.settings.answers_bytes->held() == 0);
    return 0;
}
