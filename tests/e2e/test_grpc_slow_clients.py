# gRPC clients that make calls and read none of the answers. gRPC cannot cancel a call whose answer it has only to send, and
# HTTP/2's flow holds back no trailers: what ends them is the connection's own limit, and what bounds them until then the
# number of refusals that wait to be read.
import ssl

import grpc

from process_readings import memory_mib
from products import UNKNOWN_ID
from raw_http2 import RawClient
from waiting import eventually

CALLS = 50_000  # Their answers are far more than the sockets of both sides hold.
# What a thousand calls and a thousand refusals keep, and gRPC's buffers: 60 to 90 MiB were seen; without the bound it is 580.
MEMORY_MIB = 192

NO_PLACE = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED)


def test_who_reads_no_answers_keeps_neither_the_places_nor_the_memory(new_service, proto, facts):
    service = new_service(environment={"PRODUCTD_SERVER_SEND_TIMEOUT": "2s", "PRODUCTD_LOG_LEVEL": "warn"}).start()
    pb = proto.product_pb2
    unknown = pb.GetByIDReq(ProductID=UNKNOWN_ID)
    before = memory_mib(service.process.pid, "VmRSS")
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)

        def code_of_a_call():
            try:
                return stub.GetByID(unknown, timeout=5)
            except grpc.RpcError as error:
                return error.code()

        slow = RawClient(service)
        sent = slow.begin("GetByID", unknown.SerializeToString(), CALLS)
        eventually(lambda: code_of_a_call() in NO_PLACE)  # It has them all.
        eventually(lambda: code_of_a_call() == grpc.StatusCode.NOT_FOUND, seconds=30)
        slow.read_to_the_end()
    grown = memory_mib(service.process.pid, "VmHWM") - before
    facts.append(f"memory: {sent} gRPC calls of a client that reads none of the answers: {grown:.0f} MiB more")
    assert grown < MEMORY_MIB
    service.stop()


def test_refusals_that_nobody_reads_are_told_no_more(new_service, proto):
    service = new_service(environment={"PRODUCTD_SERVER_CALLS_MAX": "10", "PRODUCTD_SERVER_SEND_TIMEOUT": "1m"}).start()
    unknown = proto.product_pb2.GetByIDReq(ProductID=UNKNOWN_ID)
    slow = RawClient(service)
    slow.begin("GetByID", unknown.SerializeToString(), 10_000)
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
        try:
            stub.GetByID(unknown, timeout=5)
            code = None
        except grpc.RpcError as error:
            code = error.code()
    assert code == grpc.StatusCode.CANCELLED
    slow.close()
    service.stop()
