# `productd backup` and `restore` killed at any moment: either it is as if they had never begun, or they go on.
import hashlib
import json
import random
import signal
import subprocess
import threading

import pytest

from backups import backup, check_is_well, restore
from products import a_product
from service import BINARY, INHERITED, PRODUCTS, NotReady, Service, run_cli
from store_under_test import embedded_only
from topics import publish
from waiting import eventually

pytestmark = embedded_only


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Some MiB of data whose service was killed, so that its WALs are still to be taken up, and a backup of them."""
    service = Service(tmp_path_factory.mktemp("large"))
    service.start()
    lines = (json.dumps(a_product(productId=f"{n:024x}", description="d" * 400)) for n in range(1, 12_001))
    publish(service, "create-product", "--file", "-", lines="\n".join(lines) + "\n")
    eventually(lambda: service.get(f"{PRODUCTS}/{12_000:024x}").status_code == 200, 30, "the last product")
    service.kill()
    backup(service.data, service.folder / "copy")
    return service


def killed(arguments, when):
    """Runs productd and kills it once `when()` is true, unless it ends before."""
    process = subprocess.Popen(
        [BINARY, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=INHERITED
    )
    eventually(lambda: process.poll() is not None or when(), 20, "the moment", pause=0)
    process.kill()
    return process.wait()


def test_a_backup_killed_in_the_middle_leaves_none_and_the_next_one_is_whole(large, new_service, tmp_path):
    copy = tmp_path / "copy"
    for name in ("log.db", "store.db"):
        unfinished = tmp_path / "copy.unfinished" / name
        code = killed(["backup", copy, "--data-dir", large.data], lambda: unfinished.exists())
        assert code == -signal.SIGKILL and not copy.exists(), code
    backup(large.data, copy)
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    restored = new_service(name="restored")
    restore(copy, restored.data)
    restored.start()
    assert restored.get(f"{PRODUCTS}/{12_000:024x}").status_code == 200


def refuses_to_start(service):
    with pytest.raises(NotReady) as refused:
        service.start()
    return "run `productd restore` again" in refused.value.output


def test_a_restore_killed_at_any_moment_is_never_served_and_goes_on(large, new_service):
    dice = random.Random(5)
    source, begun = large.folder / "copy", 0
    for number in range(8):
        restored = new_service(name=f"restored{number}")
        pause = threading.Event()
        killed(["restore", source, "--data-dir", restored.data], lambda: pause.wait(dice.uniform(0.001, 0.15)) or True)
        if (restored.data / "restore.unfinished").exists():
            begun += 1
            assert refuses_to_start(restored)
            told = run_cli("doctor", "--data-dir", restored.data)
            assert told.returncode == 1 and "productd restore" in told.stdout
        elif (restored.data / "log.db").exists():
            assert (restored.data / "store.db").exists(), "it was faster than the kill"
            continue
        restore(source, restored.data)
    assert begun > 0
    restored.start()
    check_is_well(restored)
    assert restored.get(f"{PRODUCTS}/{12_000:024x}").status_code == 200


def test_a_restore_killed_between_its_renames_is_ended_by_the_same_restore_alone(large, new_service, tmp_path):
    source, restored = large.folder / "copy", new_service(name="restored")
    restore(source, restored.data)
    (restored.data / "store.db").rename(restored.data / "store.db.restore")
    digest = hashlib.sha256((source / "manifest.json").read_bytes()).hexdigest()
    (restored.data / "restore.unfinished").write_text(f"copied {digest}")
    assert refuses_to_start(restored)
    other = new_service(name="other").start()
    backup(other.data, tmp_path / "another")
    assert "is not written over" in restore(tmp_path / "another", restored.data, code=1)
    assert "An earlier restore had copied it" in restore(source, restored.data)
    restored.start()
    check_is_well(restored)
    assert restored.get(f"{PRODUCTS}/{1:024x}").status_code == 200


def test_a_restore_whose_files_were_removed_meanwhile_begins_anew(large, new_service, tmp_path):
    copy = large.folder / "copy"
    restored = new_service(name="restored")
    restore(copy, restored.data)
    # As if it had been killed once both files had their names, and somebody had taken one of them for rubbish.
    backup_id = hashlib.sha256((copy / "manifest.json").read_bytes()).hexdigest()
    (restored.data / "restore.unfinished").write_text(f"copied {backup_id}")
    (restored.data / "log.db").unlink()
    refused = run_cli("restore", copy, "--data-dir", restored.data)
    assert refused.returncode == 1 and "log.db was removed since the restore broke off" in refused.stderr
    refuses_to_start(restored)
    (restored.data / "store.db").unlink()
    restore(copy, restored.data)
    restored.start()
    assert restored.get(f"{PRODUCTS}/{12_000:024x}").status_code == 200
