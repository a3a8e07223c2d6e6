// Limits of calls, and streams of the driver's kind that heed them. Calls libmongoc's own streams.
#include "outbound/mongo/mongo_time.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include "outbound/destroyed_by.hpp"

/// Connects as a client does that has no initiator of its own, with TLS as its URI says. The library exports it, but
/// its headers do not tell; a release without it does not link.
extern "C" mongoc_stream_t* mongoc_client_default_stream_initiator(const mongoc_uri_t* uri,
                                                                   const mongoc_host_list_t* host, void* client,
                                                                   bson_error_t* error);

namespace productd {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds answer_time_max{100};  ///< Of what is left, for the answer's way.
constexpr milliseconds connect_min{1'000};

/// A call runs on one thread from its begin to its end, and nothing of the driver tells a stream whose call it serves.
thread_local Deadline patience_of_thread = Deadline::max();

/// A stream around the driver's own. The driver knows streams by this struct of functions, as those in C do.
struct BoundedStream {
    mongoc_stream_t stream{};  ///< First, for the driver's pointers to be ours.
    mongoc_stream_t* base = nullptr;
    Deadline greets_until;
    bool ran_out = false;
};

BoundedStream& self(mongoc_stream_t* stream) { return *reinterpret_cast<BoundedStream*>(stream); }

/// The driver's time-out (below 0: none), or what is left where that is less. Nothing left is -1, and an error.
std::optional<std::int32_t> time_left(BoundedStream& stream, std::int32_t given) {
    const auto until = std::max(patience_of_thread, stream.greets_until);
    if (until == Deadline::max()) return given;
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    if (left <= 0) {
        stream.ran_out = true;
        errno = ETIMEDOUT;
        return std::nullopt;
    }
    return static_cast<std::int32_t>(std::min<std::int64_t>(left, given < 0 ? INT32_MAX : given));
}

ssize_t write_in_time(mongoc_stream_t* stream, mongoc_iovec_t* parts, size_t count, std::int32_t timeout) {
    const auto left = time_left(self(stream), timeout);
    return left ? mongoc_stream_writev(self(stream).base, parts, count, *left) : -1;
}

ssize_t read_in_time(mongoc_stream_t* stream, mongoc_iovec_t* parts, size_t count, size_t bytes_min,
                     std::int32_t timeout) {
    const auto left = time_left(self(stream), timeout);
    return left ? mongoc_stream_readv(self(stream).base, parts, count, bytes_min, *left) : -1;
}

/// Of its `base`, which it owns.
mongoc_stream_t* bounded(mongoc_stream_t* base, Deadline greets_until) {
    constexpr int kind_of_ours = 1'000;  // None of the driver's.
    auto made = std::make_unique<BoundedStream>(
        BoundedStream{.stream = {}, .base = base, .greets_until = greets_until, .ran_out = false});
    auto& stream = made->stream;
    stream.type = kind_of_ours;
    stream.writev = write_in_time;
    stream.readv = read_in_time;
    stream.destroy = [](mongoc_stream_t* it) {
        const std::unique_ptr<BoundedStream> owned(&self(it));
        mongoc_stream_destroy(owned->base);
    };
    stream.failed = [](mongoc_stream_t* it) {
        const std::unique_ptr<BoundedStream> owned(&self(it));
        mongoc_stream_failed(owned->base);
    };
    stream.close = [](mongoc_stream_t* it) { return mongoc_stream_close(self(it).base); };
    stream.flush = [](mongoc_stream_t* it) { return mongoc_stream_flush(self(it).base); };
    stream.setsockopt = [](mongoc_stream_t* it, int level, int name, void* value, mongoc_socklen_t length) {
        return mongoc_stream_setsockopt(self(it).base, level, name, value, length);
    };
    stream.get_base_stream = [](mongoc_stream_t* it) { return self(it).base; };
    stream.check_closed = [](mongoc_stream_t* it) { return mongoc_stream_check_closed(self(it).base); };
    // The driver takes a server for lost whose connection breaks, and not one that is late.
    stream.timed_out = [](mongoc_stream_t* it) { return self(it).ran_out || mongoc_stream_timed_out(self(it).base); };
    stream.should_retry = [](mongoc_stream_t* it) { return mongoc_stream_should_retry(self(it).base); };
    return &made.release()->stream;
}

mongoc_stream_t* connect_in_time(const mongoc_uri_t* uri, const mongoc_host_list_t* host, void* client,
                                 bson_error_t* error) {
    using Uri = std::unique_ptr<mongoc_uri_t, DestroyedBy<mongoc_uri_destroy>>;
    const auto began = Clock::now();
    const Uri in_time(mongoc_uri_copy(uri));
    if (patience_of_thread != Deadline::max()) {
        const auto left = std::max(std::chrono::ceil<milliseconds>(patience_of_thread - began), connect_min).count();
        const auto given = mongoc_uri_get_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, INT32_MAX);
        const auto most = static_cast<std::int32_t>(std::min<std::int64_t>(left, given > 0 ? given : INT32_MAX));
        mongoc_uri_set_option_as_int32(in_time.get(), MONGOC_URI_CONNECTTIMEOUTMS, most);
    }
    auto* base = mongoc_client_default_stream_initiator(in_time.get(), host, client, error);
    return base ? bounded(base, began + connect_min) : nullptr;
}

}  // namespace

std::optional<milliseconds> mongo_server_time(Deadline deadline) {
    const auto left = deadline - Clock::now();
    if (left <= left.zero()) return std::nullopt;
    const auto on_the_way = std::min<Clock::duration>(left / 10, answer_time_max);
    const auto time = std::chrono::floor<milliseconds>(left - on_the_way);
    return std::clamp<milliseconds>(time, milliseconds{1}, milliseconds{INT32_MAX});
}

MongoPatience::MongoPatience(Deadline deadline) : before_(patience_of_thread) {
    patience_of_thread = deadline < Deadline::max() - grace ? deadline + grace : Deadline::max();
}

MongoPatience::~MongoPatience() { patience_of_thread = before_; }

void bound_connections(mongoc_client_t& client) {
    mongoc_client_set_stream_initiator(&client, connect_in_time, &client);
}

}  // namespace productd
