// The event log of a running service, through the Unix socket in its data folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "app/ports/message_log.hpp"
#include "app/ports/product_store.hpp"
#include "outbound/admin/admin_client.hpp"

namespace productd {

struct AdminLogSettings {
    std::filesystem::path socket;               ///< `<data>/admin.sock`.
    std::chrono::milliseconds timeout{30'000};  ///< For one call.
    std::size_t request_bytes_max = 1 << 20;    ///< Records are sent in calls of this size; a larger one goes alone.
    std::size_t answer_bytes_max = 128 << 20;
};

/// Every call is one connection. Fails with unavailable when no service listens, and with permission_denied when
/// another user's process does.
class AdminMessageLog : public MessageLog {
public:
    explicit AdminMessageLog(AdminLogSettings settings)
        : settings_(std::move(settings)), client_({settings_.socket, settings_.timeout, settings_.answer_bytes_max}) {}

    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override;
    /// Not over this socket: next() fails with unimplemented.
    std::unique_ptr<Subscription> subscribe(std::string group, std::vector<std::string> topics,
                                            asio::any_io_executor executor) override;
    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override;
    Task<> trim(TopicPartition source, std::int64_t before) override;
    Task<std::vector<std::string>> create(std::vector<TopicSpec> topics) override;
    Task<std::vector<TopicInfo>> describe(std::vector<std::string>) override;
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string group) override;
    Task<> check() override;

    /// What the service's store has under each id, without content.
    Task<std::vector<Found>> stored(std::vector<ProductId> ids);

private:
    AdminLogSettings settings_;
    AdminClient client_;
};

}  // namespace productd
