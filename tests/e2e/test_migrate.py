# What `productd migrate` refuses before it asks any server; what it does is in tests/stack/test_migrate_*.py.
from products import a_product
from service import run_cli
from store_under_test import embedded_only

pytestmark = embedded_only
NOWHERE = {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": "mongodb://127.0.0.1:1"}


def refused(*arguments, code=1, **options):
    done = run_cli("migrate", *arguments, **options)
    assert done.returncode == code and not done.stdout, done.stdout + done.stderr
    return done.stderr


def test_it_wants_to_know_one_source(tmp_path):
    for arguments in ((), ("--from", tmp_path, "--first-generation")):
        assert "give either --from FOLDER or --first-generation" in refused(*arguments, code=2)


def test_it_refuses_what_is_nowhere_else_or_nowhere_at_all(new_service, tmp_path):
    service = new_service().start()
    service.created(a_product())
    data = ("--from", service.data, "--data-dir", service.data)
    assert "in use by process" in refused(*data, environment=NOWHERE)
    service.stop()
    assert "There is nothing in" in refused(*data)
    assert "There is no folder" in refused("--from", tmp_path / "none", environment=NOWHERE)
    assert "give the same folder" in refused("--from", service.data, "--data-dir", tmp_path / "b", environment=NOWHERE)
    assert "choose it with `store: mongodb`" in refused("--first-generation", "--data-dir", tmp_path / "c")
