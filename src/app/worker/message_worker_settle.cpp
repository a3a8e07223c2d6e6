// What becomes of the messages of a batch: finished, parked, tried again or condemned. Calls the outcomes, the lanes
// and the letter writer.
#include "app/worker/message_worker.hpp"
#include "domain/disposition.hpp"

namespace productd {

namespace {

Outcome outcome_of(Unchanged& unchanged, const ProductId& id) {
    switch (unchanged.why) {
        case Superseded::Why::repeated: return Applied{std::move(unchanged.state)};
        case Superseded::Why::overtaken:
        case Superseded::Why::spent: return not_found(id.hex());
        case Superseded::Why::redelivered:
            // Only the fence of this very message tells what it did; a later one tells no more than that it is over.
            if (unchanged.was_applied) return Applied{std::move(unchanged.state)};
            return Finished{};
    }
    std::unreachable();
}

/// Its partition was lost while it was at work: whatever is left to do with it is its next owner's.
bool was_let_go(const WorkItem& item) { return item.place == WorkItem::Place::nowhere; }

}  // namespace

void MessageWorker::settle(const std::vector<Item>& batch, std::vector<ChangeOutcome>& outcomes) {
    std::vector<Item> failed;
    std::vector<Item> untried;
    std::vector<ProductId> standing;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto* applied = std::get_if<Applied>(&outcomes[i]);
        if (applied && applied->product) standing.push_back(batch[i]->event.change.id);
        if (std::holds_alternative<NotTried>(outcomes[i])) {
            if (!was_let_go(*batch[i])) untried.push_back(batch[i]);
        } else {
            settle_one(batch[i], outcomes[i], failed);
        }
    }
    // What waited for its product is tried at once, but only now: before, later ones of this batch would be parked
    // behind it in the wrong order.
    for (const auto& id : standing) lanes_.unpark(id);
    for (const auto& item : untried) {
        item->batch_limit = WorkItem::no_limit;
        in_flight_.set_aside(item);
    }
    lanes_.give_back(std::move(untried), {});  // Their turn comes once there is the letter of the one before them.
    if (!failed.empty()) retry_alone(std::move(failed));
}

void MessageWorker::settle_one(const Item& item, ChangeOutcome& outcome, std::vector<Item>& failed) {
    const auto id = item->event.change.id;
    if (auto* applied = std::get_if<Applied>(&outcome)) {
        tell(item, std::move(*applied));
        finish(item, Ending::applied);
    } else if (auto* unchanged = std::get_if<Unchanged>(&outcome)) {
        tell(item, outcome_of(*unchanged, id));
        finish(item, Ending::superseded);
    } else if (auto* refused = std::get_if<Refused>(&outcome)) {
        tell(item, std::move(refused->error));
        finish(item, Ending::refused);
    } else if (auto* rejected = std::get_if<Rejected>(&outcome)) {
        reject(item, std::move(rejected->error));
    } else if (std::holds_alternative<NotApplied>(outcome)) {
        park(item);
    } else {
        settle_failure(item, std::move(std::get<Error>(outcome)), failed);
    }
}

/// The item failed alone: its error's destiny is a line of the table.
void MessageWorker::settle_failure(const Item& item, Error error, std::vector<Item>& failed) {
    switch (disposition(error.code)) {
        case Disposition::dead_letter: return reject(item, std::move(error));
        case Disposition::not_yet: return park(item);
        case Disposition::refused: tell(item, std::move(error)); return finish(item, Ending::refused);
        case Disposition::retry:
            ports_.observer.retried(error, 1);
            if (was_let_go(*item)) return;
            if (is_exhausted(*item)) return condemn(item, std::move(error), "retry_exhausted");
            return failed.push_back(item);
    }
    std::unreachable();
}

/// Counts a failure of the item alone, and says whether it was the last one it is given.
bool MessageWorker::is_exhausted(WorkItem& item) {
    const auto now = ports_.clock.now();
    if (!item.first_failure) item.first_failure = now;
    // Only failures between which others succeeded are the item's own fault.
    if (item.attempts == 0 || successes_ > item.successes_seen) ++item.attempts;
    item.successes_seen = successes_;
    return item.attempts >= settings_.item_attempts_max && now - *item.first_failure >= settings_.item_retry_limit;
}

