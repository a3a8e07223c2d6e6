# The fixture of gRPC's generated code, for tests/e2e and tests/stack.
import importlib
import subprocess
import sys

import pytest

from service import ROOT


@pytest.fixture(scope="session")
def proto(tmp_path_factory):
    """The generated Python of proto/, as attributes: product_pb2, product_pb2_grpc, error_details_pb2, status_pb2."""
    out = tmp_path_factory.mktemp("proto")
    sources = ["product/product.proto", "google/rpc/error_details.proto", "google/rpc/status.proto"]
    subprocess.run(
        [
            "protoc",
            f"-I{ROOT}/proto",
            "-I/usr/include",
            f"--python_out={out}",
            f"--grpc_python_out={out}",
            "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin",
            *sources,
        ],
        check=True,
    )
    sys.path.insert(0, str(out))
    import google

    google.__path__.append(str(out / "google"))

    class Generated:
        product_pb2 = importlib.import_module("product.product_pb2")
        product_pb2_grpc = importlib.import_module("product.product_pb2_grpc")
        error_details_pb2 = importlib.import_module("google.rpc.error_details_pb2")
        status_pb2 = importlib.import_module("google.rpc.status_pb2")

    return Generated
