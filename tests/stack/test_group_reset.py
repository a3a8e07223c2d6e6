# On three real brokers and a replica set: a group that was set back to the beginning reads all of it again, and changes
# nothing by it.
import subprocess

import stack_kafka
from dead_letters import ID
from products import a_product
from service import PRODUCTS
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture"]


def set_to_the_beginning(bus):
    topics = [word for name in ("create", "update", "delete") for word in ("--topic", bus.topic(name))]
    tool = [*stack_kafka.JAVA, "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"]
    group = ["--bootstrap-server", bus.brokers, "--group", bus.environment["PRODUCTD_KAFKA_GROUPID"]]
    command = [*tool, *group, "--reset-offsets", "--to-earliest", "--execute", *topics]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Error" not in done.stdout, done.stdout + done.stderr


def test_a_group_set_back_to_the_beginning_changes_nothing(bus, environment, services):
    bus.cli("topics", "create")
    service = services(environment).start()
    products = [service.created(a_product()) for _ in range(20)]
    for product in products[:10]:
        path = f"{PRODUCTS}/{product['productId']}"
        product.update(service.request("PUT", path, json=a_product()).json())
    for product in products[5:10]:
        assert service.request("DELETE", f"{PRODUCTS}/{product['productId']}").status_code == 204
    bus.cli("topics", "publish", bus.topic("update"), '{"productId":"%s","name":"No product"}' % ID)
    eventually(lambda: len(bus.letters()) == 1, 20, "its dead letter")
    bus.caught_up()
    service.stop()

    set_to_the_beginning(bus)
    assert bus.behind() == 36
    service.start()
    bus.caught_up()
    for n, product in enumerate(products):
        answer = service.get(f"{PRODUCTS}/{product['productId']}", headers={"Cache-Control": "no-cache"})
        assert answer.status_code == 404 if 5 <= n < 10 else answer.json() == product
    letters = {letter["messageId"] for letter in bus.letters()}
    assert len(letters) == 1, "one and the same, however often it is read"
