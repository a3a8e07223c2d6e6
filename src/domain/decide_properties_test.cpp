// The rules of change as properties over random histories.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "domain/decide.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

const ProductId lamp = id_of(7);

/// A log of one partition about one product: offsets dense, times anything.
std::vector<Change> random_log() {
    const auto kinds = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
    std::vector<Change> log;
    std::int64_t offset = 0;
    for (const auto kind : kinds) {
        const auto time = *rc::gen::inRange<std::int64_t>(0, 50);
        auto change = kind == 0 ? create_of(lamp) : kind == 1 ? update_of(lamp, 0) : remove_of(lamp, 0);
        log.push_back(from(std::move(change), position(offset++, time)));
    }
    Timestamp read_up_to{};
    for (auto& change : log) {
        read_up_to = std::max(read_up_to, change.time);
        change.source->read_up_to = read_up_to;
    }
    return log;
}

Stored applied(const std::vector<Change>& log, Stored stored = Nothing{}) {
    for (const auto& change : log) stored = after(stored, change);
    return stored;
}

RC_GTEST_PROP(DecideProperty, RedeliveryOfAnySuffixChangesNothing, ()) {
    const auto log = random_log();
    const auto once = applied(log);
    const auto from_offset = log.empty() ? 0 : *rc::gen::inRange<std::size_t>(0, log.size());
    // Only what was applied is fenced: a message that was refused before may find its product when it comes again, so
    // the promise is for all up to the fence.
    std::vector<Change> again(log.begin() + static_cast<std::ptrdiff_t>(from_offset), log.end());
    const auto* past = history(once);
    const auto fenced = past && !past->fences.entries().empty() ? past->fences.entries().front().offset : -1;
    std::erase_if(again, [&](const Change& change) { return change.source->position.offset > fenced; });
    RC_ASSERT(applied(again, once) == once);
}

RC_GTEST_PROP(DecideProperty, WhatWasAppliedIsNotAppliedAgainWhateverReadersForgetOfTheTimes, ()) {
    const auto times = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 50));
    auto stored = after(Nothing{}, create_of(lamp, 0));
    std::size_t next = 0;  // The first that nobody has read.
    for (int reader = 0; reader < 5; ++reader) {
        // Each reader begins anywhere below, and knows no time of before.
        const auto begin = *rc::gen::inRange<std::size_t>(0, next + 1);
        const auto end = *rc::gen::inRange<std::size_t>(begin, times.size() + 1);
        Timestamp read_up_to{};
        for (auto offset = begin; offset < end; ++offset) {
            auto change = from(update_of(lamp, 0), position(static_cast<std::int64_t>(offset), times[offset]));
            read_up_to = std::max(read_up_to, change.time);
            change.source->read_up_to = read_up_to;
            RC_ASSERT(std::holds_alternative<Write>(decide(stored, change)) == (offset >= next));
            stored = after(stored, change);
            next = std::max(next, offset + 1);
        }
    }
}

RC_GTEST_PROP(DecideProperty, NothingOlderThanAnyDeletionComesBack, ()) {
    Stored stored = Nothing{};
    Timestamp deleted{};
    for (auto change : random_log()) {
        change.source.reset();
        const auto decision = decide(stored, change);
        const auto* write = std::get_if<Write>(&decision);
        if (!write) continue;
        RC_ASSERT(change.kind == ChangeKind::remove || change.time >= deleted);
        if (change.kind == ChangeKind::remove) {
            deleted = std::max(deleted, change.time);
            RC_ASSERT(std::get<Tombstone>(write->next).deleted_at == deleted);
        }
        stored = write->next;
    }
}

RC_GTEST_PROP(DecideProperty, VersionsRiseByOneAtEveryWrite, ()) {
    Stored stored = Nothing{};
    for (const auto& change : random_log()) {
        const auto before = version(stored).value_or(Version{0});
        const auto decision = decide(stored, change);
        if (const auto* write = std::get_if<Write>(&decision)) {
            RC_ASSERT(version(write->next) == before.next());
            stored = write->next;
        }
    }
}

RC_GTEST_PROP(DecideProperty, OnlyARemovalMakesATombstoneAndOnlyACreateEndsIt, ()) {
    Stored stored = Nothing{};
    for (const auto& change : random_log()) {
        const auto next = after(stored, change);
        if (std::holds_alternative<Tombstone>(next) && !std::holds_alternative<Tombstone>(stored)) {
            RC_ASSERT(change.kind == ChangeKind::remove);
        }
        if (std::holds_alternative<StoredProduct>(next) && !std::holds_alternative<StoredProduct>(stored)) {
            RC_ASSERT(change.kind == ChangeKind::create);
        }
        stored = next;
    }
}

}  // namespace
}  // namespace productd
