// The JSON of the admin socket, from the commands' side.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/ports/message_log.hpp"
#include "app/ports/product_store.hpp"

namespace productd::admin_log_json {

// What we send.
std::string text(const Record& record);
std::string text(const std::vector<TopicSpec>& specs);
std::string trim_text(const TopicPartition& source, std::int64_t before);

// What is answered. Fails with internal when it is something else: the service is of another version.
Result<std::vector<Result<Position>>> outcomes(std::string_view answer);
Result<std::vector<Message>> messages(std::string_view answer);
Result<std::vector<TopicInfo>> topics(std::string_view answer);
Result<std::vector<Found>> stored(std::string_view answer);
Result<std::vector<std::string>> names(std::string_view answer);
Result<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string_view answer);
Error error(std::string_view answer);

}  // namespace productd::admin_log_json
