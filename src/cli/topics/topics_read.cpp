// `productd topics read`: prints the messages of a topic, and waits for more. Calls MessageLog.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/message_text.hpp"
#include "cli/open_log.hpp"
#include "cli/words.hpp"
#include "domain/integer.hpp"

namespace productd {

namespace {

constexpr std::size_t messages_at_once = 100;
constexpr std::chrono::milliseconds pause(100);  // Between two looks for new messages.

/// Where reading a partition stands.
struct Cursor {
    TopicPartition source;
    std::int64_t next = 0;
    std::int64_t end = 0;  ///< Where the partition ended when it was last looked at.
};

class Reading {
public:
    Reading(MessageLog& log, const TopicsRead& asked, Console& console)
        : log_(log), asked_(asked), out_(console.out), err_(console.err) {}

    /// Ends at what was the end of each partition, or, following, with --count or a signal.
    Task<> run() {
        auto executor = co_await asio::this_coro::executor;
        asio::signal_set signals(executor);
        if (asked_.follow) watch(signals);
        auto placed = co_await place();
        if (placed) tell_if_all_end_before();
        while (placed && !enough()) {
            placed = co_await read_all();
            if (!asked_.follow || !placed || enough()) break;
            out_.flush();
            co_await sleep_until(Deadline::clock::now() + pause);
            placed = co_await look_again();
        }
        out_.flush();
        co_return placed;
    }

private:
    bool enough() const { return stopped_ || !out_ || (asked_.count && printed_ >= *asked_.count); }

    void watch(asio::signal_set& signals) {
        signals.add(SIGINT);
        signals.add(SIGTERM);
        signals.async_wait([this](const boost::system::error_code& error, int) { stopped_ = stopped_ || !error; });
    }

    Task<TopicInfo> topic() {
        auto topics = co_await log_.describe({asked_.topic});
        if (!topics) co_return fail(std::move(topics).error());
        for (auto& topic : *topics) {
            if (topic.topic == asked_.topic) co_return std::move(topic);
        }
        co_return fail(
            Errc::not_found,
            fmt::format("There is no topic {}; `productd topics list` shows those there are.", asked_.topic));
    }

    Task<> place() {
        auto info = co_await topic();
        if (!info) co_return fail(std::move(info).error());
        for (const auto& partition : info->partitions) {
            const auto& wanted = asked_.partitions;
            if (!wanted.empty() && std::ranges::find(wanted, partition.partition) == wanted.end()) continue;
            const auto* last = std::get_if<FromLast>(&asked_.from);
            const auto from = last ? partition.end - last->count : std::get<FromOffset>(asked_.from).offset;
            cursors_.push_back(
                {{info->topic, partition.partition}, std::clamp(from, partition.begin, partition.end), partition.end});
        }
        if (cursors_.empty() || cursors_.size() < asked_.partitions.size()) {
            co_return fail(Errc::not_found, fmt::format("Topic {} has the partitions 0 to {}.", asked_.topic,
                                                        info->partitions.size() - 1));
        }
        co_return Result<>{};
    }

    /// Who asks for an offset that no partition has reached has mistaken something, and would see nothing at all.
    void tell_if_all_end_before() {
        const auto* from = std::get_if<FromOffset>(&asked_.from);
        if (!from || std::ranges::any_of(cursors_, [&](const Cursor& at) { return from->offset <= at.end; })) return;
        std::string ends;
        for (const auto& cursor : cursors_) {
            const auto* sentence = ends.empty() ? "Partition {0} of {1} ends at offset {2}" : ", partition {0} at {2}";
            ends += fmt::format(fmt::runtime(sentence), cursor.source.partition, cursor.source.topic, cursor.end);
        }
        fmt::print(err_, "{}: there is nothing from {} on.\n", ends, from->offset);
    }

    /// Notes what was added, and passes over what retention took meanwhile.
    Task<> look_again() {
        auto info = co_await topic();
        if (!info) co_return fail(std::move(info).error());
        for (auto& cursor : cursors_) {
            for (const auto& partition : info->partitions) {
                if (partition.partition != cursor.source.partition) continue;
                cursor.end = partition.end;
                cursor.next = std::max(cursor.next, partition.begin);
            }
        }
        co_return Result<>{};
    }

    Task<> read_all() {
        for (auto& cursor : cursors_) {
            while (cursor.next < cursor.end && !enough()) {
                const auto room = static_cast<std::size_t>(cursor.end - cursor.next);
                auto messages = co_await log_.read(cursor.source, cursor.next, std::min(messages_at_once, room));
                if (!messages && messages.error().code == Errc::out_of_range) {
                    const auto before = cursor.next;
                    auto moved = co_await look_again();
                    if (!moved) co_return moved;
                    if (cursor.next > before) continue;
                }
                if (!messages) co_return fail(std::move(messages).error());
                if (messages->empty()) break;
                print(*messages);
                cursor.next = messages->back().position.offset + 1;
            }
        }
        co_return Result<>{};
    }

    void print(const std::vector<Message>& messages) {
        std::string lines;
        for (const auto& message : messages) {
            if (enough()) break;
            ++printed_;
            asked_.json ? append_json_line(lines, message) : append_text_line(lines, message);
        }
        out_ << lines;
    }

    MessageLog& log_;
    const TopicsRead& asked_;
    std::ostream& out_;
    std::ostream& err_;
    std::vector<Cursor> cursors_;
    std::uint64_t printed_ = 0;
    bool stopped_ = false;
};

std::optional<ReadFrom> from_of(const std::string& text) {
    if (text == "beginning") return FromOffset{0};
    if (text == "end") return FromLast{0};
    const auto number = parse_integer(text);
    if (!number || *number == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
    return *number < 0 ? ReadFrom(FromLast{-*number}) : ReadFrom(FromOffset{*number});
}

}  // namespace

void declare_topics_read(CLI::App& topics, Choice& choice) {
    auto* command = topics.add_subcommand("read", "Print the messages of a topic, partition by partition");
    command->footer(
        "Example: productd topics read dead-letter-queue --from -10 --json\n"
        "Example: productd topics read create-product --from end --follow");
    auto from = std::make_shared<std::string>("beginning");
    auto asked = action_of<TopicsRead>(*command, choice, [from](TopicsRead& given) {
        const auto place = from_of(*from);
        if (!place) {
            throw CLI::ValidationError(fmt::format("--from is {}; it must be beginning, end, an offset, or -N", *from));
        }
        given.from = *place;
    });
    command->add_option("TOPIC", asked->topic, "The topic")->required();
    command->add_option("-p,--partition", asked->partitions, "Only this partition; may be given again")
        ->type_name("N")
        ->allow_extra_args(false)
        ->check(whole_number(0));
    command->add_option("--from", *from, "beginning, end, an offset, or -N for the last N of each partition")
        ->type_name("WHERE");
    command->add_option("--count", asked->count, "End after this many messages")
        ->type_name("N")
        ->check(whole_number(1));
    command->add_flag("--follow", asked->follow, "Go on with what comes, until Ctrl-C");
    command->add_flag("--json", asked->json, "A JSON object for each message, exact for any bytes");
}

ExitCode perform(const TopicsRead& action, Console& console) {
    return with_log(action.sources, MissingData::refuse, console, [&](MessageLog& log, const Config&) {
        Reading reading(log, action, console);
        return run_to_end(reading.run());
    });
}

}  // namespace productd
