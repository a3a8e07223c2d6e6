# The commands of docs/operations.md for the embedded engine, run in their order as printed.
import re
import shutil

import readme
from dead_letters import an_orphan, listed
from lost_store import history_of
from products import a_product
from service import PRODUCTS, ROOT
from store_under_test import embedded_only
from waiting import eventually

pytestmark = embedded_only
BLOCK = re.compile(r"<!-- proven while it (runs|is stopped) -->\s*```sh\n(.*?)```", re.S)


def test_the_commands_of_the_operations_guide_work_as_printed(new_service):
    service = new_service(environment={"PRODUCTD_WORKER_NOT_FOUND_WAIT": "300ms"}).start()
    product = service.created(a_product())
    letter = an_orphan(service)
    blocks = BLOCK.findall((ROOT / "docs/operations.md").read_text())
    assert [state for state, _ in blocks].count("is stopped") == 3
    for state, script in blocks:
        if state == "runs" and not service.alive():
            service.start()
        if state == "is stopped" and service.alive():
            service.stop()
        told = readme.run(script, service.folder)
        if "drill" in script:
            assert '"ready":true' in told.replace(" ", ""), told
        if " rebuild" in script:
            assert "is made anew from what it was" in told, told
        if "rm -f data/log.db" in script:
            assert "log.db was gone" in told, told
    service.start()
    assert service.get(f"{PRODUCTS}/{product['productId']}").json() == product
    eventually(lambda: history_of(service)[0], what="readiness")
    assert [entry["messageId"] for entry in listed(service)] == [letter]
    shutil.rmtree(service.folder / "backups")
