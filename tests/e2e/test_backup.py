# `productd backup` and `restore`: what was answered before a backup is in it, once; damage is noticed; nothing is written
# over.
import hashlib
import json
import os
import shutil
import subprocess
import tarfile

import pytest

from answered_writes import load
from backups import backup, check_is_well, restore
from dead_letters import an_orphan, listed
from lost_store import bytes_of_files, history_of
from moments import DatedLedger
from products import a_product
from service import PRODUCTS
from store_under_test import embedded_only
from topics import publish
from waiting import eventually

pytestmark = embedded_only


@pytest.mark.parametrize("name", ["monday", "monday.tar"])
def test_a_backup_under_load_has_all_that_was_answered_before_it_once(new_service, tmp_path, name, facts):
    ledger, service = DatedLedger(seed=7), new_service().start()
    end = load(ledger, service, 0, 6)
    eventually(lambda: ledger.answered > 150 or ledger.wrong, 30, "some load")
    began = ledger.moment()
    backup(service.data, tmp_path / name)
    ended = ledger.moment()
    answered = ledger.answered
    eventually(lambda: ledger.answered > answered + 100 or ledger.wrong, 30, "load behind the backup")
    end()
    service.stop()

    restored = new_service(name="restored")
    restore(tmp_path / name, restored.data)
    restored.start()
    judged = ledger.judge(restored, began, ended)
    assert ledger.names_are_once(restored, 0) > 0
    check_is_well(restored)
    path = f"{PRODUCTS}/{restored.created(a_product())['productId']}"
    assert restored.request("PUT", path, json=a_product()).headers["Product-State"] == "applied"
    restored.stop()
    facts.append(f"backup under load: {judged} products, {answered} answered writes before it, none lost or doubled")


def test_dead_letters_and_unread_messages_are_in_it(alone, new_service, tmp_path):
    letter = an_orphan(alone)
    alone.stop()
    publish(alone, "create-product", json.dumps(a_product(productId="a" * 24)))
    told = backup(alone.data, tmp_path / "copy")
    manifest = json.loads((tmp_path / "copy/manifest.json").read_text())
    counts = {file["name"]: {c["of"]: c["count"] for c in file["counts"]} for file in manifest["files"]}
    assert counts["log.db"]["messages"] == 3 and counts["store.db"] == {"products": 0, "tombstones": 0}, counts
    assert "3 messages" in told and manifest["takenAt"] in told
    for file in manifest["files"]:
        assert hashlib.sha256((tmp_path / "copy" / file["name"]).read_bytes()).hexdigest() == file["sha256"]

    restored = new_service(name="restored")
    restore(tmp_path / "copy", restored.data)
    restored.start()
    eventually(lambda: restored.get(f"{PRODUCTS}/{'a' * 24}").status_code == 200, what="the unread message")
    assert [entry["messageId"] for entry in listed(restored)] == [letter]
    check_is_well(restored)


def test_the_store_that_went_on_is_not_taken_for_the_restored_one(new_service, tmp_path):
    service = new_service().start()
    service.created(a_product())
    backup(service.data, tmp_path / "copy")
    service.created(a_product())
    service.stop()
    restored = new_service(name="restored")
    restore(tmp_path / "copy", restored.data)
    shutil.copy(service.data / "store.db", restored.data / "store.db")
    restored.start()
    is_ready, history = history_of(restored)
    assert not is_ready and not history["ok"]


def test_what_was_missing_before_the_backup_is_told_of_after_the_restore(new_service, tmp_path):
    service = new_service().start()
    service.created(a_product())
    service.stop()
    for file in service.data.glob("store.db*"):
        file.unlink()
    service.start()  # Makes an empty one, and says so.
    assert "warning: The store lacks products" in backup(service.data, tmp_path / "copy")
    restored = new_service(name="restored")
    assert "warning: The store lacks products" in restore(tmp_path / "copy", restored.data)
    restored.start()
    assert not history_of(restored)[0]


