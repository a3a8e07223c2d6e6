// The JSON of the admin socket, from the service's side.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/ports/message_log.hpp"
#include "app/ports/product_store.hpp"
#include "telemetry/log.hpp"

namespace productd::admin_json {

struct Trim {
    TopicPartition source;
    std::int64_t before = 0;
};

// What is sent to us. Fails with invalid_argument.
Result<std::vector<Record>> records(std::string_view body);
Result<std::vector<TopicSpec>> topic_specs(std::string_view body);
Result<Trim> trim(std::string_view body);
/// `left`: for how long, where it is for a time. Its `then` says nothing.
Result<log::LevelNow> level(std::string_view body);

// What we answer.
std::string text(const Error& error);
std::string text(const std::vector<Result<Position>>& outcomes);
std::string text(const std::vector<Message>& messages);
std::string text(const std::vector<TopicInfo>& topics);
std::string text(const std::vector<std::string>& names);
std::string text(const log::LevelNow& level);
/// Each as kind, id, version, createdAt, updatedAt (a deletion's time too) and fences, or why it cannot be read; no
/// content.
std::string text(const std::vector<Found>& stored);
std::string text(const std::vector<std::pair<TopicPartition, Commit>>& commits);

}  // namespace productd::admin_json
