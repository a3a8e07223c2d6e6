// Any bytes, split anywhere, must be read as the same requests: a proxy in front may split them otherwise. Drives
// HttpParser. The first byte says how the second reading is split.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "inbound/http/http1/http_parser.hpp"

namespace {

using productd::HttpParser;

const productd::HttpLimits limits{.header_bytes_max = 4'096, .headers_max = 32, .body_bytes_max = 8'192};

void require(bool holds) {
    if (!holds) std::abort();
}

struct Reading {
    std::vector<std::string> requests;
    bool refused = false;
};

std::string text_of(const productd::HttpRequest& request, bool keep_alive) {
    std::string text = request.method + ' ' + request.target + (keep_alive ? " +\n" : " -\n");
    for (const auto& [name, value] : request.headers) text += name + ": " + value + '\n';
    return text + '\n' + request.body;
}

void check(const productd::HttpRequest& request) {
    require(!request.method.empty() && request.method.size() <= 32);
    require(request.target.starts_with('/') || request.target == "*");
    require(request.headers.size() <= limits.headers_max);
    require(request.body.size() <= limits.body_bytes_max);
    for (const auto& [name, value] : request.headers) {
        require(!name.empty() && std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }));
        require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    }
}

Reading read(std::string_view bytes, std::size_t step) {
    HttpParser parser(limits);
    Reading reading;
    std::size_t used = 0, offered = 0;
    while (true) {
        used += parser.feed(bytes.substr(used, offered - used));
        require(used <= offered);
        if (parser.state() == HttpParser::State::refused) {
            require(parser.refusal().status >= 400 && !parser.refusal().detail.empty());
            reading.refused = true;
            return reading;
        }
        if (parser.state() == HttpParser::State::complete) {
            const bool keep_alive = parser.keep_alive();
            const auto request = parser.take();
            check(request);
            reading.requests.push_back(text_of(request, keep_alive));
        } else if (offered == bytes.size()) {
            return reading;
        } else {
            offered = std::min(bytes.size(), offered + step);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = read(bytes, bytes.size());
    const auto split = read(bytes, std::size_t{data[0]} + 1);
    // What is wrong is found sooner or later, so one of them may still be waiting.
    require(whole.requests == split.requests);
    return 0;
}
