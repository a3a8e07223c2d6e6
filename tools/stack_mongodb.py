# MongoDB for tools/stack.py: mongodb1 to mongodb3 are the replica set rs0; mongodb-secure is a set of one that answers
# over TLS and to a password alone; SINGLE is a mongod without a set, which only tests start. All keep their data and
# their ports, which are in mongodb-ports.json beside the members' folders, since each has to know the others'.
import contextlib
import json
import os
import secrets
import socket
import ssl
import struct

from fetch_mongod import place
from stack_servers import SMALL, STACK, Server, is_free, keystore

MEMBERS = ("mongodb1",) if SMALL else ("mongodb1", "mongodb2", "mongodb3")
SECURE, ALONE = "mongodb-secure", "mongodb-single"
SET = {**dict.fromkeys(MEMBERS, "rs0"), SECURE: "secure"}
USER, PASSWORD = "productd", "made-up-for-tests"
CACHE_GIB, OPLOG_MIB = 0.25, 512
# A primary that is gone is missed in so long. Shorter ones see elections where the machine is only busy.
ELECTION_MS, HEARTBEAT_MS = 5_000, 500
ANSWER_SECONDS = 5
ALREADY_INITIALIZED = 23
PARAMETERS = [
    # Told to stop it would first wait 15 s for clients to go elsewhere.
    "shutdownTimeoutMillisForSignaledShutdown=100",
    # Measures itself each second otherwise.
    "diagnosticDataCollectionEnabled=false",
]


def kept_ports(root):
    """{mongodb1: port, …}: kept, or chosen below what the system gives to outgoing connections, so that none of those
    takes the port of a member that is down. PRODUCTD_STACK_MONGODB1_PORT names that of `make stack-up`."""
    file = root / "mongodb-ports.json"
    before = json.loads(file.read_text()) if file.exists() else {}
    free = (port for port in range(20100 + os.getpid() % 10000, 32768) if is_free(port))
    ports = {name: before.get(name) or next(free) for name in (*SET, ALONE)}
    for name in ports:
        asked = os.environ.get(f"PRODUCTD_STACK_{name.upper()}_PORT") if root == STACK else None
        ports[name] = int(asked or ports[name])
    if ports != before:
        part = file.with_suffix(".part")
        part.write_text(json.dumps(ports, indent=2) + "\n")
        part.rename(file)
    return ports


def ports(folder):
    return {"port": kept_ports(folder.parent)[folder.name]}


def uri(root=STACK):
    """Of the replica set."""
    of = kept_ports(root)
    return f"mongodb://{','.join(f'127.0.0.1:{of[name]}' for name in MEMBERS)}/?replicaSet=rs0"


def secure_uri(root=STACK, password=PASSWORD):
    of = kept_ports(root)[SECURE]
    tls = f"tls=true&tlsCAFile={certificate(root)}"
    return f"mongodb://{USER}:{password}@127.0.0.1:{of}/?replicaSet=secure&authSource=admin&{tls}"


def certificate(root):
    """What clients of mongodb-secure must trust."""
    return root / "mongodb-ca.pem"


def prepare(folder):
    port = kept_ports(folder.parent)[folder.name]
    if not is_free(port):
        raise RuntimeError(
            f"{folder.name} cannot have port {port}, which another process has; end that one, or delete "
            f"{folder.parent / 'mongodb-ports.json'} and the folders of MongoDB beside it while none of it runs"
        )
    (folder / "data").mkdir(exist_ok=True)
    if folder.name == SECURE:
        keystore(folder.parent / "mongodb-keystore.pem", certificate(folder.parent))
        key = folder / "members.key"
        if not key.exists():
            key.touch(mode=0o600)
            key.write_text(secrets.token_urlsafe(64).replace("-", "a").replace("_", "b"))


