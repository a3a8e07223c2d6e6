// What spans say of the server that is called.
#pragma once

#include <cstdint>
#include <string>

#include "tracing/span_names.hpp"
#include "tracing/tracer.hpp"

namespace productd {

/// Where it is; a file of this process has no address.
struct ObservedServer {
    std::string address;
    std::uint16_t port = 0;

    void show_on(Span& span) const {
        if (address.empty()) return;
        span.set(span_name::server_address, address);
        if (port != 0) span.set(span_name::server_port, std::int64_t{port});
    }
};

struct ObservedDatabase {
    std::string system;      ///< `mongodb`, `sqlite`, `redis`.
    std::string name;        ///< Its namespace: the database.
    std::string collection;  ///< Empty where it has none.
    ObservedServer server;

    /// A call of it for `items` at once.
    Span begin(Tracer& tracer, std::string_view operation, std::size_t items, const SpanContext& parent) const {
        auto span = tracer.start(SpanKind::client, operation, parent);
        if (!span.is_recorded()) return span;
        const auto& target = collection.empty() ? name : collection;
        if (!target.empty()) span.rename(std::string(operation) + ' ' + target);
        span.set(span_name::db_system_name, system);
        span.set(span_name::db_operation_name, operation);
        if (!name.empty()) span.set(span_name::db_namespace, name);
        if (!collection.empty()) span.set(span_name::db_collection_name, collection);
        if (items > 1) span.set(span_name::db_operation_batch_size, static_cast<std::int64_t>(items));
        server.show_on(span);
        return span;
    }
};

}  // namespace productd