void MessageWorker::retry_alone(std::vector<Item> failed) {
    int attempts = 0;
    for (const auto& item : failed) {
        attempts = std::max(attempts, item->attempts);
        in_flight_.set_aside(item);
        set_aside_behind(item->event.change.id);
    }
    lanes_.give_back(std::move(failed), std::chrono::steady_clock::now() + backoff_.wait(attempts));
    due_.notify();
}

/// The whole call failed: nothing is known of any item, so all are tried again, in halves, until those that fail alone
/// are known. A call that hung is parted further: each round of that costs its whole time-out.
void MessageWorker::put_back(std::vector<Item> batch, const Error& error) {
    ports_.observer.retried(error, batch.size());
    std::erase_if(batch, [](const Item& item) { return was_let_go(*item); });
    if (batch.empty()) return;
    if (batch.size() == 1 && is_exhausted(*batch.front())) {
        return condemn(batch.front(), error, "retry_exhausted");
    }
    const std::size_t parts = error.code == Errc::deadline_exceeded ? 16 : 2;
    for (const auto& item : batch) item->batch_limit = std::max<std::size_t>(batch.size() / parts, 1);
    if (is_known_culprit(batch)) return retry_alone(std::move(batch));
    lanes_.give_back(std::move(batch), std::chrono::steady_clock::now() + backoff_.wait(1));
}

/// One item that failed again after others had succeeded: no sign that the store is down.
bool MessageWorker::is_known_culprit(const std::vector<Item>& batch) const {
    const auto& first = *batch.front();
    return batch.size() == 1 && (first.attempts > 1 || (first.attempts == 1 && successes_ > first.successes_seen));
}

// ---------------------------------------------------------------------------------------------- ends

void MessageWorker::finish(const Item& item, Ending ending) {
    if (!in_flight_.remove(item)) return;  // Its partition was let go before.
    item->partition->tracker.finish(item->message.position.offset, item->life);
    item->partition->dirty = true;
    if (item->partition->held) hold_or_resume(*item->partition);
    ports_.observer.finished(item->kind, ending, std::chrono::steady_clock::now() - item->arrival);
    committable_.notify();
    room_.notify();
}

void MessageWorker::tell(const Item& item, const Outcome& outcome) {
    if (!item->event.wait_id.empty()) ports_.outcomes.tell(item->event.wait_id, item->message.position, outcome);
}

void MessageWorker::reject(const Item& item, Error error) {
    tell(item, error);
    const char* code = name(error.code);
    condemn(item, std::move(error), code);
}

void MessageWorker::park(const Item& item) {
    if (was_let_go(*item)) return;
    item->batch_limit = WorkItem::no_limit;
    ++item->looks;
    if (!item->first_look) item->first_look = ports_.clock.now();
    in_flight_.set_aside(item);
    lanes_.park(item);
    due_.notify();
}

void MessageWorker::condemn(const Item& item, Error error, std::string code) {
    if (was_let_go(*item)) return;
    // A later change of its product and topic would raise the product's fence above it: read again after a crash that
    // came before its letter, it would pass for applied.
    lanes_.await_letter(item);
    in_flight_.set_aside(item);
    set_aside_behind(item->event.change.id);
    dead_letters_.add({item, std::move(error), std::move(code)});
}

void MessageWorker::letter_acknowledged(const Item& item) {
    finish(item, Ending::dead_lettered);
    lanes_.letter_ended(item);
    for (const auto& [source, partition] : partitions_) {
        if (partition->held) hold_or_resume(*partition);
    }
    due_.notify();  // What waited for it is ready.
}

/// What waits behind a failing change no longer counts as lag: a request need not fear to wait behind it.
void MessageWorker::set_aside_behind(const ProductId& id) {
    for (const auto& item : lanes_.queued(id)) in_flight_.set_aside(item);
}

}  // namespace productd
