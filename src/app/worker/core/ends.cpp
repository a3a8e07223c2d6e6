// One function an end. What is finished leaves the intake and its partition's tracker.
#include "app/worker/core/ends.hpp"

namespace productd {

namespace {

Outcome outcome_of(Unchanged unchanged, const ProductId& id) {
    switch (unchanged.why) {
        case Superseded::Why::repeated: return Applied{std::move(unchanged.state)};
        case Superseded::Why::overtaken: return not_found(id.hex());
        case Superseded::Why::spent:
            return Error{Errc::not_found,
                         "The product " + id.hex() +
                             " that this idempotency key made was deleted since; a new product needs a new key.",
                         {},
                         {}};
        case Superseded::Why::redelivered:
            // Only the fence of this very message tells what it did; a later one tells no more than that it is over.
            if (unchanged.was_applied) return Applied{std::move(unchanged.state)};
            return Finished{};
    }
    std::unreachable();
}

}  // namespace

void Ends::finish(const Item& item, Ending ending, const Now& now) {
    if (!intake_.remove(item)) return;
    item->partition->tracker.finish(item->message.position.offset, item->life);
    item->partition->is_dirty = true;
    observer_.finished(*item, ending, now.steady - item->arrival);
}

void Ends::tell(const Item& item, Outcome outcome) {
    if (item->event.wait_id.empty()) return;
    effects_.emplace_back(TellOutcome{item->event.wait_id, item->message.position, std::move(outcome)});
}

void Ends::settle(const Item& item, Applied applied, const Now& now) {
    tell(item, std::move(applied));
    finish(item, Ending::applied, now);
}

void Ends::settle(const Item& item, Unchanged unchanged, const Now& now) {
    if (!item->event.wait_id.empty()) tell(item, outcome_of(std::move(unchanged), item->event.change.id));
    finish(item, Ending::superseded, now);
}

void Ends::refuse(const Item& item, Error error, const Now& now) {
    tell(item, std::move(error));
    finish(item, Ending::refused, now);
}

void Ends::reject(const Item& item, Error error) {
    tell(item, error);
    const char* code = name(error.code);
    condemn(item, std::move(error), code);
}

void Ends::condemn(const Item& item, Error error, std::string code) {
    if (!item->is_held()) return;
    // A later change of its product and topic would raise the product's fence above it: read again after a crash that
    // came before its letter, it would pass for applied.
    lanes_.await_letter(item);
    write_letter(item, std::move(error), std::move(code));
}

void Ends::condemn_unread(const Item& item, Error error, std::string code) {
    intake_.stand(*item, WorkItem::Standing::failing);
    intake_.set_aside(item);
    write_letter(item, std::move(error), std::move(code));
}

void Ends::write_letter(const Item& item, Error error, std::string code) {
    ++letters_waiting_;
    effects_.emplace_back(WriteLetter{item, std::move(error), std::move(code)});
}

void Ends::letter_acknowledged(const Item& item, const Now& now) {
    --letters_waiting_;
    finish(item, Ending::dead_lettered, now);
    lanes_.letter_ended(item);
}

}  // namespace productd
