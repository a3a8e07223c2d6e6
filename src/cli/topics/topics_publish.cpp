// `productd topics publish`: one message from the command line, or one from each line of a file. Calls MessageLog.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>

#include "cli/commands.hpp"
#include "cli/open_log.hpp"
#include "cli/words.hpp"
#include "domain/error_text.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

constexpr std::size_t batch_records_max = 1'000;
constexpr std::size_t batch_bytes_max = 1 << 20;
constexpr std::uint64_t refusals_shown = 10;

/// Of what `text` says, which it looks at.
Result<Header> header_of(std::string_view text) {
    const auto equals = text.find('=');
    if (equals != std::string_view::npos && equals > 0) return Header{text.substr(0, equals), text.substr(equals + 1)};
    return fail(Errc::invalid_argument, fmt::format("-H {} must be NAME=VALUE", text));
}

/// The next line without its end; false at the end of the text. A line longer than `bytes_max` fails, and an empty one.
Result<bool> next_line(std::istream& in, std::string& line, std::size_t bytes_max) {
    line.clear();
    auto* source = in.rdbuf();
    for (auto c = source->sbumpc(); c != std::char_traits<char>::eof(); c = source->sbumpc()) {
        if (c == '\n' && line.empty()) {
            return fail(invalid("is empty; a message without text is published with a VALUE of \"\""));
        }
        if (c == '\n') return true;
        if (line.size() == bytes_max) {
            return fail(invalid(fmt::format("is longer than {} bytes; see Log.MessageBytesMax", bytes_max)));
        }
        line += static_cast<char>(c);
    }
    return !line.empty();
}

/// Publishes in batches and counts what became of them.
class Publishing {
public:
    Publishing(MessageLog& log, const TopicsPublish& asked, Console& console)
        : log_(log), asked_(asked), console_(console) {}

    Result<> add(std::optional<std::string> key, std::optional<std::string> value) {
        bytes_ += key.value_or("").size() + value.value_or("").size();
        const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        batch_.push_back({asked_.topic, asked_.partition, std::move(key), std::move(value), asked_.headers, now});
        if (batch_.size() < batch_records_max && bytes_ < batch_bytes_max) return {};
        return flush();
    }

    Result<> flush() {
        if (batch_.empty()) return {};
        const auto outcomes = run_to_end(log_.publish(std::exchange(batch_, {})));
        bytes_ = 0;
        if (!outcomes) return fail(outcomes.error());
        for (const auto& outcome : *outcomes) note(outcome);
        return {};
    }

    bool has_published() const { return published_ > 0; }

    /// One line about all of it; fails when a message was refused. `whole`: there was no line that is no message.
    Result<> finish(bool whole) const {
        if (published_ == 1) {
            fmt::print(console_.out, "Published {}/{}/{}.\n", last_.source.topic, last_.source.partition, last_.offset);
        } else if (published_ > 0 || (whole && refused_ == 0)) {
            fmt::print(console_.out, "Published {} messages to {}.\n", published_, asked_.topic);
        }
        if (refused_ == 0) return {};
        return fail(Errc::failed_precondition,
                    fmt::format("{} of {} {} refused.", refused_, counted(published_ + refused_, "message"),
                                refused_ == 1 ? "was" : "were"));
    }

private:
    void note(const Result<Position>& outcome) {
        if (outcome) {
            ++published_;
            last_ = *outcome;
        } else if (++refused_ <= refusals_shown) {
            fmt::print(console_.err, "message {}: {}\n", published_ + refused_, with_cause(outcome.error()));
        }
    }

    MessageLog& log_;
    const TopicsPublish& asked_;
    Console& console_;
    std::vector<Record> batch_;
    std::size_t bytes_ = 0;
    std::uint64_t published_ = 0;
    std::uint64_t refused_ = 0;
    Position last_;
};

/// Takes the key off the front of `line`, where there is a delimiter.
Result<std::optional<std::string>> key_of(std::string& line, const TopicsPublish& asked) {
    if (!asked.key_delimiter) return asked.key;
    const auto at = line.find(*asked.key_delimiter);
    if (at == std::string::npos) {
        return fail(invalid(fmt::format("has no \"{}\" between a key and a value", *asked.key_delimiter)));
    }
    auto key = line.substr(0, at);
    line.erase(0, at + asked.key_delimiter->size());
    return key;
}

