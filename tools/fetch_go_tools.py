#!/usr/bin/python3
# Builds what others examine the service with and Debian does not have, once a user, from Go modules: h2spec for HTTP/2,
# grpcurl, a client of gRPC on Go's own library, and for deploy/kubernetes kustomize and kubeconform. Where no Go is new
# enough they are left out, loudly; in CI that is an error.
import dataclasses
import os
import pathlib
import sys
import tempfile

from fetch_jaeger import NoGo, check_go, download_module, run
from fetch_mongod import cache


@dataclasses.dataclass(frozen=True)
class Tool:
    name: str
    module: str
    version: str
    sum: str  # Of all files of the module.
    required: dict = dataclasses.field(default_factory=dict)  # What it names no version of itself.
    package: str = ""  # Of the program; else MODULE/cmd/NAME.

    def place(self):
        """Where the program is, or will be."""
        return cache() / f"{self.name}-{self.version.removesuffix('+incompatible')}"


H2SPEC = Tool(
    "h2spec",
    "github.com/summerwind/h2spec",
    "2.2.1+incompatible",
    "h1:Ex8kpG4LjIeudEtfbM892Os2PawIZBsEvukHJcvZHho=",
    # The newest that Go 1.22 takes.
    {"github.com/fatih/color": "v1.18.0", "github.com/spf13/cobra": "v1.8.1", "golang.org/x/net": "v0.35.0"},
)
GRPCURL = Tool(
    "grpcurl", "github.com/fullstorydev/grpcurl", "1.9.3", "h1:PC1Xi3w+JAvEE2Tg2Gf2RfVgPbf9+tbuQr1ZkyVU3jk="
)
KUSTOMIZE = Tool(
    "kustomize",
    "sigs.k8s.io/kustomize/kustomize/v5",
    "5.8.1",
    "h1:Pgsg5psubpVEy7Nf6S89PARg5VmmWUC1l9dC6Dl4PG0=",
    package="sigs.k8s.io/kustomize/kustomize/v5",
)
KUBECONFORM = Tool(
    "kubeconform", "github.com/yannh/kubeconform", "0.7.0", "h1:ZFfniR8VChrWQxaxTUGnNrxw8RIDkjVBrjdhXSamwjw="
)
TOOLS = (H2SPEC, GRPCURL, KUSTOMIZE, KUBECONFORM)


def build(tool):
    program = tool.place()
    program.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that moving it there is all or nothing.
    with tempfile.TemporaryDirectory(dir=program.parent) as folder:
        check_go(folder)
        print(f"setup: building {tool.name} {tool.version}", flush=True)
        download_module(tool.name, tool.module, tool.version, tool.sum, folder)
        required = {tool.module: f"v{tool.version}", **tool.required}
        lines = "".join(f"require {name} {version}\n" for name, version in required.items())
        (pathlib.Path(folder) / "go.mod").write_text(f"module tools\n\ngo 1.22\n\n{lines}")
        part = pathlib.Path(folder) / program.name
        flags = ["-mod=mod", "-trimpath", "-ldflags=-s -w"]
        run("build", *flags, "-o", part, tool.package or f"{tool.module}/cmd/{tool.name}", cwd=folder)
        part.rename(program)


def main():
    for tool in TOOLS:
        if tool.place().exists():
            continue
        try:
            build(tool)
        except NoGo as missing:
            if os.environ.get("CI"):
                print(f"setup: {tool.name} must be there in CI: {missing}", file=sys.stderr)
                return 1
            print(f"setup: {tool.name.upper()} IS LEFT OUT: {missing}; only its tests are skipped", file=sys.stderr)
        except (OSError, RuntimeError, ValueError) as error:
            print(f"setup: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
