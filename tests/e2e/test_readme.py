# The commands README.md shows, run as printed: each ```sh block behind <!-- proven --> against a running service.
import re
import subprocess

from service import BINARY, INHERITED, ROOT

BLOCK = re.compile(r"<!-- proven -->\s*```(?:sh|bash|console)\n(.*?)```", re.S)


def test_the_session_in_the_readme_works_as_printed(new_service):
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    assert blocks, "README.md marks no block with <!-- proven -->"
    service = new_service().start()
    build = service.folder / "build/release"
    build.mkdir(parents=True)
    (build / "productd").symlink_to(BINARY)
    script = "\n".join(blocks)
    for named, port in (("5007", "http_port"), ("5000", "grpc_port"), ("7070", "metrics_port")):
        script = re.sub(rf"\b(localhost|127\.0\.0\.1):{named}\b", rf"\1:{service.ready[port]}", script)
    # A curl of an error answer ends with 0 unless it is told to fail; here every request shown is to succeed.
    script = f'set -euo pipefail\ncurl() {{ command curl --fail-with-body "$@"; }}\n{script}'
    done = subprocess.run(
        ["bash", "-c", script], cwd=service.folder, capture_output=True, text=True, timeout=120, env=INHERITED
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert '"productId"' in done.stdout
    service.stop()
