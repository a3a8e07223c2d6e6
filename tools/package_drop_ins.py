# Another port and another folder for the installed package, as docs/deployment.md prints it: for tools/package_life.py.
import json
import re

from sources import text

CONFIG = "/etc/productd/productd.yaml"
API = "https://localhost:5007/api/v1/products"
DROP_INS = "/etc/systemd/system/productd.service.d"


def expect(is_so, what):
    if not is_so:
        raise AssertionError(what)


class DropIns:
    """`life` is the package as it lives in a root, with its service running."""

    def __init__(self, life):
        self.life = life

    def with_drop_in(self, mark, check):
        """Does what docs/deployment.md says there, line by line, and undoes it when `check` has looked."""
        config = self.life.path(CONFIG).read_text()
        (block,) = re.findall(rf"<!-- proven in a fresh Debian: {mark} -->\n```sh\n(.*?)```", text("docs/deployment.md"), re.S)
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("curl"):
                self.life.root.wait(lambda line=line: self.life.run("bash", "-c", line, check=False).returncode == 0)
            else:
                self.life.run("bash", "-c", line)
        verified = self.life.run("systemd-analyze", "verify", "--man=no", "productd.service")
        expect(not verified.stderr, f"systemd finds in the unit: {verified.stderr}")
        check()
        self.life.run("rm", "-r", DROP_INS)
        self.life.path(CONFIG).write_text(config)
        self.life.run("systemctl", "daemon-reload")
        self.life.run("systemctl", "restart", "productd")

    def serves_on_a_port_below_1024(self, product):
        def served():
            found = json.loads(self.life.curl(f"https://localhost/api/v1/products/{product['productId']}"))
            expect(found == product, "the product is not as it was")
            status = self.life.run("cat", f"/proc/{self.life.property('MainPID')}/status").stdout
            expect(re.search(r"CapBnd:\t0+400\n", status), "it has more than the one capability")
            expect(re.search(r"Uid:\t(?!0\t)", status), "it runs as root")

        self.with_drop_in("port", served)

    def has_its_data_elsewhere(self, product):
        def served():
            path = f"{API}/{product['productId']}"
            found = self.life.run("curl", "-sS", "--fail", "--cacert", "/srv/productd/tls/server.crt", path).stdout
            expect(json.loads(found) == product, "the product is not as it was")
            opened = self.life.run("find", f"/proc/{self.life.property('MainPID')}/fd", "-lname", "/srv/productd/store.db").stdout
            expect(opened, "it has not opened the store there")

        self.with_drop_in("folder", served)
