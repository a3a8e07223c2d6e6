// Runs the tests of Redis, where there is one.
#include "stack/redis_server.hpp"
#include "stack/stack_main.hpp"

int main(int argc, char** argv) {
    return productd::test::run_or_skip(argc, argv, "redis", productd::test::redis_answers);
}
