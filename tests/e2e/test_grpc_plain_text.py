# Server.Tls: false, for gRPC behind a proxy of the same machine that has TLS itself.
import signal

import grpc
import pytest

from grpc_calls import request
from products import a_product
from service import NotReady
from waiting import eventually

PLAIN = {"PRODUCTD_SERVER_TLS": "false"}


def test_it_is_plain_text_where_that_is_asked_for(new_service, proto):
    service = new_service(environment=PLAIN).start()
    assert "(plain text)" in service.output()
    with grpc.insecure_channel(f"localhost:{service.ready['grpc_port']}") as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
        made = stub.Create(request(proto.product_pb2.CreateReq, a_product())).Product
        assert service.get(f"/api/v1/products/{made.ProductID}").status_code == 200, "REST has TLS all the same"
        service.process.send_signal(signal.SIGHUP)
        eventually(lambda: "The certificate was read again" in service.output(), 10, "it to be read")
        assert stub.GetByID(proto.product_pb2.GetByIDReq(ProductID=made.ProductID)).Product == made
    service.stop()


def test_it_is_not_where_clients_have_to_show_a_certificate(new_service):
    with pytest.raises(NotReady) as refused:
        new_service(environment={**PLAIN, "PRODUCTD_TLS_CLIENT_CA_FILE": "signers.crt"}).start()
    assert "Server.Tls is false" in refused.value.output and "Tls.ClientCaFile" in refused.value.output


def test_others_on_the_network_could_read_it(new_service):
    service = new_service(environment={**PLAIN, "PRODUCTD_SERVER_ADDRESS": "0.0.0.0"}).start()
    assert "others on the network can read and change what gRPC carries" in service.output()
    service.stop()
