// Every name that our spans use of OpenTelemetry's semantic conventions, release 1.45.0. A test compares them with the
// published list.
#pragma once

#include <cstddef>
#include <string_view>

namespace productd {

/// What of a text may stand in an attribute; the rest is left out.
inline constexpr std::size_t attribute_bytes_max = 1'024;

namespace span_name {

using Name = std::string_view;

inline constexpr Name schema_url = "https://opentelemetry.io/schemas/1.45.0";

// Resource
inline constexpr Name service_name = "service.name";
inline constexpr Name service_version = "service.version";
inline constexpr Name service_instance_id = "service.instance.id";
inline constexpr Name host_name = "host.name";
inline constexpr Name process_pid = "process.pid";
inline constexpr Name telemetry_sdk_language = "telemetry.sdk.language";

// Any span
inline constexpr Name error_type = "error.type";
inline constexpr Name exception_type = "exception.type";
inline constexpr Name exception_message = "exception.message";
inline constexpr Name server_address = "server.address";
inline constexpr Name server_port = "server.port";
inline constexpr Name client_address = "client.address";

// HTTP
inline constexpr Name network_protocol_version = "network.protocol.version";
inline constexpr Name http_request_method = "http.request.method";
inline constexpr Name http_response_status_code = "http.response.status_code";
inline constexpr Name http_route = "http.route";
inline constexpr Name url_path = "url.path";
inline constexpr Name url_scheme = "url.scheme";
inline constexpr Name user_agent_original = "user_agent.original";

// RPC
inline constexpr Name rpc_system_name = "rpc.system.name";
inline constexpr Name rpc_method = "rpc.method";
inline constexpr Name rpc_status_code = "rpc.status_code";

// Messaging
inline constexpr Name messaging_system_name = "messaging.system.name";
inline constexpr Name messaging_operation_name = "messaging.operation.name";
inline constexpr Name messaging_operation_type = "messaging.operation.type";
inline constexpr Name messaging_destination_name = "messaging.destination.name";
inline constexpr Name messaging_destination_partition_id = "messaging.destination.partition.id";
inline constexpr Name messaging_consumer_group_name = "messaging.consumer.group.name";
inline constexpr Name messaging_batch_message_count = "messaging.batch.message_count";
inline constexpr Name kafka_offset = "kafka.offset";
inline constexpr Name kafka_message_key = "kafka.message.key";
inline constexpr Name messaging_message_body_size = "messaging.message.body.size";

// Databases
inline constexpr Name db_system_name = "db.system.name";
inline constexpr Name db_namespace = "db.namespace";
inline constexpr Name db_collection_name = "db.collection.name";
inline constexpr Name db_operation_name = "db.operation.name";
inline constexpr Name db_operation_batch_size = "db.operation.batch.size";
inline constexpr Name db_response_returned_rows = "db.response.returned_rows";

// No attribute: the name of the event that says what was thrown.
inline constexpr Name exception_event = "exception";

}  // namespace span_name

}  // namespace productd
