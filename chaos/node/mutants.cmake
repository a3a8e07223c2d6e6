# The negative controls: each breaks one promise, and chaos/controls.py says how the oracle must find it out.

productd_mutant(commits_highest
    FILE src/app/worker/offsets/offset_tracker.cpp
    FROM "const auto offset = commit_offset();"
    TO "const auto offset = next_; finished.ranges.clear();")

# A letter counts as acknowledged before it is written.
productd_mutant(acknowledges_early
    FILE src/app/worker/letter_writer.cpp
    FROM "observer_.condemned(*condemned.item, condemned.error);"
    TO "observer_.condemned(*condemned.item, condemned.error); acknowledged_(condemned.item);")

productd_mutant(drops_fence
    FILE src/domain/fences.cpp
    FROM "return Seen::redelivered;"
    TO "return Seen::never;")

# One product's messages are taken from either end of its lane.
productd_mutant(unordered
    FILE src/app/worker/core/product_lanes.cpp
    FROM "auto item = std::move(queue->items.front());
        queue->items.pop_front();"
    TO "auto item = std::move(queue->items.back());
        queue->items.pop_back();")

# What was in flight of a partition's earlier life counts as finished in the new one.
productd_mutant(forgets_epoch
    FILE src/app/worker/offsets/offset_tracker.cpp
    FROM "found->offset == offset && found->life == life"
    TO "found->offset == offset && (found->life == life || true)")

productd_mutant(letters_in_outage
    FILE src/app/worker/core/isolation.cpp
    FROM "    parts_.observer.retried(error, call.items);"
    TO "    parts_.observer.retried(error, call.items); for (const auto& item : call.items) parts_.ends.condemn(item, error, \"unavailable\"); return end_trials(trials);")

# The common rule: so many attempts, and it is dead, whatever becomes of the others.
productd_mutant(counts_without_proof
    FILE src/app/worker/core/isolation.cpp
    FROM "    const bool is_own = is_proven(lane);"
    TO "    const bool is_own = is_proven(lane); if (++item->attempts >= settings_.item_attempts_max) { trial.left.clear(); return parts_.ends.reject(item, *trial.failure); }")

# What a deletion overtook is as good as new once its product is made again.
productd_mutant(forgets_deletion
    FILE src/domain/decide.cpp
    FROM "return deleted && change.time < *deleted;"
    TO "return deleted && change.time < Timestamp{};")

productd_mutant(drains_without_end
    FILE src/app/worker/core/worker_core.cpp
    FROM "            effects_.emplace_back(CutCalls{});"
    TO "            // They run on.")

# The first time that intake has to wait, for room or for the store, is its end.
productd_mutant(reads_nothing_more
    FILE src/app/worker/message_worker.cpp
    FROM "            } else {
                co_await wait_for_room();"
    TO "            } else {
                co_return;")

# Nothing is read while any product is tried again alone.
productd_mutant(holds_up_others
    FILE src/app/worker/core/worker_core.cpp
    FROM "    return gates_.fetch_room();"
    TO "    return lanes_.culprits() > 0 ? FetchRoom{} : gates_.fetch_room();")

# A call of MongoDB that broke off counts as one that wrote all of its items.
productd_mutant(believes_lost_calls
    FILE src/outbound/mongo/mongo_bulk_reply.cpp
    FROM "if (!told.failure && !is_whole) told.failure"
    TO "if (!told.failure && !is_whole && error.code == 0) told.failure")

# What arrives late is written over what came meanwhile.
productd_mutant(overwrites
    FILE src/outbound/mongo/mongo_write.cpp
    FROM "        filter.integer(\"version\", version.value);
        return filter;"
    TO "        return filter;")
