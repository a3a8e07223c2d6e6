// Runs the tests of several instances, where there are the servers they share.
#include "stack/mongo_server.hpp"
#include "stack/redis_server.hpp"
#include "stack/stack_main.hpp"

int main(int argc, char** argv) {
    const auto both_answer = [] { return productd::test::mongo_answers() && productd::test::redis_answers(); };
    return productd::test::run_or_skip(argc, argv, "redis or mongodb", both_answer);
}
