// Batches of letters of different products: prepare, mark `replaying`, publish, mark `replayed`.
#include "app/letters/dead_letter_replay.hpp"

#include <algorithm>

#include "app/events/replay_headers.hpp"
#include "domain/disposition.hpp"

namespace productd {

namespace {

constexpr std::size_t batch_letters_max = 100;
constexpr std::size_t batch_bytes_max = 1 << 20;  // Or one letter.

using What = ReplayOutcome::What;

/// Why a letter is not replayed, whatever is stored.
std::optional<std::string> refusal(const LetterEntry& entry, bool again) {
    if (entry.damaged) return "It cannot be read, so it cannot be replayed; purge it when it is of no use.";
    if (entry.state == LetterState::purged) return "It was purged.";
    if (entry.truncated && !entry.edit) {
        return "Its payload was too large to be kept; give it one with `productd dlq edit`, or publish it anew.";
    }
    if (entry.replays >= replays_max)
        return "It was replayed 1000 times and came back each time; it is not tried again.";
    if (again) return std::nullopt;
    if (entry.state == LetterState::replaying) {
        return "A replay of it was broken off, and may have been published; --again replays it.";
    }
    if (entry.came_back) return "It was replayed before and came back; --again replays it once more.";
    if (entry.state == LetterState::replayed) return "It was replayed before; --again replays it once more.";
    return std::nullopt;
}

}  // namespace

Task<> DeadLetterReplay::run(std::vector<LetterEntry> entries) {
    if (auto there = notes_.check_topic(); !there) co_return there;
    const auto began = Deadline::clock::now();
    double published = 0;
    for (std::size_t next = 0; next < entries.size();) {
        std::size_t taken = 0;
        const auto rest = std::span<const LetterEntry>(entries).subspan(next);
        auto prepared = co_await prepare(rest, taken);
        if (!prepared) co_return fail(std::move(prepared).error());
        next += taken;
        auto batch = co_await without_overtaken(std::move(*prepared));
        if (!batch) co_return fail(std::move(batch).error());
        if (batch->empty()) continue;
        if (settings_.dry_run) {
            for (const auto& one : *batch) tell(one.entry, What::would_replay);
            continue;
        }
        auto done = co_await publish(std::move(*batch));
        if (!done) co_return fail(std::move(done).error());
        published += static_cast<double>(*done);
        if (!settings_.rate || next == entries.size()) continue;
        const auto due = std::chrono::duration<double>(published / *settings_.rate);
        co_await sleep_until(began + std::chrono::duration_cast<Deadline::clock::duration>(due));
    }
    co_return Result<>{};
}

/// Takes entries from the front until a product comes for the second time, or there are enough. `taken` counts also
/// those that are refused.
Task<DeadLetterReplay::Batch> DeadLetterReplay::prepare(std::span<const LetterEntry> entries, std::size_t& taken) {
    Batch batch;
    std::set<std::string> lanes;
    std::size_t bytes = 0;
    const auto letters_max =
        settings_.rate ? std::clamp(static_cast<std::size_t>(*settings_.rate / 10), std::size_t{1}, batch_letters_max)
                       : batch_letters_max;
    for (const auto& entry : entries) {
        if (batch.size() == letters_max || bytes >= batch_bytes_max) break;
        if (auto why = refusal(entry, settings_.again)) {
            tell(entry, What::skipped, std::move(*why));
            ++taken;
            continue;
        }
        auto letter = co_await whole_letter(log_, entry);
        if (!letter) {
            tell(entry, What::failed, letter.error().detail);
            ++taken;
            continue;
        }
        Prepared prepared{.entry = entry, .letter = std::move(*letter)};
        if (const auto event = decode_as_worker(names_, original(prepared.letter))) {
            prepared.kind = event->change.kind;
            prepared.product = event->change.id;
        }
        prepared.lane = prepared.product ? prepared.product->hex() : prepared.letter.key.value_or(entry.id);
        if (lanes.contains(prepared.lane)) break;
        ++taken;
        if (blocked_.contains(prepared.lane)) {
            tell(entry, What::skipped, "An earlier message of its product failed in this run; run again.");
            continue;
        }
        bytes += static_cast<std::size_t>(prepared.letter.payload_bytes);
        lanes.insert(prepared.lane);
        batch.push_back(std::move(prepared));
    }
    co_return batch;
}

Task<DeadLetterReplay::Batch> DeadLetterReplay::without_overtaken(Batch batch) {
    std::vector<ProductId> ids;
    for (const auto& one : batch) {
        if (one.product) ids.push_back(*one.product);
    }
    if (ids.empty() || settings_.force) co_return batch;
    auto stored = co_await find_(std::move(ids));
    if (!stored) co_return fail(std::move(stored).error());
    Batch left;
    std::size_t next = 0;
    for (auto& one : batch) {
        const auto why = one.product ? overtaken_by(*one.kind, judged(one.entry), stored->at(next++), replays_) : "";
        if (why.empty()) {
            left.push_back(std::move(one));
        } else {
            tell(one.entry, What::skipped, "It is overtaken: " + why + "; --force replays it.");
        }
    }
    co_return left;
}

Record DeadLetterReplay::record_of(const Prepared& prepared) const {
    const auto& letter = prepared.letter;
    // In its own partition, whoever put it there by whatever rule: there its place among the product's others is known.
    Record record{.topic = letter.origin.source.topic,
                  .partition = letter.origin.source.partition,
                  .key = letter.key,
                  .value = letter.payload,
                  .headers = letter.headers,
                  .time = prepared.published};
    // It goes on from where it ended, and not from who published it at first.
    if (!letter.traceparent.empty()) record.headers = with_trace(letter.headers, letter.traceparent);
    append_replay_headers(record.headers, {letter.origin, letter.replays + 1, letter.attempts, letter.first_failure});
    return record;
}

void DeadLetterReplay::block(const Prepared& prepared, What what, std::string why) {
    blocked_.insert(prepared.lane);
    tell(prepared.entry, what, std::move(why));
}

LetterMark DeadLetterReplay::mark_of(const Prepared& prepared, LetterState state) const {
    LetterMark mark{.id = prepared.entry.id, .state = state, .letters = places_of(prepared.entry)};
    mark.run = settings_.run;
    mark.published = prepared.published;
    return mark;
}

/// Notes that the letters are about to be published; what another run noted first is left to it.
Task<DeadLetterReplay::Batch> DeadLetterReplay::mark_replaying(Batch batch) {
    constexpr const char* taken = "Another command deals with it at this moment; run again.";
    std::vector<LetterMark> marks;
    Batch marked;
    for (auto& one : batch) {
        if (notes_.is_others(one.entry.id)) {
            block(one, What::failed, taken);
            continue;
        }
        marks.push_back(mark_of(one, LetterState::replaying));
        marked.push_back(std::move(one));
    }
    if (marked.empty()) co_return marked;
    auto begun = co_await notes_.begin(std::move(marks));
    Batch ours;
    for (auto& one : marked) {
        const auto i = static_cast<std::size_t>(&one - marked.data());
        if (!begun) {
            block(one, What::failed, "It was not published; should it be listed as replaying, --again replays it.");
        } else if ((*begun)[i]) {
            ours.push_back(std::move(one));
        } else if ((*begun)[i].error().code == Errc::aborted) {
            block(one, What::failed, taken);
        } else {
            block(one, What::failed, "It could not be noted that it is replayed: " + (*begun)[i].error().detail);
        }
    }
    if (!begun) co_return fail(std::move(begun).error());
    co_return ours;
}

/// Notes what was published, and takes the note back of what was refused.
Task<> DeadLetterReplay::mark_ends(Batch published, Batch refused) {
    std::vector<LetterMark> marks;
    marks.reserve(published.size() + refused.size());
    for (const auto& one : published) marks.push_back(mark_of(one, LetterState::replayed));
    for (const auto& one : refused) marks.push_back(mark_of(one, LetterState::open));
    if (marks.empty()) co_return Result<>{};
    auto outcomes = co_await notes_.write(marks);
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

/// How many were published. Fails when the log as a whole does, or took none.
Task<std::size_t> DeadLetterReplay::publish(Batch batch) {
    const auto now = clock_.now();
    for (auto& one : batch) {
        const auto& sent = one.entry.origin.time;
        one.published = is_believable(sent, now) ? std::max(now, sent) : now;
    }
    auto ours = co_await mark_replaying(std::move(batch));
    if (!ours) co_return fail(std::move(ours).error());
    if (ours->empty()) co_return 0;
    std::vector<Record> records;
    records.reserve(ours->size());
    for (const auto& one : *ours) records.push_back(record_of(one));
    auto outcomes = co_await log_.publish(std::move(records));
    Batch published;
    Batch refused;
    std::optional<Error> doubt;
    for (std::size_t i = 0; i < ours->size(); ++i) {
        auto& one = (*ours)[i];
        if (one.product) replays_.add(*one.product, judged(one.entry), one.published);
        if (outcomes && (*outcomes)[i]) {
            published.push_back(std::move(one));
            continue;
        }
        const auto& error = outcomes ? (*outcomes)[i].error() : outcomes.error();
        if (publish_disposition(error.code) == Disposition::retry) {
            block(one, What::in_doubt, "It may have been published or not: " + error.detail);
            doubt = error;
        } else {
            block(one, What::failed, "It could not be published: " + error.detail);
            refused.push_back(std::move(one));
        }
    }
    const auto count = published.size();
    auto marked = co_await mark_ends(std::move(published), std::move(refused));
    if (!marked) co_return fail(std::move(marked).error());
    // A log that takes nothing will not take the rest either: that is left as it is.
    if (count == 0 && doubt) co_return fail(std::move(*doubt));
    co_return count;
}

}  // namespace productd