def test_nothing_is_written_over(new_service, tmp_path):
    service = new_service().start()
    service.created(a_product())
    backup(service.data, tmp_path / "copy.tar")
    before = (tmp_path / "copy.tar").read_bytes()
    assert "is there already: a backup is never written over" in backup(service.data, tmp_path / "copy.tar", code=1)
    assert (tmp_path / "copy.tar").read_bytes() == before
    assert "in use by process" in restore(tmp_path / "copy.tar", service.data, code=1)
    service.stop()
    files = bytes_of_files(service.data)
    assert "is not written over" in restore(tmp_path / "copy.tar", service.data, code=1)
    left = bytes_of_files(service.data)
    del left[service.data / "lock"], files[service.data / "lock"]  # Who had it last.
    assert left == files
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.tar", "service"]


def damage_byte(file, at):
    with open(file, "r+b") as opened:
        opened.seek(at)
        byte = opened.read(1)
        opened.seek(at)
        opened.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_a_damaged_backup_is_refused_and_nothing_is_made_of_it(new_service, tmp_path, form):
    service = new_service().start()
    service.created(a_product())
    whole = tmp_path / ("whole.tar" if form == "tar" else "whole")
    backup(service.data, whole)
    copies = shutil.copyfile if form == "tar" else shutil.copytree
    hurt = tmp_path / "hurt"

    def refused(word):
        target = tmp_path / "target"
        told = restore(hurt, target, code=1)
        assert word in told and not target.exists(), told
        hurt.unlink() if form == "tar" else shutil.rmtree(hurt)

    copies(whole, hurt)
    damage_byte(hurt if form == "tar" else hurt / "store.db", 20_000)
    refused("is damaged: its SHA-256")
    copies(whole, hurt)
    os.truncate(hurt if form == "tar" else hurt / "store.db", 9_000)
    refused("no backup, or a damaged one")
    if form == "tar":
        copies(whole, hurt)
        damage_byte(hurt, 3)
        refused("no backup, or a damaged one")
        hurt.write_bytes(b"")
        refused("no backup, or a damaged one")
    else:
        copies(whole, hurt)
        (hurt / "log.db").unlink()
        refused("log.db is missing")
        for text, word in (("{}", "is damaged"), ('{"format":2}', "has format 2, this productd knows 1")):
            copies(whole, hurt)
            (hurt / "manifest.json").write_text(text)
            refused(word)
        copies(whole, hurt)
        manifest = json.loads((hurt / "manifest.json").read_text())
        manifest["files"][0]["schema"] = 99
        (hurt / "manifest.json").write_text(json.dumps(manifest))
        refused("has schema 99")
    assert "There is no backup" in restore(tmp_path / "none", tmp_path / "target", code=1)


def test_damaged_data_make_no_backup(new_service, tmp_path):
    service = new_service().start()
    service.created(a_product())
    service.stop()
    with open(service.data / "store.db", "r+b") as store:
        store.seek(4096)
        store.write(b"\x07" * 4096)
    assert "damaged" in backup(service.data, tmp_path / "copy", code=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["service"]


def test_tar_itself_reads_and_makes_archives(new_service, tmp_path):
    service = new_service().start()
    product = service.created(a_product())
    backup(service.data, tmp_path / "copy.tar")
    with tarfile.open(tmp_path / "copy.tar") as archive:
        assert archive.getnames() == ["manifest.json", "log.db", "store.db"]
        archive.extractall(tmp_path / "out")
    subprocess.run(["tar", "cf", tmp_path / "again.tar", "."], cwd=tmp_path / "out", check=True)
    for number, source in enumerate(("out", "again.tar")):
        restored = new_service(name=f"restored{number}")
        restore(tmp_path / source, restored.data)
        restored.start()
        assert restored.get(f"{PRODUCTS}/{product['productId']}").json() == product
