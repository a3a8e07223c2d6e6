# gRPC clients that make calls and read none of the answers. gRPC cannot cancel a call whose answer it has only to send, and
# HTTP/2's flow holds back no trailers: what ends them is the connection's own limit, and what bounds them until then the
# number of refusals that wait to be read.
import grpc

from process_readings import memory_mib
from products import UNKNOWN_ID
from raw_http2 import RawClient
from waiting import eventually

# Their answers, each of which names all fields, are more than the sockets of both sides hold (4 MiB), and those that end
# without one are fewer than gRPC lets wait before it reads no more (10,000).
CALLS, AT_ONCE = 12_000, 500
CREATE, NOTHING = "Create", b""
# What a thousand calls and a thousand refusals keep, and gRPC's buffers: 50 to 90 MiB were seen; without the bound it is 280.
MEMORY_MIB = 192
NO_PLACE = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED)


def unknown(proto):
    return proto.product_pb2.GetByIDReq(ProductID=UNKNOWN_ID)


def code_of_a_call(service, proto):
    """Of another client's."""
    with service.channel() as channel:
        try:
            return proto.product_pb2_grpc.ProductsServiceStub(channel).GetByID(unknown(proto), timeout=5)
        except grpc.RpcError as error:
            return error.code()


def test_a_connection_that_takes_nothing_is_ended_and_gives_back_its_places(new_service, proto):
    service = new_service(environment={"PRODUCTD_SERVER_SEND_TIMEOUT": "5s"}).start()
    slow = RawClient(service)
    slow.begin(CREATE, NOTHING, CALLS)
    eventually(lambda: code_of_a_call(service, proto) in NO_PLACE, seconds=30)  # It has them all.
    eventually(lambda: code_of_a_call(service, proto) == grpc.StatusCode.NOT_FOUND, seconds=60)
    eventually(lambda: service.metric("productd_grpc_connections") == 0, 60, "the connection has ended")
    slow.close()
    service.stop()


def test_refusals_that_nobody_reads_are_told_no_more_and_keep_no_memory(new_service, proto, facts):
    service = new_service(environment={"PRODUCTD_SERVER_SEND_TIMEOUT": "5m"}).start()
    handled = lambda: service.metric("grpc_server_handled_total", grpc_method=CREATE)
    before = memory_mib(service.process.pid, "VmRSS")
    slow = RawClient(service)
    sent = 0
    while sent < CALLS:
        # All have been answered before more come: what waits to be taken up is bounded elsewhere, by gRPC's own quota.
        sent += slow.begin(CREATE, NOTHING, AT_ONCE)
        eventually(lambda: handled() >= sent, 30, f"{sent} answers")
    grown = memory_mib(service.process.pid, "VmHWM") - before
    facts.append(f"memory: {sent} gRPC calls of a client that reads none of the answers: {grown:.0f} MiB more")
    eventually(lambda: code_of_a_call(service, proto) == grpc.StatusCode.CANCELLED)
    assert grown < MEMORY_MIB
    slow.close()
    service.stop()
