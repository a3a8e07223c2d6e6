// Reads what a span is sent as, for tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codec/packed.hpp"
#include "tracing/span_names.hpp"
#include "tracing/tracer.hpp"

namespace productd::test {

/// A message of protocol buffers by its fields, each as often as it came: numbers as text, bytes as they are.
inline std::multimap<std::uint64_t, std::string> fields_of(std::string_view bytes) {
    std::multimap<std::uint64_t, std::string> fields;
    packed::Reader reader(bytes);
    while (!reader.rest().empty()) {
        const auto tag = reader.number();
        switch (tag & 7) {
            case 0: fields.emplace(tag >> 3, std::to_string(reader.number())); break;
            case 1: fields.emplace(tag >> 3, reader.bytes(8)); break;
            case 2: fields.emplace(tag >> 3, reader.text()); break;
            case 5: fields.emplace(tag >> 3, reader.bytes(4)); break;
            default: return {};
        }
    }
    return reader.ok() ? fields : std::multimap<std::uint64_t, std::string>{};
}

inline std::string field(const std::multimap<std::uint64_t, std::string>& fields, std::uint64_t number) {
    const auto it = fields.find(number);
    return it == fields.end() ? std::string() : it->second;
}

inline std::map<std::string, std::string> attributes_of(const std::multimap<std::uint64_t, std::string>& fields,
                                                        std::uint64_t number) {
    std::map<std::string, std::string> attributes;
    const auto [begin, end] = fields.equal_range(number);
    for (auto it = begin; it != end; ++it) {
        const auto pair = fields_of(it->second);
        const auto value = fields_of(field(pair, 2));
        attributes[field(pair, 1)] = value.empty() ? std::string() : value.begin()->second;
    }
    return attributes;
}

struct SentSpan {
    SpanContext context;
    std::string parent;  ///< The bytes of its id; empty for a root.
    std::string name;
    std::string tracestate;
    int kind = 0;
    std::uint64_t start = 0, end = 0;  ///< Nanoseconds.
    std::map<std::string, std::string> attributes;
    std::vector<std::string> links;  ///< The bytes of their spans' ids.
    std::string status;              ///< Its message; `error` alone says that it failed.
    bool failed = false;
    std::map<std::string, std::string> exception;
};

inline std::uint64_t fixed64(std::string_view bytes) {
    std::uint64_t number = 0;
    if (bytes.size() == sizeof number) __builtin_memcpy(&number, bytes.data(), sizeof number);
    return number;
}

template <std::size_t Size>
std::string bytes_of(const std::array<std::uint8_t, Size>& id) {
    return {reinterpret_cast<const char*>(id.data()), id.size()};
}

inline SentSpan sent_span(const std::string& bytes) {
    const auto fields = fields_of(bytes);
    SentSpan span;
    field(fields, 1).copy(reinterpret_cast<char*>(span.context.trace.data()), span.context.trace.size());
    field(fields, 2).copy(reinterpret_cast<char*>(span.context.span.data()), span.context.span.size());
    span.context.is_sampled = !field(fields, 16).empty() && (field(fields, 16)[0] & 1) != 0;
    span.tracestate = field(fields, 3);
    span.parent = field(fields, 4);
    span.name = field(fields, 5);
    span.kind = std::atoi(field(fields, 6).c_str());
    span.start = fixed64(field(fields, 7));
    span.end = fixed64(field(fields, 8));
    span.attributes = attributes_of(fields, 9);
    const auto [begin, end] = fields.equal_range(13);
    for (auto it = begin; it != end; ++it) span.links.push_back(field(fields_of(it->second), 2));
    const auto status = fields_of(field(fields, 15));
    span.failed = field(status, 3) == "2";
    span.status = field(status, 2);
    if (const auto event = field(fields, 11); !event.empty()) span.exception = attributes_of(fields_of(event), 3);
    return span;
}

/// All that have ended since, oldest first.
inline std::vector<SentSpan> sent_spans(Tracer& tracer) {
    std::vector<SentSpan> spans;
    for (const auto& bytes : tracer.take(100'000)) spans.push_back(sent_span(bytes));
    return spans;
}

/// Whether the one stands directly below the other.
inline bool is_child(const SentSpan& child, const SpanContext& parent) {
    return child.context.trace == parent.trace && child.parent == bytes_of(parent.span);
}

}  // namespace productd::test
