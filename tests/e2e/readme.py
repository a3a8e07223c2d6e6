# The commands README.md shows, run as printed: each ```sh block behind <!-- proven -->, or another mark.
import re
import subprocess

from service import BINARY, INHERITED, ROOT


def blocks(mark="proven"):
    found = re.findall(rf"<!-- {mark} -->\s*```(?:sh|bash|console)\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert found, f"README.md marks no block with <!-- {mark} -->"
    return found


def run(script, folder, environment=None):
    """What it prints. The folder has what a user would have who has built the service there."""
    build = folder / "build/release"
    build.mkdir(parents=True, exist_ok=True)
    for link, target in ((build / "productd", BINARY), (folder / "tools", ROOT / "tools")):
        if not link.exists():
            link.symlink_to(target)
    # A curl of an error answer ends with 0 unless it is told to fail; here every request shown is to succeed.
    script = f'set -euo pipefail\ncurl() {{ command curl --fail-with-body "$@"; }}\n{script}'
    environment = INHERITED | (environment or {})
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def run_session(service, names=()):
    """All that is proven, against a running service. `names`: what of the text is another's here."""
    script = "\n".join(blocks())
    for printed, ours in names:
        assert printed in script
        script = script.replace(printed, ours)
    for named, port in (("5007", "http_port"), ("5000", "grpc_port"), ("7070", "metrics_port")):
        script = re.sub(rf"\b(localhost|127\.0\.0\.1):{named}\b", rf"\1:{service.ready[port]}", script)
    assert '"productId"' in run(script, service.folder, service.environment)
