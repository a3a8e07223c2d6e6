// Runs the tests of MongoDB, where there is one.
#include "stack/mongo_server.hpp"
#include "stack/stack_main.hpp"

int main(int argc, char** argv) {
    return productd::test::run_or_skip(argc, argv, "mongodb", productd::test::mongo_answers);
}
