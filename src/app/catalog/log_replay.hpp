// Applies what the log still holds to a store again, by the rules by which it was applied first.
#pragma once

#include <deque>
#include <functional>
#include <unordered_map>

#include "app/catalog/change_applier.hpp"
#include "app/events/topics.hpp"
#include "app/ports/clock.hpp"
#include "app/ports/message_log.hpp"

namespace productd {

struct LogReplayCounts {
    std::uint64_t read = 0;
    std::uint64_t total = 0;            ///< To be read, as far as offsets tell.
    std::uint64_t applied = 0;          ///< They changed the store.
    std::uint64_t known = 0;            ///< It had them, or what came after them.
    std::uint64_t refused = 0;          ///< By a condition of their own.
    std::uint64_t condemned = 0;        ///< They can never be applied: what became dead letters.
    std::uint64_t without_product = 0;  ///< Changes of products that neither the store nor the log has.
    std::vector<std::pair<TopicPartition, std::int64_t>> cut;  ///< Where the log begins, if not at its beginning.
};

/// The topics are read side by side, the earliest message first, since nothing else orders them. What the store has
/// already stays as it is: fences tell. Not for a store that anybody else writes to.
class LogReplay {
public:
    using Told = std::function<void(const LogReplayCounts&)>;

    /// `told` hears how far it is, some times a second. All outlive it.
    LogReplay(MessageLog& log, ChangeApplier& applier, const Clock& clock, TopicNames topics, Told told)
        : log_(log), applier_(applier), clock_(clock), topics_(std::move(topics)), told_(std::move(told)) {}

    /// Up to where the log ends now. Fails where log or store do; the store then has a part of it.
    Task<LogReplayCounts> run();

private:
    struct Cursor {
        TopicPartition source;
        ChangeKind kind = ChangeKind::create;
        std::int64_t next = 0;
        std::int64_t end = 0;
        Timestamp read_up_to{};
        std::deque<Message> messages;
    };

    Task<> open();
    Task<> fetch(Cursor& cursor);
    Cursor* earliest();
    void take(Cursor& cursor);
    Task<> apply(std::vector<SharedChange> changes);
    Task<> apply_waiting();
    std::vector<SharedChange> with_waiting(std::vector<SharedChange> changes);
    /// What is to be tried again, in order.
    Result<std::vector<SharedChange>> count(std::vector<SharedChange> changes,
                                            const std::vector<ChangeOutcome>& outcomes);

    MessageLog& log_;
    ChangeApplier& applier_;
    const Clock& clock_;
    TopicNames topics_;
    Told told_;
    LogReplayCounts counts_;
    std::vector<Cursor> cursors_;
    std::vector<SharedChange> batch_;
    /// Changes read before the create of their product, which another clock may have dated later.
    std::unordered_map<ProductId, std::vector<SharedChange>> waiting_;
    std::size_t waiting_count_ = 0;
};

}  // namespace productd
