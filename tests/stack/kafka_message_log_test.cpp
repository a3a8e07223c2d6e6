// The log on Kafka keeps the contract of every log, over three real brokers.
#include "contract/message_log_contract.hpp"
#include "contract/subscription_contract.hpp"
#include "stack/kafka_server.hpp"

namespace productd::contract {

class KafkaHarness {
public:
    KafkaHarness() { reopen(); }

    MessageLog& log() { return *log_; }
    void reopen() {
        log_.reset();
        auto opened = KafkaMessageLog::open(test::kafka_settings());
        if (!opened) throw std::runtime_error(opened.error().detail);
        log_ = std::move(*opened);
    }
    std::string topic(const std::string& name) { return prefix_ + name; }
    std::string group(const std::string& name) { return prefix_ + name; }

private:
    std::string prefix_ = test::own_prefix();
    std::unique_ptr<KafkaMessageLog> log_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, MessageLogContract, KafkaHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, SubscriptionContract, KafkaHarness);

}  // namespace productd::contract
