# HTTP and gRPC: who asks for what, how it is answered, who is turned away.
from panels import Dashboard, Panel, Row, gauge, quantile, rate

OPERATIONS = ("create", "update", "get_by_id", "search", "delete")
RPCS = (*OPERATIONS, "watch")

HTTP = [
    Panel(
        "How are requests answered?",
        "4xx are the clients' own: a rise of 400 or 404 is a client that changed. 5xx and 429 are ours.",
        [(rate("productd_http_requests_total", "status"), "{{status}}")],
        "reqps",
    ),
    Panel(
        "Which routes are asked for, and how?",
        "One client can be most of it. Its address is in the access log.",
        [(rate("productd_http_requests_total", "method, route"), "{{method}} {{route}}")],
        "reqps",
    ),
    Panel(
        "How long does each route take?",
        "Half and 99 of 100. Far apart: a few are slow, so look for their traces. Both up: the machine or the store.",
        [
            (quantile(0.5, "productd_http_request_duration_seconds", "route"), "{{route}}, half"),
            (quantile(0.99, "productd_http_request_duration_seconds", "route"), "{{route}}, 99 of 100"),
        ],
        "s",
    ),
    Panel(
        "What does the server itself turn away?",
        "overload and connections: no room, so add an instance or raise Http.RequestsMax and ConnectionsMax. malformed: not "
        "HTTP. address: one client has too many.",
        [(rate("productd_http_rejected_total", "listener, reason"), "{{listener}} {{reason}}")],
        "ops",
    ),
    Panel(
        "Is more asked than can be answered in time?",
        "Refused: of this kind more comes than the store or the log does within Limits.answer_time. Add an instance, or a "
        "faster store; raise the time if callers would rather wait.",
        [
            (rate("productd_load_refused_total", "kind"), "refused {{kind}}, per second"),
            (f"sum by (kind) ({gauge('productd_load_under_way')})", "{{kind}} under way"),
            (f"sum by (kind) ({gauge('productd_load_limit')})", "{{kind}} limit"),
        ],
    ),
    Panel(
        "Do those who follow the changes have them in time?",
        "From a change to those who wait for it. It rises where the store is slow to tell, or many wait on one instance: "
        "spread them. Nobody waits where there is no line.",
        [
            (quantile(0.99, "productd_feed_delay_seconds"), "99 % of the changes, in seconds"),
            (f"sum({gauge('productd_feed_watchers')})", "who asks or waits"),
        ],
    ),
    Panel(
        "Who runs out of time?",
        "header, body, write: slow clients, or an attack that is held off. request: our answer took longer than Http.Timeout.",
        [(rate("productd_http_timeouts_total", "listener, phase"), "{{listener}} {{phase}}")],
        "ops",
    ),
    Panel(
        "How many connections are open, and do handshakes fail?",
        "Connections up to Http.ConnectionsMax. Failing handshakes: clients without our certificate's authority, or no TLS.",
        [
            (f"sum by (listener) ({gauge('productd_http_connections')})", "{{listener}}"),
            (rate("productd_http_handshake_failures_total", "listener"), "failed handshakes, {{listener}}"),
        ],
    ),
]

GRPC = [
    Panel(
        "How are calls of gRPC answered?",
        "NotFound, InvalidArgument and Aborted are the clients' own. Unavailable and DeadlineExceeded: the store.",
        [(rate("grpc_server_handled_total", "grpc_code"), "{{grpc_code}}")],
        "reqps",
    ),
    Panel(
        "Which rpcs are called?",
        "Started and not answered for long means calls that hang: compare with how they are answered.",
        [(rate("grpc_server_started_total", "grpc_method"), "{{grpc_method}}")],
        "reqps",
    ),
    Panel(
        "How long does each rpc take?",
        "Reads from the cache take less than a millisecond, writes what the store takes.",
        [
            (quantile(0.5, "productd_grpc_request_duration_seconds", "method"), "{{method}}, half"),
            (quantile(0.99, "productd_grpc_request_duration_seconds", "method"), "{{method}}, 99 of 100"),
        ],
        "s",
    ),
    Panel(
        "Are connections of gRPC turned away?",
        "connections: Server.ConnectionsMax is reached. descriptors: the runbook, ProductdFewDescriptorsLeft.",
        [
            (rate("productd_grpc_rejected_total", "reason"), "{{reason}}, per second"),
            (f"sum({gauge('productd_grpc_connections')})", "open"),
        ],
    ),
    Panel(
        "Do messages come and go alike?",
        "Each call has one message in, and each success one out. A gap that lasts is calls that fail or hang. Streams of "
        "changes send as many as there are changes.",
        [
            (rate("grpc_server_msg_received_total", grpc_type="unary"), "received"),
            (rate("grpc_server_msg_sent_total", grpc_type="unary"), "sent"),
            (rate("grpc_server_msg_sent_total", grpc_type="server_stream"), "sent by streams"),
        ],
        "ops",
    ),
]

CONTRACT = [
    Panel(
        "What did the older service's names count over REST?",
        "For dashboards that were made for it: the same numbers as above, by operation.",
        [(rate(f"http_products_{name}_incoming_requests_total"), name) for name in (*OPERATIONS, "changes")]
        + [
            (rate("http_products_success_incoming_messages_total"), "succeeded"),
            (rate("http_products_error_incoming_message_total"), "failed"),
            (rate("http_microservice_total_requests"), "all paths"),
        ],
        "reqps",
    ),
    Panel(
        "And over gRPC?",
        "The same, of calls: what fails here is the clients' own fault or ours by its code above.",
        [(rate(f"products_{name}_incoming_grpc_requests_total"), name) for name in RPCS]
        + [
            (rate("products_success_incoming_grpc_messages_total"), "succeeded"),
            (rate("products_error_incoming_grpc_message_total"), "failed"),
            (rate("products_service_requests_total"), "all"),
        ],
        "reqps",
    ),
]

DASHBOARD = Dashboard(
    "productd-calls",
    "productd: HTTP and gRPC",
    "Who asks for what, and how is it answered?",
    [
        Row("How does REST do?", HTTP),
        Row("How does gRPC do?", GRPC),
        Row("What do the older names say?", CONTRACT),
    ],
)
