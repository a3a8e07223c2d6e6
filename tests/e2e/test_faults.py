# Disks that are full, folders that cannot be written, files that are not ours: a clear error, nothing overwritten.
import contextlib
import os
import resource
import shutil
import sqlite3
import stat
import subprocess

import pytest

from products import a_product, check_problem
from service import PRODUCTS, NotReady, call
from store_under_test import embedded_only
from waiting import eventually

GARBAGE = bytes(range(256)) * 64
FILES = [pytest.param("store.db", marks=embedded_only), "log.db"]


@contextlib.contextmanager
def small_disk(folder, size="24m"):
    """A file system of this size at `folder`; skips where one cannot be mounted."""
    folder.mkdir(parents=True)
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True
        ).returncode
    ):
        pytest.skip("a small file system can be mounted only as root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill_until_refused(service):
    """Creates products until one is not taken; the ids of those that were, and the refusal."""
    made = []
    for _ in range(2000):
        answer = service.create(a_product(photos=["x" * 1000] * 100))
        if answer.status_code != 201:
            return made, answer
        made.append(answer.json()["productId"])
    raise AssertionError("the disk never got full")


def test_a_full_disk_is_answered_with_an_error_and_recovers_when_there_is_room(new_service, tmp_path):
    with small_disk(tmp_path / "service/data") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(b"\0" * 8 * 1024 * 1024)
        service = new_service().start()
        made, refusal = fill_until_refused(service)
        assert len(made) > 10
        assert refusal.status_code in (429, 500, 503, 504, 507), refusal.text
        check_problem(refusal, refusal.status_code)
        assert service.get("/livez").status_code == 200
        assert service.get(f"{PRODUCTS}/{made[0]}").status_code == 200
        ballast.unlink()
        again = eventually(
            lambda: (a := service.create(a_product(name="after the flood"))).status_code == 201 and a,
            30,
            "a write with room",
        )
        made.append(again.json()["productId"])
        connection = service.connection()
        for id_ in made:
            eventually(lambda: call(connection, "GET", f"{PRODUCTS}/{id_}")[0] == 200, 30, f"answered product {id_}")
        connection.close()
        service.stop()
        service.start()
        assert all(service.get(f"{PRODUCTS}/{id_}").status_code == 200 for id_ in made)
        service.stop()


def test_a_limit_on_file_sizes_is_an_error_like_a_full_disk_and_no_death(new_service):
    """What a shell's `ulimit -f` does: writes fail, and the process is sent SIGXFSZ."""
    limit = 6 * 1024 * 1024
    service = new_service(preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
    service.start()
    made, refusal = fill_until_refused(service)
    assert len(made) > 5
    check_problem(refusal, refusal.status_code)
    assert refusal.status_code >= 500 and service.get("/livez").status_code == 200
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    eventually(lambda: service.create(a_product()).status_code == 201, 30, "a write with room")
    service.stop()
    service.preexec = None
    service.start()
    connection = service.connection()
    for id_ in made:
        eventually(lambda: call(connection, "GET", f"{PRODUCTS}/{id_}")[0] == 200, 30, f"answered product {id_}")
    connection.close()
    service.stop()


def test_a_log_at_its_size_limit_refuses_writes_with_503_and_serves_reads(new_service):
    service = new_service(environment={"PRODUCTD_LOG_BYTES_MAX": "16MiB", "PRODUCTD_LOG_RETENTION": "365d"}).start()
    stored = service.created(a_product())
    for _ in range(400):
        answer = service.create(a_product(photos=["x" * 1000] * 200))
        if answer.status_code != 201:
            check_problem(answer, 503)
            assert int(answer.headers["Retry-After"]) > 0
            break
    # Whether the limit is reached or finished events made room, what is stored is served and grows no further.
    assert service.get(f"{PRODUCTS}/{stored['productId']}").json() == stored
    assert sum(file.stat().st_size for file in service.data.glob("log.db*")) < 48 * 1024 * 1024
    service.stop()


def refused(service):
    with pytest.raises(NotReady) as error:
        service.start()
    assert error.value.code is not None and error.value.code > 0, f"ended by a signal: {error.value}"
    return error.value.output


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [GARBAGE, b"SQLite format 3\0" + GARBAGE], ids=["noise", "noise-with-a-header"])
def test_a_damaged_file_is_refused_by_name_and_left_as_it_is(new_service, name, content):
    service = new_service().start()
    service.created(a_product())
    service.stop()
    file = service.data / name
    for beside in (f"{name}-wal", f"{name}-shm"):
        (service.data / beside).unlink(missing_ok=True)
    file.write_bytes(content)
    assert name in refused(service)
    assert file.read_bytes() == content


@pytest.mark.parametrize("name", FILES)
def test_a_database_of_somebody_else_is_refused_by_name_and_left_as_it_is(new_service, name):
    service = new_service()
    service.data.mkdir(parents=True)
    file = service.data / name
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE somebody_elses (id INTEGER PRIMARY KEY, precious TEXT)")
        other.execute("INSERT INTO somebody_elses VALUES (1, 'data')")
        other.commit()
    before = file.read_bytes()
    assert name in refused(service)
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_refused_or_read_and_never_overwritten_with_nothing(new_service, name):
    service = new_service().start()
    for _ in range(300):
        service.created(a_product(description="x" * 400))
    service.stop()
    file = service.data / name
    with contextlib.closing(sqlite3.connect(file)) as own:
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = file.stat().st_size
    os.truncate(file, size // 2 // 4096 * 4096)
    before = file.read_bytes()
    assert name in refused(service)
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_refused_with_a_sentence_that_names_it(new_service, tmp_path):
    service = new_service()
    if os.geteuid() == 0:
        with small_disk(service.data) as disk:
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            output = refused(service)
    else:
        service.data.mkdir()
        service.data.chmod(stat.S_IRUSR | stat.S_IXUSR)
        output = refused(service)
        service.data.chmod(stat.S_IRWXU)
    assert str(service.data) in output


def test_a_data_folder_that_is_a_file_is_refused_with_a_sentence_that_names_it(new_service):
    service = new_service()
    service.data.write_text("not a folder")
    assert str(service.data) in refused(service)
    assert service.data.read_text() == "not a folder"


@embedded_only
def test_with_a_store_that_is_lost_the_service_starts_and_works_and_is_not_ready(new_service):
    """Its commits do not bring products back: `productd rebuild` does (test_store_lost.py)."""
    service = new_service().start()
    service.created(a_product())
    service.stop()
    for file in service.data.glob("store.db*"):
        shutil.move(file, service.folder / f"away-{file.name}")
    service.start()
    assert service.get("/readyz").status_code == 503
    assert service.get("/livez").status_code == 200
    assert service.created(a_product())["version"] == 1
    service.stop()
