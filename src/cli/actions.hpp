// What the command line asks for: one action each, parsed in arguments.cpp, performed in the file of its name.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/ports/message_log.hpp"
#include "runtime/config/config.hpp"

namespace productd {

/// What a process ends with; `productd --help` lists them.
enum class ExitCode {
    success = 0,
    failure = 1,  ///< It was understood and did not work.
    usage = 2,    ///< It was not understood.
};

/// Where a command reads and writes.
struct Console {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
};

struct PrintText {
    std::string text;
};

struct UsageError {
    std::string sentence;
};

struct Serve {
    ConfigSources sources;
    std::string ready_file;  ///< Empty: none.
};

struct ShowConfig {
    ConfigSources sources;
    bool defaults = false;
};

struct Doctor {
    ConfigSources sources;
};

struct Health {
    ConfigSources sources;
};

struct Rebuild {
    ConfigSources sources;
};

struct MakeBackup {
    ConfigSources sources;
    std::string to;
};

struct RestoreBackup {
    ConfigSources sources;
    std::string from;
};

struct Migrate {
    ConfigSources sources;
    std::string from;               ///< A data folder; empty with `first_generation`.
    bool first_generation = false;  ///< The documents of the older service, where they are.
    bool dry_run = false;
};

struct LogLevel {
    ConfigSources sources;
    std::optional<log::Level> level;                ///< Nothing: it is asked for.
    std::optional<std::chrono::milliseconds> time;  ///< Nothing: until the service ends.
};

struct TopicsCreate {
    ConfigSources sources;
    std::vector<std::string> topics;  ///< Empty: those of the contract.
    std::optional<std::int32_t> partitions;
};

struct TopicsList {
    ConfigSources sources;
};

struct TopicsDescribe {
    ConfigSources sources;
    std::vector<std::string> topics;  ///< Empty: all.
};

struct TopicsPublish {
    ConfigSources sources;
    std::string topic;
    std::optional<std::string> value;  ///< Nothing: a message for each line of `file`.
    std::string file = "-";            ///< `-`: standard input.
    bool null_value = false;
    std::optional<std::string> key;
    std::optional<std::string> key_delimiter;  ///< What stands between key and value in a line.
    Headers headers;
    std::optional<std::int32_t> partition;
};

/// Where reading starts in each partition.
struct FromOffset {
    std::int64_t offset = 0;
};
struct FromLast {
    std::int64_t count = 0;  ///< This many messages before the end.
};
using ReadFrom = std::variant<FromOffset, FromLast>;

struct TopicsRead {
    ConfigSources sources;
    std::string topic;
    std::vector<std::int32_t> partitions;  ///< Empty: all.
    ReadFrom from = FromOffset{0};
    std::optional<std::uint64_t> count;  ///< In all.
    bool follow = false;
    bool json = false;
};

/// Which dead letters a command is about.
struct LettersMeant {
    std::vector<std::string> ids;
    std::string filter;
    bool all = false;
};

struct DlqList {
    ConfigSources sources;
    std::string filter;
    std::uint64_t limit = 100;
    bool json = false;
};

struct DlqShow {
    ConfigSources sources;
    std::string id;
    bool json = false;
    bool payload = false;
};

struct DlqReplay {
    ConfigSources sources;
    LettersMeant meant;
    bool dry_run = false;
    bool force = false;
    bool again = false;
    std::optional<double> rate;
};

struct DlqEdit {
    ConfigSources sources;
    std::string id;
    std::string payload_file;  ///< `-`: standard input; empty: $EDITOR.
    bool force = false;
};

struct DlqPurge {
    ConfigSources sources;
    LettersMeant meant;
    bool replayed = false;
    bool dry_run = false;
    bool yes = false;
};

using Action = std::variant<PrintText, UsageError, Serve, ShowConfig, Doctor, Health, Rebuild, MakeBackup,
                            RestoreBackup, Migrate, LogLevel, TopicsCreate, TopicsList, TopicsDescribe, TopicsPublish,
                            TopicsRead, DlqList, DlqShow, DlqReplay, DlqEdit, DlqPurge>;

ExitCode perform(const PrintText& action, Console& console);
ExitCode perform(const UsageError& action, Console& console);
/// Serves until SIGTERM or SIGINT.
ExitCode perform(const Serve& action, Console& console);
ExitCode perform(const ShowConfig& action, Console& console);
ExitCode perform(const Doctor& action, Console& console);
ExitCode perform(const Health& action, Console& console);
ExitCode perform(const Rebuild& action, Console& console);
ExitCode perform(const MakeBackup& action, Console& console);
ExitCode perform(const RestoreBackup& action, Console& console);
ExitCode perform(const Migrate& action, Console& console);
ExitCode perform(const LogLevel& action, Console& console);
ExitCode perform(const TopicsCreate& action, Console& console);
ExitCode perform(const TopicsList& action, Console& console);
ExitCode perform(const TopicsDescribe& action, Console& console);
ExitCode perform(const TopicsPublish& action, Console& console);
ExitCode perform(const TopicsRead& action, Console& console);
ExitCode perform(const DlqList& action, Console& console);
ExitCode perform(const DlqShow& action, Console& console);
ExitCode perform(const DlqReplay& action, Console& console);
ExitCode perform(const DlqEdit& action, Console& console);
ExitCode perform(const DlqPurge& action, Console& console);

}  // namespace productd
