# The checks of `make check` find what they are for, and let through what is right.
import check_data
import check_layers
import check_sizes
import check_words

import pytest
import yaml


@pytest.mark.parametrize(
    "name, include, allowed",
    [
        ("src/app/worker/a.cpp", '"domain/product.hpp"', True),
        ("src/app/worker/a.cpp", '"outbound/sqlite/store/sqlite_store.hpp"', False),
        ("src/app/worker/a.cpp", '"telemetry/log.hpp"', False),
        ("src/app/worker/a.cpp", "<boost/asio/post.hpp>", True),
        ("src/app/worker/a.cpp", "<sqlite3.h>", False),
        ("src/app/worker/a.cpp", '"app/letters/b.hpp"', True),
        ("src/app/letters/a.cpp", '"app/worker/b.hpp"', False),
        ("src/app/worker/a.cpp", '"app/worker/core/b.hpp"', True),
        ("src/app/worker/core/a.cpp", '"app/worker/b.hpp"', False),
        ("src/app/worker/core/a.cpp", '"app/letters/b.hpp"', False),
        ("src/app/worker/core/a.cpp", "<boost/asio/post.hpp>", False),
        ("src/app/worker/offsets/a.cpp", '"app/worker/core/b.hpp"', False),
        ("src/app/catalog/a.cpp", '"app/worker/b.hpp"', False),
        ("src/app/ports/a.hpp", '"app/events/b.hpp"', False),
        ("src/app/a.cpp", '"domain/product.hpp"', False),
        ("src/async/a.cpp", '"app/ports/ports.hpp"', False),
        ("src/domain/a.cpp", '"codec/json.hpp"', False),
        ("src/domain/a.cpp", "<vector>", True),
        ("src/domain/a.cpp", "<fmt/format.h>", False),
        ("src/domain/a_test.cpp", "<gtest/gtest.h>", True),
        ("src/app/worker/a_fixture.hpp", "<gtest/gtest.h>", True),
        ("src/app/worker/a_test.cpp", '"outbound/redis/b.hpp"', False),
        ("src/inbound/rest/a.cpp", '"outbound/redis/b.hpp"', False),
        ("src/inbound/rest/a.cpp", '"inbound/http/b.hpp"', True),
        ("src/inbound/http/a.cpp", '"inbound/rest/b.hpp"', False),
        ("src/inbound/http/a.cpp", '"inbound/tls/b.hpp"', True),
        ("src/inbound/http/message/a.cpp", '"inbound/http/b.hpp"', False),
        ("src/inbound/tls/a.cpp", '"inbound/http/b.hpp"', False),
        ("src/inbound/rest/a.cpp", '"inbound/http/message/b.hpp"', True),
        ("src/inbound/grpc/a.cpp", '"inbound/http/b.hpp"', False),
        ("src/outbound/kafka/a.cpp", '"inbound/http/b.hpp"', False),
        ("src/inbound/http/a.cpp", '"telemetry/log.hpp"', True),
        ("src/outbound/sqlite/a.cpp", "<sqlite3.h>", True),
        ("src/outbound/redis/a.cpp", '"outbound/memory/b.hpp"', True),
        ("src/outbound/memory/a.cpp", '"outbound/redis/b.hpp"', False),
        ("src/outbound/kafka/a.cpp", '"outbound/mongo/b.hpp"', False),
        ("src/outbound/sqlite/log/a.cpp", '"outbound/sqlite/store/b.hpp"', False),
        ("src/outbound/sqlite/store/a.cpp", '"outbound/sqlite/b.hpp"', True),
        ("src/runtime/a.cpp", '"inbound/http/http_server.hpp"', True),
        ("src/runtime/config/a.cpp", '"cli/serve.hpp"', False),
        ("src/cli/dlq/a.cpp", '"runtime/service.hpp"', True),
        ("src/util/a.cpp", '"domain/product.hpp"', False),
    ],
)
def test_an_include_passes_only_along_the_arrow(name, include, allowed):
    assert (check_layers.problems_of(name, f"#pragma once\n#include {include}\n") == []) is allowed


def test_function_lengths_count_from_the_first_line_of_the_header_to_the_closing_brace():
    source = """
namespace productd {
// } not a brace
struct Thing {
    int value() const { return value_; }
    int value_ = 0;
};
const std::array table{
    Row{1, "}"},
};
Thing::Thing(int a,
             int b)
    : a_{a}, b_(b) {
    auto call = [&](int c) {
        return '}' + 10'000;
    };
    call(a);
}
enum class Kind { one, two };
TEST(Thing, HoldsItsValue) {
    EXPECT_EQ(R"({"a": {)", text);
}
}  // namespace productd
"""
    assert check_sizes.cpp_functions(source) == [("value", 1), ("Thing::Thing", 8), ("Thing.HoldsItsValue", 3)]


def test_words_without_a_place_are_found():
    patterns = [pattern for _, _, pattern, _ in check_words.RULES]
    bad = [
        "// TO" + "DO later",
        "co_spawn(x, asio::detached)",
        "std::this_thread::sleep_for(1s)",
        "time." + "sleep(1)",
        "/home/" + "a/b",
    ]
    for pattern, line in zip(patterns, bad):
        assert check_words.re.search(pattern, line), line


API = """
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /things/{id}:
    get:
      operationId: get_thing
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: found, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}
components: {schemas: {Thing: {type: object}}}
"""


@pytest.mark.parametrize(
    "good, bad, problem",
    [
        ("schemas/Thing", "schemas/Other", "leads nowhere"),
        ("name: id", "name: other", "path parameters"),
        ("operationId: get_thing", "summary: x", "operationId"),
        ("{type: object}", "{type: objekt}", "objekt"),
        ("description: found, ", "", "no description"),
    ],
)
def test_a_broken_api_description_is_found(good, bad, problem):
    assert list(check_data.openapi_problems(yaml.safe_load(API))) == []
    assert problem in " ".join(check_data.openapi_problems(yaml.safe_load(API.replace(good, bad))))
