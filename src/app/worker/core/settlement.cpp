// One branch an outcome; an error's destiny is a line of the domain's table.
#include "app/worker/core/settlement.hpp"

#include "domain/disposition.hpp"

namespace productd {

std::vector<Trial> Settlement::trials_of(const StoreCall& call) const {
    std::vector<Trial> trials;
    for (const auto& item : call.items) {
        const auto& id = item->event.change.id;
        if (trials.empty() || trials.back().lane->id != id) trials.push_back({.lane = &lanes_.at(id)});
        ++trials.back().changes;
    }
    return trials;
}

void Settlement::settle_error(const Item& item, Error error, Trial& trial, const Now& now) {
    switch (disposition(error.code)) {
        case Disposition::refused: return ends_.refuse(item, std::move(error), now);
        case Disposition::not_yet: lanes_.park(*trial.lane, item->kind); break;
        case Disposition::dead_letter: trial.is_for_good = true; [[fallthrough]];
        case Disposition::retry: trial.failure = std::move(error); break;
    }
    trial.left.push_back(item);
}

void Settlement::settle(const Item& item, ChangeOutcome& outcome, Trial& trial, const Now& now) {
    intake_.decided(*item);
    if (auto* applied = std::get_if<Applied>(&outcome)) {
        trial.has_written = true;
        trial.is_standing = applied->product != nullptr;
        ends_.settle(item, std::move(*applied), now);
    } else if (auto* unchanged = std::get_if<Unchanged>(&outcome)) {
        trial.is_standing = unchanged->state.product != nullptr;
        ends_.settle(item, std::move(*unchanged), now);
    } else if (auto* refused = std::get_if<Refused>(&outcome)) {
        ends_.refuse(item, std::move(refused->error), now);
    } else if (auto* rejected = std::get_if<Rejected>(&outcome)) {
        ends_.reject(item, std::move(rejected->error));
    } else if (auto* error = std::get_if<Error>(&outcome)) {
        settle_error(item, std::move(*error), trial, now);
    } else {
        trial.has_raced = trial.has_raced || std::holds_alternative<LostRace>(outcome);
        if (std::holds_alternative<NotApplied>(outcome)) {
            item->note_look(now.wall);
            lanes_.park(*trial.lane, item->kind);
        }
        trial.left.push_back(item);
    }
}

}  // namespace productd
