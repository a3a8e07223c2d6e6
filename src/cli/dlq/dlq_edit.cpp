// `productd dlq edit`: takes a payload, checks it as the worker would, notes it. Calls dlq_payload when no file is
// given.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <ostream>

#include "cli/dlq/dlq_open.hpp"
#include "cli/dlq/dlq_payload.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

Result<std::string> payload_of(const DlqEdit& action, const std::string& now, std::size_t bytes_max,
                               EditedPayload& edited, Console& console) {
    if (action.payload_file.empty()) return edited.edit(now, bytes_max);
    if (action.payload_file == "-") return read_all(console.in, bytes_max);
    return read_file(action.payload_file, bytes_max);
}

Error unreadable(Error error) {
    error.detail = "The worker could not read this payload: " + error.detail;
    for (const auto& violation : error.violations) error.detail += ' ' + violation.detail;
    return error;
}

/// What a replay publishes in place of the letter's payload.
Result<> note(OpenLetters& letters, const LetterEntry& entry, const std::string& payload) {
    LetterMark mark{.id = entry.id, .state = LetterState::edited, .letters = places_of(entry)};
    mark.run = run_id();
    mark.payload = payload;
    const auto topic = topic_names(letters.config).dead_letter_states;
    const auto partitions = partitions_of(letters.box.read_up_to(), topic);
    std::vector<Record> records{encode_mark(topic, partitions, mark, now_ms())};
    const auto written = run_to_end(letters.log.log->publish(std::move(records)));
    if (!written) return fail(written.error());
    if (!written->front()) return fail(written->front().error());
    return {};
}

}  // namespace

ExitCode perform(const DlqEdit& action, Console& console) {
    auto letters = open_letters(action.sources, console);
    if (!letters) return report(letters.error(), console);
    const auto found = (*letters)->box.find(action.id);
    if (!found) return report(found.error(), console);
    const auto& entry = (*letters)->box.entries()[*found];
    if (entry.state == LetterState::purged) return report({Errc::failed_precondition, "It was purged."}, console);
    auto letter = run_to_end(whole_letter(*(*letters)->log.log, entry));
    if (!letter) return report(letter.error(), console);

    EditedPayload edited;
    const auto refuse = [&](const Error& error) {
        const auto code = report(error, console);
        if (const auto kept = edited.keep()) {
            fmt::print(console.err, "What you wrote is kept in {0}: mend it, and give it with --payload {0}\n", *kept);
        }
        return code;
    };
    const auto bytes_max = static_cast<std::size_t>((*letters)->config.log.record_bytes_max);
    auto payload = payload_of(action, letter->payload.value_or(""), bytes_max, edited, console);
    if (!payload) return refuse(payload.error());
    letter->payload = std::move(*payload);
    const auto event = decode_as_worker(topic_names((*letters)->config), original(*letter));
    if (!event && !action.force) return refuse(unreadable(event.error()));
    if (const auto noted = note(**letters, entry, *letter->payload); !noted) return refuse(noted.error());
    fmt::print(console.out, "{} will be replayed with {} bytes.\n", shown(entry.id, 320), letter->payload->size());
    return ExitCode::success;
}

}  // namespace productd
