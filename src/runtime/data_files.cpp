// The names in the data folder. Calls nothing.
#include "runtime/data_files.hpp"

#include "app/topics.hpp"

namespace productd {

namespace {

// Of what dead letters may take beyond the log's limit: the list of what became of them is much shorter.
constexpr std::int64_t states_share = 8;

}  // namespace

DataFiles data_files(const Config& config) {
    const std::filesystem::path folder = config.data.dir;
    return {folder, folder / "log.db", folder / "store.db", folder / "admin.sock", folder / "tls"};
}

SqliteLogSettings log_settings(const Config& config) {
    const TopicNames topics;
    const auto reserve = static_cast<std::int64_t>(config.log.dead_letter_reserve);
    SqliteLogSettings settings{.path = data_files(config).log};
    settings.log_bytes_max = static_cast<std::int64_t>(config.log.bytes_max);
    settings.age_max = config.log.retention;
    settings.kept_topics = {{topics.dead_letters, reserve}, {topics.dead_letter_states, reserve / states_share}};
    settings.record_bytes_max = static_cast<std::int64_t>(config.log.message_bytes_max);
    return settings;
}

}  // namespace productd
