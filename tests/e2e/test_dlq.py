# The dead letter commands against the real binary, with a service running and without.
import json
import stat

import pytest

from dead_letters import ID, an_orphan, dlq, listed
from products import a_product, check_problem
from service import PRODUCTS, run_cli
from store_under_test import damage, mend
from topics import dead_letter_of, publish
from waiting import eventually


def test_a_letter_whose_create_came_is_replayed_once(alone):
    letter = an_orphan(alone, name="replayed name")
    publish(alone, "create-product", json.dumps(a_product(productId=ID)))
    eventually(lambda: alone.get(f"{PRODUCTS}/{ID}").status_code == 200, what="the product")
    assert "would be replayed" in dlq(alone, "replay", "--all", "--dry-run")
    assert "1 replayed" in dlq(alone, "replay", letter)
    stored = eventually(lambda: (p := alone.get(f"{PRODUCTS}/{ID}").json())["version"] == 2 and p, what="the replay")
    assert stored["name"] == "replayed name"
    assert "--again" in dlq(alone, "replay", "--all")
    assert listed(alone, "--filter", "state=replayed")[0]["messageId"] == letter
    alone.stop()


def test_what_was_changed_since_is_overtaken(alone):
    letter = an_orphan(alone)
    publish(alone, "create-product", json.dumps(a_product(productId=ID)))
    eventually(lambda: alone.get(f"{PRODUCTS}/{ID}").status_code == 200, what="the product")
    publish(alone, "update-product", json.dumps(a_product(productId=ID, name="newer name")))
    eventually(lambda: alone.get(f"{PRODUCTS}/{ID}").json()["version"] == 2, what="the update")
    assert listed(alone)[0]["overtaken"]
    assert "overtaken" in dlq(alone, "replay", letter)
    alone.stop()
    assert "overtaken" in dlq(alone, "replay", letter)  # The same without a service.


def test_what_cannot_be_read_condemns_its_own_messages_and_is_replayed_once_it_is_mended(alone):
    broken, other = [alone.created(a_product())["productId"] for _ in range(2)]
    damage(alone.data, broken)
    check_problem(alone.get(f"{PRODUCTS}/{broken}", headers={"Cache-Control": "no-cache"}), 500)
    position = publish(alone, "update-product", json.dumps(a_product(productId=broken, name="waits for repair")))
    publish(alone, "update-product", json.dumps(a_product(productId=other, name="goes on")))
    eventually(lambda: alone.get(f"{PRODUCTS}/{other}").json()["name"] == "goes on", what="the other product's update")
    letter = dead_letter_of(alone, position)
    assert (letter["code"], letter["attempts"]) == ("data_loss", 1)
    assert "cannot be read" in dlq(alone, "replay", "--all")
    mend(alone.data, broken)
    assert "1 replayed" in dlq(alone, "replay", "--all")
    eventually(lambda: alone.get(f"{PRODUCTS}/{broken}").json()["name"] == "waits for repair", what="the replay")
    alone.stop()


def test_a_letter_does_not_grow_however_often_it_is_replayed(alone):
    letter = an_orphan(alone)
    sizes, attempts = [], []
    for round_ in range(1, 6):
        assert "1 replayed" in dlq(alone, "replay", letter, "--again")
        eventually(lambda: listed(alone)[0]["replays"] == round_, what="the letter of the replay")
        sizes.append(len(dlq(alone, "show", letter, "--json")))
        attempts.append(listed(alone)[0]["attempts"])
    (entry,) = listed(alone)
    # Every look for its product is an attempt, and each replay adds its own.
    assert entry["messageId"] == letter and entry["attempts"] >= 6 and entry["cameBack"]
    assert attempts == sorted(set(attempts))
    assert max(sizes) - min(sizes) <= 4
    alone.stop()


def test_binary_payloads_are_shown_safely(alone):
    position = publish(alone, "create-product", lines="\x1b[31m\x07red\n")
    letter = dead_letter_of(alone, position)["messageId"]
    for told in (dlq(alone, "list"), dlq(alone, "show", letter)):
        assert "\x1b" not in told and "\x07" not in told
    assert dlq(alone, "show", letter, "--payload") == "\x1b[31m\x07red"
    alone.stop()


