# Certificates that somebody else has signed: a root, who it signed, and what that signed.
import subprocess

KINDS = {
    "rsa": ["-newkey", "rsa:2048"],
    "ecdsa": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
}


def openssl(*command):
    return subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True).stdout


def sign(folder, kind, name, signer, extension):
    """NAME.crt and NAME.key."""
    asked = ["-subj", f"/CN={name}", "-out", folder / f"{name}.csr", "-keyout", folder / f"{name}.key"]
    openssl("req", *KINDS[kind], "-nodes", *asked)
    (folder / "extension").write_text(extension)
    signed = ["-CA", folder / f"{signer}.crt", "-CAkey", folder / f"{signer}.key", "-CAcreateserial"]
    told = ["-extfile", folder / "extension", "-out", folder / f"{name}.crt"]
    openssl("x509", "-req", "-days", 2, "-in", folder / f"{name}.csr", *signed, *told)


def make_chain(folder, kind):
    """root.crt, and server.crt (the server's own, and who signed it, whom the root has signed) with server.key."""
    folder.mkdir()
    root = ["-subj", "/CN=Root", "-out", folder / "root.crt", "-keyout", folder / "root.key"]
    openssl("req", "-x509", *KINDS[kind], "-nodes", "-days", 2, *root)
    sign(folder, kind, "middle", "root", "basicConstraints=critical,CA:TRUE")
    add_server(folder, kind, "server")
    return folder


def add_server(folder, kind, name):
    """NAME.crt, a chain as a server shows it, and NAME.key: one more that the middle one has signed."""
    sign(folder, kind, name, "middle", "subjectAltName=DNS:localhost")
    chain = folder / f"{name}.crt"
    chain.write_text(chain.read_text() + (folder / "middle.crt").read_text())
