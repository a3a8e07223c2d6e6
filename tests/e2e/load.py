# A load that touches all that the service counts: each call of REST and gRPC, errors, a dead letter, clients that
# misbehave. Whoever looks at metrics finds every labelled series afterwards.
import json
import socket
import ssl

import grpc

from grpc_calls import request
from products import UNKNOWN_ID, a_product
from service import PRODUCTS
from waiting import eventually

# Has the slow client below cut off soon, and spans counted, though nobody is there to take them.
ENVIRONMENT = {
    "PRODUCTD_HTTP_HEADERTIMEOUT": "200ms",
    "PRODUCTD_WORKER_NOTFOUNDWAIT": "300ms",
    "PRODUCTD_TRACING_ENDPOINT": "127.0.0.1:9",
}
POISON = json.dumps({"name": "Table"})


def all_of_rest(service):
    product = service.created(a_product())
    path = f"{PRODUCTS}/{product['productId']}"
    service.get(path)
    service.get(f"{PRODUCTS}/search", params={"search": "wood"})
    assert service.request("PUT", path, json=a_product()).status_code == 200
    assert service.request("DELETE", path).status_code == 204
    assert service.get(f"{PRODUCTS}/{UNKNOWN_ID}").status_code == 404
    assert service.create({"name": "x"}).status_code == 400
    for path in ("/health", "/livez", "/readyz", "/metrics"):
        service.get(path)


def all_of_grpc(service, proto):
    pb = proto.product_pb2
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
        made = stub.Create(request(pb.CreateReq, a_product())).Product.ProductID
        stub.GetByID(pb.GetByIDReq(ProductID=made))
        stub.Update(request(pb.UpdateReq, a_product(), ProductID=made))
        stub.Search(pb.SearchReq(Search="wood"))
        stub.Delete(pb.DeleteReq(ProductID=made))
        try:
            stub.GetByID(pb.GetByIDReq(ProductID=made))
        except grpc.RpcError as refused:
            assert refused.code() == grpc.StatusCode.NOT_FOUND


def misbehave(service):
    address = ("127.0.0.1", service.http_port)
    with socket.create_connection(address, timeout=10) as plain:
        plain.sendall(b"no TLS at all\r\n\r\n")
        plain.recv(1024)
    with service.tls().wrap_socket(socket.create_connection(address, timeout=10), server_hostname="localhost") as odd:
        odd.sendall(b"no HTTP at all\r\n\r\n")
        odd.recv(1024)
    with service.tls().wrap_socket(socket.create_connection(address, timeout=10), server_hostname="localhost") as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nHost:")
        try:
            while slow.recv(1024):
                pass
        except (ssl.SSLError, ConnectionError):
            pass  # Cut off is what it is to be.


def load(service, proto, publish):
    """`publish(topic, payload)` puts a message of another producer into the log."""
    for _ in range(3):
        all_of_rest(service)
        all_of_grpc(service, proto)
    misbehave(service)
    publish("create-product", POISON)
    eventually(lambda: service.metric("products_error_incoming_kafka_message_total") > 0, 30, "a dead letter")


    eventually(lambda: service.metric("productd_dead_letters_open") > 0, 30, "the dead letter to be counted")