def arguments(folder, port):
    command = ["mongod", "--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(folder / "data"), "--quiet"]
    command += ["--nounixsocket", "--wiredTigerCacheSizeGB", str(CACHE_GIB)]
    for parameter in PARAMETERS:
        command += ["--setParameter", parameter]
    if folder.name in SET:
        command += ["--replSet", SET[folder.name], "--oplogSize", str(OPLOG_MIB)]
    if folder.name == SECURE:
        trusted, store = certificate(folder.parent), folder.parent / "mongodb-keystore.pem"
        command += ["--keyFile", str(folder / "members.key"), "--tlsMode", "requireTLS"]
        command += ["--tlsCertificateKeyFile", str(store), "--tlsCAFile", str(trusted)]
        command += ["--tlsAllowConnectionsWithoutCertificates"]
    return command


def ready(folder, port):
    """Whether it serves, and knows who takes writes."""
    said = hello(folder, port)
    serves = any(b"\x08%s\0\x01" % role in said for role in (b"isWritablePrimary", b"secondary"))
    if folder.name not in SET:
        return serves
    return serves and b"\x02primary\0" in said and (folder.name != SECURE or (folder / "has-user").exists())


def hello(folder, port):
    """The answer to `hello`, as BSON. In bytes, as the interpreter that asks may not have MongoDB's driver.
    https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/: OP_MSG with one document."""
    body = b"\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0"
    document = struct.pack("<i", len(body) + 4) + body
    with contextlib.ExitStack() as open_ones:
        connection = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS))
        if folder.name == SECURE:
            tls = ssl.create_default_context(cafile=certificate(folder.parent))
            connection = open_ones.enter_context(tls.wrap_socket(connection, server_hostname="127.0.0.1"))
        connection.sendall(struct.pack("<iiiiiB", 21 + len(document), 1, 0, 2013, 0, 0) + document)
        answer = connection.makefile("rb")
        length = answer.read(4)
        return answer.read(int.from_bytes(length, "little") - 4) if length else b""


def client(folder, port, **options):
    """Of this member alone, whatever its set says."""
    import pymongo  # Here, as only this needs it.

    tls = {"tls": True, "tlsCAFile": str(certificate(folder.parent))} if folder.name == SECURE else {}
    wait = {"serverSelectionTimeoutMS": 2_000, "directConnection": True}
    return pymongo.MongoClient("127.0.0.1", port, **wait, **tls, **options)


def join(folder, port):
    """Makes a new set, and has its first member take the lead at once. What comes too early comes again."""
    if folder.name not in (MEMBERS[0], SECURE):
        return
    from pymongo.errors import OperationFailure, PyMongoError

    with client(folder, port) as member, contextlib.suppress(PyMongoError):
        if (folder / "has-user").exists():
            return
        try:
            member.admin.command("replSetInitiate", configuration(folder))
        except OperationFailure as refused:
            if refused.code != ALREADY_INITIALIZED and folder.name != SECURE:
                return
        if folder.name == SECURE:
            make_user(folder, member)
        else:
            member.admin.command("replSetStepUp")


def configuration(folder):
    of = kept_ports(folder.parent)
    names = [name for name in SET if SET[name] == SET[folder.name]]
    members = [{"_id": number, "host": f"127.0.0.1:{of[name]}"} for number, name in enumerate(names)]
    settings = {"electionTimeoutMillis": ELECTION_MS, "heartbeatIntervalMillis": HEARTBEAT_MS}
    return {"_id": SET[folder.name], "members": members, "settings": settings}


def make_user(folder, member):
    """Who is on the machine may make the first one."""
    roles = [{"role": "readWriteAnyDatabase", "db": "admin"}]
    member.admin.command("createUser", USER, pwd=PASSWORD, roles=roles, mechanisms=["SCRAM-SHA-256"])
    (folder / "has-user").touch()


def delete_databases(*prefixes):
    """Of the replica set, all whose names begin so."""
    import pymongo

    with pymongo.MongoClient(uri()) as members:
        for name in members.list_database_names():
            if name.startswith(prefixes):
                members.drop_database(name)


def server(name):
    return Server(name, str(place()), arguments, ready, "tools/setup.sh stack", prepare, ports, join=join)


SERVERS = [server(name) for name in (MEMBERS if SMALL else SET)]
SINGLE = server(ALONE)
