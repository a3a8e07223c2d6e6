// `productd dlq edit`: takes a payload, checks it as the worker would, notes it. Calls $EDITOR when no file is given.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>

#include "cli/dlq/dlq_open.hpp"
#include "runtime/service_settings.hpp"

extern char** environ;

namespace productd {

namespace {

/// All of it; fails beyond `bytes_max`.
Result<std::string> read_all(std::istream& in, std::size_t bytes_max) {
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.size() <= bytes_max) return text;
    return fail(Errc::resource_exhausted,
                fmt::format("The payload is longer than the {} bytes of Log.MessageBytesMax.", bytes_max));
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Errc::not_found, path + " cannot be read.");
    return read_all(file, bytes_max);
}

/// The user's editor on a copy that only the user may read.
Result<std::string> edited(const std::string& payload, std::size_t bytes_max) {
    const char* editor = std::getenv("EDITOR");  // NOLINT(concurrency-mt-unsafe): one thread.
    if (!editor || *editor == '\0') {
        return fail(Errc::failed_precondition, "Give the payload with --payload FILE, or set EDITOR.");
    }
    std::string path = (std::filesystem::temp_directory_path() / "productd-payload-XXXXXX").string();
    const int file = ::mkstemp(path.data());
    if (file < 0) return fail(Errc::failed_precondition, "No temporary file can be made for the editor.");
    const bool is_written = ::write(file, payload.data(), payload.size()) == static_cast<ssize_t>(payload.size());
    ::close(file);
    auto command = fmt::format("{} \"$1\"", editor);
    std::string shell = "sh";
    std::string flag = "-c";
    char* arguments[] = {shell.data(), flag.data(), command.data(), shell.data(), path.data(), nullptr};
    pid_t child = 0;
    int status = -1;
    const bool is_run = is_written && ::posix_spawnp(&child, "sh", nullptr, nullptr, arguments, environ) == 0 &&
                        ::waitpid(child, &status, 0) == child;
    auto text = is_run && status == 0 ? read_file(path, bytes_max)
                                      : fail(Errc::failed_precondition, "The editor failed; nothing was changed.");
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return text;
}

}  // namespace

ExitCode perform(const DlqEdit& action, Console& console) {
    auto letters = open_letters(action.sources, console);
    if (!letters) return report(letters.error(), console);
    const auto found = (*letters)->box.find(action.id);
    if (!found) return report(found.error(), console);
    const auto& entry = (*letters)->box.entries()[*found];
    if (entry.state == LetterState::purged) return report({Errc::failed_precondition, "It was purged."}, console);
    auto& log = *(*letters)->log.log;
    auto letter = run_to_end(whole_letter(log, entry));
    if (!letter) return report(letter.error(), console);
    const auto bytes_max = static_cast<std::size_t>((*letters)->config.log.record_bytes_max);
    auto payload = action.payload_file.empty()  ? edited(letter->payload.value_or(""), bytes_max)
                   : action.payload_file == "-" ? read_all(console.in, bytes_max)
                                                : read_file(action.payload_file, bytes_max);
    if (!payload) return report(payload.error(), console);
    letter->payload = std::move(*payload);
    const auto event = decode_as_worker(topic_names((*letters)->config), original(*letter));
    if (!event && !action.force) {
        auto error = event.error();
        error.detail = "The worker could not read this payload: " + error.detail;
        for (const auto& violation : error.violations) error.detail += ' ' + violation.detail;
        return report(error, console);
    }
    LetterMark mark{.id = entry.id, .state = LetterState::edited, .letters = places_of(entry)};
    mark.run = run_id();
    mark.payload = letter->payload;
    const auto topic = topic_names((*letters)->config).dead_letter_states;
    const auto partitions = partitions_of((*letters)->box.read_up_to(), topic);
    std::vector<Record> records{encode_mark(topic, partitions, mark, now_ms())};
    const auto written = run_to_end(log.publish(std::move(records)));
    if (!written) return report(written.error(), console);
    if (!written->front()) return report(written->front().error(), console);
    fmt::print(console.out, "{} will be replayed with {} bytes.\n", shown(entry.id, 320), mark.payload->size());
    return ExitCode::success;
}

}  // namespace productd