/// A line that is no message ends it: what comes behind it may be as wrong. The lines before it are published.
Result<> publish_lines(std::istream& in, const TopicsPublish& asked, std::size_t bytes_max, Publishing& publishing) {
    std::string line;
    for (std::uint64_t number = 1;; ++number) {
        const auto more = next_line(in, line, bytes_max);
        if (more && !*more) return publishing.flush();
        auto key = more ? key_of(line, asked) : fail(more.error());
        if (!key) {
            if (auto flushed = publishing.flush(); !flushed) return flushed;
            return fail(key.error().code,
                        fmt::format("Line {} {}{}.", number, key.error().detail,
                                    publishing.has_published() ? "; lines before it were published" : ""));
        }
        if (auto added = publishing.add(std::move(*key), line); !added) return added;
    }
}

Result<> publish_file(std::istream& in, const std::string& name, const TopicsPublish& asked, std::size_t bytes_max,
                      Publishing& publishing) {
    try {
        return publish_lines(in, asked, bytes_max, publishing);
    } catch (const std::ios_base::failure&) {  // So the library tells that a read failed.
        return fail(Errc::unavailable, fmt::format("{} cannot be read to its end: check its disk.", name));
    }
}

/// What the service alone writes would be misread, or be taken for the end of a letter.
Result<> check_topic(const std::string& name, const Config& config) {
    const auto topics = topic_names(config);
    if (name != topics.dead_letters && name != topics.dead_letter_states) return {};
    return fail(
        invalid(fmt::format("{} is the service's own: publish to the topic the message is for, or mend and "
                            "replay a dead letter with `productd dlq edit` and `productd dlq replay`.",
                            name)));
}

Result<> publish(MessageLog& log, const TopicsPublish& asked, const Config& config, Console& console) {
    if (auto allowed = check_topic(asked.topic, config); !allowed) return allowed;
    Publishing publishing(log, asked, console);
    const auto line_bytes_max = static_cast<std::size_t>(config.log.record_bytes_max);
    Result<> done;
    if (asked.value || asked.null_value) {
        done = publishing.add(asked.key, asked.null_value ? std::nullopt : asked.value);
        if (done) done = publishing.flush();
    } else if (asked.file == "-") {
        done = publish_file(console.in, "Standard input", asked, line_bytes_max, publishing);
    } else {
        std::ifstream file(asked.file, std::ios::binary);
        std::error_code unseen;
        if (!file) {
            return fail(Errc::not_found, fmt::format("{} cannot be read: {}.", asked.file, std::strerror(errno)));
        }
        if (std::filesystem::is_directory(asked.file, unseen)) {
            return fail(invalid(fmt::format("{} is a folder; --file takes a file of lines.", asked.file)));
        }
        done = publish_file(file, asked.file, asked, line_bytes_max, publishing);
    }
    const auto told = publishing.finish(done.has_value());
    return done ? told : done;
}

}  // namespace

void declare_topics_publish(CLI::App& topics, Choice& choice) {
    auto* command = topics.add_subcommand("publish", "Publish one message, or one for each line");
    command->footer(
        "Example: productd topics publish create-product '{\"name\":\"Lamp\",\"description\":\"A "
        "lamp\",\"price\":9.5,\"quantity\":1,\"rating\":5}'\n"
        "Example: productd topics publish update-product -K : < lines.txt    (each line KEY:VALUE)");
    auto headers = std::make_shared<std::vector<std::string>>();
    auto asked = action_of<TopicsPublish>(*command, choice, [headers](TopicsPublish& given) {
        for (const auto& text : *headers) {
            const auto header = header_of(text);
            if (!header) throw CLI::ValidationError(header.error().detail);
            given.headers.push_back(*header);
        }
    });
    command->add_option("TOPIC", asked->topic, "The topic")->required();
    auto* value = command->add_option("VALUE", asked->value, "The message; without it, each line of --file is one");
    command->add_option("--file", asked->file, "The lines; - is standard input")->type_name("FILE")->excludes(value);
    command->add_flag("--null", asked->null_value, "A message without a value")->excludes(value);
    command->add_option("-k,--key", asked->key, "The key of every message")->type_name("KEY");
    command->add_option("-K,--key-delimiter", asked->key_delimiter, "What stands between key and value in a line")
        ->type_name("TEXT")
        ->excludes(value)
        ->check([](const std::string& text) { return text.empty() ? "must not be empty" : ""; });
    command->add_option("-H,--header", *headers, "A header, NAME=VALUE; may be given again")
        ->type_name("HEADER")
        ->allow_extra_args(false);
    command->add_option("-p,--partition", asked->partition, "The partition; without it, by the key")
        ->type_name("N")
        ->check(whole_number(0));
}

ExitCode perform(const TopicsPublish& action, Console& console) {
    return with_log(action.sources, MissingData::make, console,
                    [&](MessageLog& log, const Config& config) { return publish(log, action, config, console); });
}

}  // namespace productd
