// Opens log and store, or reaches both through the socket. Calls open_log and the box.
#include "cli/dlq/dlq_open.hpp"

#include <fmt/format.h>

#include <ostream>
#include <random>

#include "app/letters/dead_letter_filter.hpp"
#include "domain/utf8.hpp"
#include "runtime/engine.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

constexpr std::size_t ids_at_once = 500;

}  // namespace

Task<std::vector<Found>> OpenLetters::stored(std::vector<ProductId> ids) {
    if (auto* service = log.service()) {
        auto found = co_await service->stored(std::move(ids));
        co_return found;
    }
    if (unread) co_return fail(*unread);
    if (!store) co_return std::vector<Found>(ids.size());
    auto found = co_await store->find(std::move(ids), Deadline::max());
    co_return found;
}

Result<std::unique_ptr<OpenLetters>> open_letters(const ConfigSources& sources, Console& console) {
    auto loaded = checked_config(sources, console);
    if (!loaded) return fail(std::move(loaded).error());
    auto opened = open_log(loaded->config, MissingData::refuse);
    if (!opened) return fail(std::move(opened).error());
    std::unique_ptr<ProductStore> store;
    std::optional<Error> unread;
    std::error_code unseen;  // Then opening it says why.
    const auto file = embedded_store(loaded->config);
    const bool is_there = !file || std::filesystem::exists(*file, unseen) || unseen;
    if (!opened->service() && is_there) {
        auto found = open_store(loaded->config);
        if (found) store = std::move(found->store);
        if (!found) unread = std::move(found).error();
    }
    auto box = run_to_end(DeadLetterBox::read(*opened->log, topic_names(loaded->config)));
    if (!box) return fail(std::move(box).error());
    auto letters = std::make_unique<OpenLetters>(OpenLetters{.config = loaded->config,
                                                             .log = std::move(*opened),
                                                             .store = std::move(store),
                                                             .unread = std::move(unread),
                                                             .find = {},
                                                             .box = std::move(*box)});
    letters->find = [own = letters.get()](std::vector<ProductId> ids) { return own->stored(std::move(ids)); };
    return letters;
}

Result<std::vector<LetterEntry>> letters_meant(const DeadLetterBox& box, const LettersMeant& meant) {
    std::vector<bool> is_meant(box.entries().size(), false);
    for (const auto& id : meant.ids) {
        const auto found = box.find(id);
        if (!found) return fail(found.error());
        is_meant[*found] = true;
    }
    auto filter = parse_letter_filter(meant.filter);
    if (!filter) return fail(std::move(filter).error());
    std::vector<LetterEntry> entries;
    const bool purged_too = meant.filter.contains("state=purged");
    for (std::size_t i = 0; i < is_meant.size(); ++i) {
        const auto& entry = box.entries()[i];
        const bool is_shown = purged_too || entry.state != LetterState::purged;
        if (meant.ids.empty() ? is_shown && (*filter)(entry) : is_meant[i]) entries.push_back(entry);
    }
    return entries;
}

Overtaken look_up_overtaken(OpenLetters& letters, std::span<LetterEntry> entries, Console& console) {
    const auto names = topic_names(letters.config);
    const auto replays = known_replays(letters.box);
    for (std::size_t next = 0; next < entries.size(); next += ids_at_once) {
        const auto some = entries.subspan(next, std::min(ids_at_once, entries.size() - next));
        std::vector<ProductId> ids;
        for (const auto& entry : some) ids.push_back(entry.product.value_or(ProductId{}));
        const auto stored = run_to_end(letters.find(std::move(ids)));
        if (!stored) {
            console.err << "It is not known which letters are overtaken. " << stored.error().detail << '\n';
            return Overtaken::unknown;
        }
        for (std::size_t i = 0; i < some.size(); ++i) {
            auto& entry = some[i];
            if (!entry.product) continue;
            const auto kind = names.kind_of(entry.origin.source.topic);
            if (kind) entry.overtaken = overtaken_by(*kind, judged(entry), stored->at(i), replays);
        }
    }
    return Overtaken::known;
}

std::string shown(std::string_view text, std::size_t bytes_max) {
    std::string out;
    while (!text.empty() && out.size() < bytes_max) {
        const auto first = static_cast<unsigned char>(text.front());
        std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        const auto whole = text.substr(0, length);
        const bool turns =
            whole.starts_with("\xe2\x80") || whole.starts_with("\xe2\x81") || whole.starts_with("\xef\xbb");
        const bool is_control = first < 0x20 || first == 0x7f || first == 0xc2 || turns;
        if (is_control || !code_points(whole)) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", first);
            length = 1;
        } else {
            out += whole;
        }
        text.remove_prefix(length);
    }
    if (!text.empty()) out += "…";
    return out;
}

Timestamp now_ms() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string run_id() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace productd
