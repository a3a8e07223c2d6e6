// Takes a reply apart. Calls nobody.
#include "outbound/redis/redis_refusal.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace productd {

namespace {

constexpr std::size_t text_bytes_max = 300;

/// What Redis, its cluster and its sentinels begin an error with
/// (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). Any other word may be part of what
/// was sent.
constexpr std::array<std::string_view, 24> words{
    "ERR",      "WRONGPASS", "NOAUTH",     "NOPERM",     "NOPROTO",     "DENIED",    "LOADING", "READONLY",
    "MISCONF",  "OOM",       "BUSY",       "MASTERDOWN", "CLUSTERDOWN", "MOVED",     "ASK",     "NOSCRIPT",
    "TRYAGAIN", "EXECABORT", "NOREPLICAS", "WRONGTYPE",  "CROSSSLOT",   "UNBLOCKED", "IOERR",   "BUSYGROUP",
};

}  // namespace

Error redis_refusal(const std::string& what, const RespValue& reply, ServerText text) {
    const auto word = std::string_view(reply.text).substr(0, reply.text.find(' '));
    const bool is_known = std::ranges::find(words, word) != words.end();
    auto error = unavailable(is_known ? what + " (" + std::string(word) + ")." : what + '.');
    if (text == ServerText::logged) error.cause = reply.text.substr(0, text_bytes_max);
    return error;
}

}  // namespace productd
