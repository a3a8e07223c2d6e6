// The effect each kind of call begins with.
#include "app/worker/core/store_call.hpp"

namespace productd {

Effect start_of(const StoreCall& call) {
    if (call.kind == StoreCall::Kind::look) return StartLook{call.id, call.looked_for, call.limit};
    if (call.kind == StoreCall::Kind::probe) return StartProbe{call.id, call.limit};
    std::vector<SharedChange> changes;
    changes.reserve(call.items.size());
    for (const auto& item : call.items) changes.emplace_back(item, &item->event.change);
    return StartCall{call.id, std::move(changes), call.limit};
}

}  // namespace productd
