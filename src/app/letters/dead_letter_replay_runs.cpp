// What a replay notes, and how it sees what other runs note. Calls the log.
#include "app/letters/dead_letter_replay.hpp"

namespace productd {

namespace {

using What = ReplayOutcome::What;

constexpr std::size_t marks_at_once = 100;

}  // namespace

KnownReplays known_replays(const DeadLetterBox& box) {
    KnownReplays replays;
    for (const auto& entry : box.entries()) {
        if (entry.product && entry.published) replays.add(*entry.product, entry.origin, *entry.published);
    }
    return replays;
}

Result<> DeadLetterReplay::check_topic() const {
    for (const auto& [source, next] : since_) {
        if (source.topic == names_.dead_letter_states) return {};
    }
    return fail(Errc::failed_precondition,
                "The topic " + names_.dead_letter_states + " is missing; make it with `productd topics create`.");
}

/// Keeps all of it: what another run took may be a letter of a later batch here.
Task<> DeadLetterReplay::read_notes() {
    for (auto& [source, next] : seen_) {
        if (source.topic != names_.dead_letter_states) continue;
        while (true) {
            auto messages = co_await log_.read(source, next, marks_at_once);
            if (!messages && messages.error().code == Errc::out_of_range) {
                co_return fail(unavailable("Another command purges dead letters at this moment; run again."));
            }
            if (!messages) co_return fail(std::move(messages).error());
            if (messages->empty()) break;
            next = messages->back().position.offset + 1;
            for (const auto& message : *messages) {
                auto mark = read_mark(message);
                // What a purge moved behind the box's end was in the box.
                if (!mark || mark->order < since_.at(source)) continue;
                auto& noted = notes_.try_emplace(mark->id, Noted{*mark, std::nullopt}).first->second;
                if (mark->run != settings_.run) noted.others = std::move(*mark);
            }
        }
    }
    co_return Result<>{};
}

/// Whether another run noted the letter first.
bool DeadLetterReplay::is_others(const LetterEntry& entry) const {
    const auto noted = notes_.find(entry.id);
    return noted != notes_.end() && noted->second.first.run != settings_.run;
}

LetterMark DeadLetterReplay::mark_of(const Prepared& prepared, LetterState state) const {
    LetterMark mark{.id = prepared.entry.id, .state = state, .letter_time = prepared.entry.letter.time};
    mark.run = settings_.run;
    mark.published = prepared.published;
    if (prepared.entry.edit) mark.payload = prepared.letter.payload;
    return mark;
}

/// Notes that the letters are about to be published; what another run noted first is left to it.
Task<DeadLetterReplay::Batch> DeadLetterReplay::mark_replaying(Batch batch) {
    constexpr const char* taken = "Another command deals with it at this moment; run again.";
    std::vector<Record> records;
    Batch marked;
    for (auto& one : batch) {
        if (is_others(one.entry)) {
            block(one, What::failed, taken);
            continue;
        }
        records.push_back(encode_mark(names_.dead_letter_states, mark_of(one, LetterState::replaying), clock_.now()));
        marked.push_back(std::move(one));
    }
    if (marked.empty()) co_return marked;
    auto outcomes = co_await log_.publish(std::move(records));
    Result<> noted;
    if (outcomes) {
        noted = co_await read_notes();
    } else {
        noted = fail(outcomes.error());
    }
    Batch ours;
    std::vector<Record> given_back;
    for (auto& one : marked) {
        const auto i = static_cast<std::size_t>(&one - marked.data());
        if (!noted) {
            block(one, What::failed, "It was not published; should it be listed as replaying, --again replays it.");
        } else if (!(*outcomes)[i]) {
            block(one, What::failed, "It could not be noted that it is replayed: " + (*outcomes)[i].error().detail);
        } else if (is_others(one.entry)) {
            block(one, What::failed, taken);
            // The other's end must not be hidden behind our beginning. An end yet to come will not be.
            const auto& others = notes_.at(one.entry.id).others;
            if (others && others->state != LetterState::replaying) {
                given_back.push_back(encode_mark(names_.dead_letter_states, *others, clock_.now()));
            }
        } else {
            ours.push_back(std::move(one));
        }
    }
    if (!noted) co_return fail(std::move(noted).error());
    if (!given_back.empty()) co_await log_.publish(std::move(given_back));
    co_return ours;
}

/// Notes what was published, and takes the note back of what was refused.
Task<> DeadLetterReplay::mark_ends(Batch published, Batch refused) {
    std::vector<Record> records;
    records.reserve(published.size() + refused.size());
    const auto add = [&](const Prepared& one, LetterState state) {
        records.push_back(encode_mark(names_.dead_letter_states, mark_of(one, state), clock_.now()));
    };
    for (const auto& one : published) add(one, LetterState::replayed);
    for (const auto& one : refused) add(one, one.entry.edit ? LetterState::edited : LetterState::open);
    if (records.empty()) co_return Result<>{};
    auto outcomes = co_await log_.publish(std::move(records));
    for (std::size_t i = 0; i < published.size(); ++i) {
        if (outcomes && (*outcomes)[i]) {
            tell(published[i].entry, What::replayed);
        } else {
            const auto& error = outcomes ? (*outcomes)[i].error() : outcomes.error();
            tell(published[i].entry, What::in_doubt, "It was published, but that could not be noted: " + error.detail);
        }
    }
    if (!outcomes) co_return fail(std::move(outcomes).error());
    co_return Result<>{};
}

}  // namespace productd
