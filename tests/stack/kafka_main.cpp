// Runs the tests of Kafka, where there is one.
#include "stack/kafka_server.hpp"
#include "stack/stack_main.hpp"

int main(int argc, char** argv) {
    return productd::test::run_or_skip(argc, argv, "kafka", productd::test::kafka_answers);
}