def test_an_edited_letter_is_replayed_with_its_new_payload(alone):
    position = publish(alone, "create-product", '{"name":"x"}')
    letter = dead_letter_of(alone, position)["messageId"]
    assert "could not read" in dlq(alone, "edit", letter, "--payload", "-", stdin="{", code=1)
    dlq(alone, "edit", letter, "--payload", "-", stdin=json.dumps(a_product(name="mended")))
    assert "1 replayed" in dlq(alone, "replay", letter)
    find = lambda: alone.get(f"{PRODUCTS}/search", params={"search": "mended"}).json()["products"]
    assert eventually(find, what="the product")[0]["name"] == "mended"
    alone.stop()


def edited_by(service, letter, tmp_path, script, code):
    """The letter through an editor that is these lines of sh; what was said, and the files that are left."""
    editor, folder = tmp_path / "editor.sh", tmp_path / "tmp"
    editor.write_text(script)
    folder.mkdir(exist_ok=True)
    environment = {"EDITOR": f"sh {editor}", "TMPDIR": str(folder)}
    return dlq(service, "edit", letter, code=code, environment=environment), list(folder.iterdir())


@pytest.mark.parametrize("script", ["printf '{\"name\":\"half\"}' > $1", "printf '{\"name\":\"half\"}' > $1; exit 1"])
def test_what_was_written_in_the_editor_and_refused_is_kept_for_its_user(alone, tmp_path, script):
    letter = dead_letter_of(alone, publish(alone, "create-product", "{"))["messageId"]
    said, kept = edited_by(alone, letter, tmp_path, f"rm $1; umask 0; {script}", 1)
    (file,) = kept
    assert f"--payload {file}" in said and file.read_text() == '{"name":"half"}'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "also where an editor puts a new file in its place"
    file.write_text(json.dumps(a_product(name="mended")))
    dlq(alone, "edit", letter, "--payload", file)
    assert "1 replayed" in dlq(alone, "replay", letter)
    alone.stop()


def test_nothing_is_kept_of_what_was_taken_or_not_written(alone, tmp_path):
    letter = dead_letter_of(alone, publish(alone, "create-product", "{"))["messageId"]
    for script, code in (("exit 1", 1), ("true", 1), (f"echo '{json.dumps(a_product())}' > $1", 0)):
        said, kept = edited_by(alone, letter, tmp_path, script, code)
        assert not kept and "kept" not in said, script
    alone.stop()


def test_the_help_of_edit_says_what_becomes_of_a_text_that_is_refused():
    shown = " ".join(run_cli("dlq", "edit", "--help").stdout.split())
    assert "is kept in a file that only you may read" in shown


def test_a_letter_names_the_fields_that_are_wrong(alone):
    letter = dead_letter_of(alone, publish(alone, "create-product", json.dumps(a_product(price=-1))))
    assert [error["field"] for error in letter["errors"]] == ["price"]
    assert "price: " in dlq(alone, "show", letter["messageId"])
    alone.stop()


def test_purge_frees_what_is_dealt_with(alone):
    for _ in range(5):
        position = publish(alone, "create-product", "{")
        dead_letter_of(alone, position)
    assert "--yes" in dlq(alone, "purge", "--all", code=1, stdin="")
    first = listed(alone)[0]["messageId"]
    dlq(alone, "purge", first)
    assert "Purged 4 dead letters: 4 messages" in dlq(alone, "purge", "--all", "--yes")
    assert listed(alone) == []
    alone.stop()
    assert listed(alone) == []


def test_mistakes_are_told(alone):
    assert "position 11" in dlq(alone, "list", "--filter", "code=none wrong", code=1)
    assert "no dead letter" in dlq(alone, "show", "nothing", code=1)
    dlq(alone, "replay", code=2)
    for command in ("list", "show", "replay", "edit", "purge"):
        assert "Example: productd dlq" in run_cli("dlq", command, "--help").stdout
    alone.stop()
