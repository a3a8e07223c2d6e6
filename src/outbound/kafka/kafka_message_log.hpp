// The event log on Apache Kafka.
#pragma once

#include "app/ports/message_log.hpp"
#include "outbound/kafka/kafka_admin.hpp"
#include "outbound/kafka/kafka_producer.hpp"
#include "outbound/kafka/kafka_reader.hpp"

namespace productd {

class KafkaMember;

/// Durable: publish() answers once all replicas in sync have the record. Brokers may come and go: calls wait for them
/// for their time-outs at most, and fail with unavailable then.
class KafkaMessageLog final : public MessageLog {
public:
    /// Connects to nothing yet. Fails with invalid_argument for settings librdkafka does not take.
    static Result<std::unique_ptr<KafkaMessageLog>> open(KafkaLogSettings settings);
    ~KafkaMessageLog() override;

    /// As the port says. Only to topics that exist; a record fails with not_found otherwise, with unavailable when the
    /// buffer is full or no broker takes it within Kafka.DeliveryTimeout, and with deadline_exceeded when it may have
    /// been written by then.
    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override;
    std::unique_ptr<Subscription> subscribe(std::string group, std::vector<std::string> topics,
                                            asio::any_io_executor executor) override;
    /// out_of_range below the first message or beyond the end. A read returns about 16 MiB at most.
    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override;
    Task<> trim(TopicPartition source, std::int64_t before) override;
    /// Missing topics get the contract's settings. One that has fewer partitions than asked gets the missing ones, when
    /// the worker's group has finished all that is in it: failed_precondition otherwise. Those of dead letters do not
    /// grow.
    Task<std::vector<std::string>> create(std::vector<TopicSpec> topics) override;
    Task<std::vector<TopicInfo>> describe(std::vector<std::string> topics) override;
    /// What the commits rest on is in their metadata: marked_commit() tells it.
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string group) override;
    /// Only with each commit from here on, and there only in place of a mark that the store then has.
    Task<> rest_on(std::function<StoreMark()> mark) override;
    Task<> check() override;
    /// Waits until the groups have been left, and for what is buffered, that no longer than Kafka.DeliveryTimeout.
    bool close(Deadline deadline) override;

private:
    struct Core;
    explicit KafkaMessageLog(std::shared_ptr<Core> core) : core_(std::move(core)) {}
    Task<std::vector<Result<Position>>> publish_known(std::vector<Record> records,
                                                      std::map<std::string, Error> unknown);

    std::shared_ptr<Core> core_;
};

}  // namespace productd
