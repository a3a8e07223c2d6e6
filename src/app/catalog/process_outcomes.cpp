// A table of who waits, by wait id. Calls nobody.
#include "app/catalog/process_outcomes.hpp"

#include <algorithm>

namespace productd {

namespace {

/// Told before the acknowledgement, kept until then. More than one only if somebody copied our header.
constexpr std::size_t told_max = 4;

struct Told {
    Position position;
    Outcome outcome;
};

}  // namespace

/// Shared by the waiting request and the teller; `told` only under the mutex, the timer only on its executor.
struct ProcessOutcomes::Slot {
    explicit Slot(const asio::any_io_executor& executor) : timer(executor, Deadline::max()) {}
    asio::steady_timer timer;
    std::vector<Told> told;
};

class ProcessOutcomes::Wait : public OutcomeWait {
public:
    Wait(ProcessOutcomes& outcomes, std::string id, std::shared_ptr<Slot> slot)
        : outcomes_(outcomes), id_(std::move(id)), slot_(std::move(slot)) {}
    ~Wait() override {
        const std::scoped_lock lock(outcomes_.mutex_);
        outcomes_.slots_.erase(id_);
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

    const std::string& id() const override { return id_; }

    asio::awaitable<std::optional<Outcome>> until(Position acknowledged, Deadline deadline) override {
        while (true) {
            if (auto outcome = told_for(acknowledged)) co_return outcome;
            if (std::chrono::steady_clock::now() >= deadline) co_return std::nullopt;
            slot_->timer.expires_at(deadline);
            // What was told between the look and this line waits on the executor, behind us.
            boost::system::error_code ended;
            co_await slot_->timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
            const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
            if (cancelled != asio::cancellation_type::none) co_return std::nullopt;
        }
    }

private:
    std::optional<Outcome> told_for(const Position& acknowledged) {
        const std::scoped_lock lock(outcomes_.mutex_);
        const auto it = std::ranges::find(slot_->told, acknowledged, &Told::position);
        if (it == slot_->told.end()) return std::nullopt;
        return it->outcome;
    }

    ProcessOutcomes& outcomes_;
    std::string id_;
    std::shared_ptr<Slot> slot_;
};

std::unique_ptr<OutcomeWait> ProcessOutcomes::expect(asio::any_io_executor executor) {
    const std::scoped_lock lock(mutex_);
    if (slots_.size() >= waits_max_) return nullptr;
    auto id = instance_ + ids_.wait_id();
    auto slot = std::make_shared<Slot>(executor);
    slots_[id] = slot;
    return std::make_unique<Wait>(*this, std::move(id), std::move(slot));
}

void ProcessOutcomes::tell(const std::string& wait_id, const Position& position, const Outcome& outcome) {
    const std::scoped_lock lock(mutex_);
    const auto it = slots_.find(wait_id);
    if (it == slots_.end() || it->second->told.size() >= told_max) return;
    it->second->told.push_back({position, outcome});
    asio::post(it->second->timer.get_executor(), [slot = it->second] { slot->timer.cancel(); });
}

}  // namespace productd
