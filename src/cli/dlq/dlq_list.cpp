// `productd dlq list` and `dlq show`. Calls the dead letter box.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <ostream>

#include "cli/dlq/dlq_open.hpp"
#include "codec/json/json_writer.hpp"
#include "codec/time_text.hpp"
#include "domain/utf8.hpp"

namespace productd {

namespace {

std::string state_text(const LetterEntry& entry, Overtaken overtaken) {
    std::string text = name(entry.state);
    if (entry.came_back) text += ", came back";
    if (overtaken == Overtaken::unknown) {
        text += ", overtaken unknown";
    } else if (!entry.overtaken.empty()) {
        text += ", overtaken";
    }
    return text;
}

void print_line(std::ostream& out, const LetterEntry& entry, Overtaken overtaken) {
    const auto what = entry.product ? entry.product->hex() : shown(entry.key, 40);
    fmt::print(out, "{}  {}  {}  {}  {}{}  {}\n", shown(entry.id, 320), time_text(entry.letter.time),
               shown(entry.code, 40), what.empty() ? "-" : what, state_text(entry, overtaken),
               entry.letters > 1 ? fmt::format(" ({} letters)", entry.letters) : "", shown(entry.error, 80));
}

void print_json(std::ostream& out, const LetterEntry& entry, Overtaken overtaken) {
    std::string line;
    {
        json::ObjectWriter object(line);
        const auto text = [&](const char* member, std::string_view value) {
            code_points(value) ? object.text(member, value) : object.ascii(member, value);
        };
        object.text("messageId", entry.id);
        object.time("time", entry.letter.time);
        text("code", entry.code);
        text("topic", entry.origin.source.topic);
        text("product", entry.product ? entry.product->hex() : "");
        text("key", entry.key);
        text("state", name(entry.state));
        text("error", entry.error);
        overtaken == Overtaken::known ? text("overtaken", entry.overtaken) : object.null("overtaken");
        object.boolean("cameBack", entry.came_back);
        object.number("letters", entry.letters);
        object.number("attempts", entry.attempts);
        object.number("replays", entry.replays);
        object.number("payloadBytes", entry.payload_bytes);
        object.boolean("truncated", entry.truncated);
    }
    out << line << '\n';
}

/// Sixteen bytes a line, as hexdump -C.
void print_hex(std::ostream& out, std::string_view bytes) {
    constexpr std::size_t shown_bytes_max = 4'096;
    for (std::size_t at = 0; at < std::min(bytes.size(), shown_bytes_max); at += 16) {
        const auto line = bytes.substr(at, 16);
        std::string hex;
        std::string text;
        for (const char c : line) {
            hex += fmt::format("{:02x} ", static_cast<unsigned char>(c));
            text += c >= 0x20 && c < 0x7f ? c : '.';
        }
        fmt::print(out, "  {:08x}  {:<48} |{}|\n", at, hex, text);
    }
    if (bytes.size() > shown_bytes_max) fmt::print(out, "  … {} bytes in all; --payload writes them.\n", bytes.size());
}

void print_letter(std::ostream& out, const LetterEntry& entry, Overtaken overtaken, const ReadLetter& letter) {
    fmt::print(out, "id            {}\nstate         {}\n", shown(entry.id, 320), state_text(entry, overtaken));
    if (overtaken == Overtaken::known && !entry.overtaken.empty())
        fmt::print(out, "overtaken     {}\n", entry.overtaken);
    fmt::print(out, "code          {}\nerror         {}\n", shown(letter.code, 80), shown(letter.error, 4'096));
    for (const auto& violation : letter.violations) {
        fmt::print(out, "              {}: {}\n", shown(violation.field, 80), shown(violation.detail, 400));
    }
    if (entry.product) fmt::print(out, "product       {}\n", entry.product->hex());
    fmt::print(out, "key           {}\n", letter.key ? shown(*letter.key, 1'024) : "(null)");
    fmt::print(out, "message time  {}\nfirst failure {}\nlast failure  {}\n", time_text(letter.origin.time),
               time_text(letter.first_failure), time_text(letter.last_failure));
    fmt::print(out, "attempts      {}, replays {}, letters {}\n", letter.attempts, letter.replays, entry.letters);
    if (!letter.traceparent.empty()) fmt::print(out, "traceparent   {}\n", shown(letter.traceparent, 80));
    for (const auto& header : letter.headers) {
        fmt::print(out, "header        {} = {}\n", shown(header.name, 200), shown(header.value, 400));
    }
    fmt::print(out, "payload       {}{} bytes{}\n", entry.edit ? "edited, " : "", letter.payload_bytes,
               letter.truncated ? ", too large to be kept"
               : letter.payload ? ""
                                : " (null)");
    if (!letter.payload) return;
    if (code_points(*letter.payload)) {
        fmt::print(out, "{}\n", shown(*letter.payload, 64 * 1'024));
    } else {
        print_hex(out, *letter.payload);
    }
}

}  // namespace

ExitCode perform(const DlqList& action, Console& console) {
    auto letters = open_letters(action.sources, console);
    if (!letters) return report(letters.error(), console);
    auto entries = letters_meant((*letters)->box, {.ids = {}, .filter = action.filter, .all = true});
    if (!entries) return report(entries.error(), console);
    const auto count = entries->size();
    if (count > action.limit) entries->resize(action.limit);
    const auto overtaken = look_up_overtaken(**letters, *entries, console);
    for (const auto& entry : *entries) {
        action.json ? print_json(console.out, entry, overtaken) : print_line(console.out, entry, overtaken);
    }
    if (count > action.limit) {
        fmt::print(console.err, "{} of {} dead letters; --limit shows more.\n", action.limit, count);
    } else if (count == 0 && !action.json) {
        fmt::print(console.err, "No dead letters.\n");
    }
    return ExitCode::success;
}

ExitCode perform(const DlqShow& action, Console& console) {
    auto letters = open_letters(action.sources, console);
    if (!letters) return report(letters.error(), console);
    const auto found = (*letters)->box.find(action.id);
    if (!found) return report(found.error(), console);
    std::vector<LetterEntry> entries{(*letters)->box.entries()[*found]};
    auto& log = *(*letters)->log.log;
    auto& entry = entries.front();
    if (entry.damaged || action.json) {
        const auto raw = run_to_end(log.read(entry.letter.source, entry.letter.offset, 1));
        if (!raw) return report(raw.error(), console);
        if (raw->empty()) return report({Errc::data_loss, "The letter was purged meanwhile."}, console);
        const auto bytes = raw->front().value.value_or("");
        if (action.json && entry.damaged) print_json(console.out, entry, Overtaken::known);
        if (action.json && !entry.damaged) console.out << bytes << '\n';
        if (action.payload) console.out << bytes;
        if (!action.json && !action.payload) {
            fmt::print(console.out, "id            {}\nerror         {}\n", shown(entry.id, 320),
                       shown(entry.error, 400));
            print_hex(console.out, bytes);
        }
        return ExitCode::success;
    }
    const auto overtaken = look_up_overtaken(**letters, entries, console);
    const auto letter = run_to_end(whole_letter(log, entry));
    if (!letter) return report(letter.error(), console);
    if (action.payload) {
        console.out << letter->payload.value_or("");
    } else {
        print_letter(console.out, entry, overtaken, *letter);
    }
    return ExitCode::success;
}

}  // namespace productd
