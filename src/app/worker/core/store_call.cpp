// The effect each kind of call begins with.
#include "app/worker/core/store_call.hpp"

namespace productd {

namespace {

/// One call serves many messages: its span stands under that of the first that is sampled, and the others refer to it.
void trace(StartCall& start, const StoreCall& call) {
    for (const auto& item : call.items) {
        if (!item->trace.is_sampled) continue;
        if (!start.parent.is_valid()) {
            start.parent = item->trace;
            start.trace = child_of(item->trace, call.id);
        } else {
            item->batch = start.trace;
        }
    }
}

}  // namespace

Effect start_of(const StoreCall& call) {
    if (call.kind == StoreCall::Kind::look) return StartLook{call.id, call.looked_for, call.limit};
    if (call.kind == StoreCall::Kind::probe) return StartProbe{call.id, call.limit};
    std::vector<SharedChange> changes;
    changes.reserve(call.items.size());
    for (const auto& item : call.items) changes.emplace_back(item, &item->event.change);
    // What is tried again may have been stored by a call whose end nobody saw.
    const auto creates = call.kind == StoreCall::Kind::trusted ? Creates::presumed_new : Creates::looked_for;
    StartCall start{call.id, std::move(changes), call.limit, creates, {}, {}};
    trace(start, call);
    return start;
}

}  // namespace productd
