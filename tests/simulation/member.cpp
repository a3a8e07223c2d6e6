// The model's shell: fetching, and what each effect does.
#include "simulation/member.hpp"

#include <fmt/format.h>

#include "app/worker/store_probe.hpp"
#include "simulation/group.hpp"
#include "simulation/silent_cache.hpp"

namespace productd::simulation {

using namespace std::chrono_literals;

namespace {

class WorldClock : public Clock {
public:
    explicit WorldClock(const World& world) : world_(world) {}
    Timestamp now() const override { return world_.wall(); }

private:
    const World& world_;
};

}  // namespace

Member::Member(World& world, Group& group, std::size_t number)
    : world_(world), group_(group), number_(number), core_(world.plan.settings, observer_, world.random.next()) {
    if (world.plan.has(Fault::clocks)) skew_ = std::chrono::milliseconds{world.random.between(-3'000, 3'000)};
}

Member::~Member() {
    for (auto& [id, call] : calls_) call.first->give_up();
}

void Member::step(const std::function<void()>& step) {
    step();
    for (auto effects = core_.take_effects(); !effects.empty(); effects = core_.take_effects()) {
        for (const auto& effect : effects) std::visit([this](const auto& one) { perform(one); }, effect);
    }
    judge_bounds();
}

void Member::after(std::chrono::microseconds wait, std::function<void(Member&)> what) {
    world_.after(wait, [self = weak_from_this(), what = std::move(what)] {
        if (auto alive = self.lock()) what(*alive);
    });
}

void Member::judge_bounds() {
    const auto held = core_.intake().held();
    const auto& settings = world_.plan.settings;
    if (held.messages > settings.in_flight_max) {
        world_.truth.violate(fmt::format("BOUND EXCEEDED: {} messages held", held.messages));
    }
    if (held.bytes > settings.in_flight_bytes_max) {
        world_.truth.violate(fmt::format("BOUND EXCEEDED: {} bytes held", held.bytes));
    }
}

void Member::start() {
    after(1ms, [](Member& self) { self.fetch(); });
}

void Member::stop() {
    world_.note(number_, [&] { return fmt::format("member {} is told to stop", number_); });
    judge_time([](Member& self) { return self.core_.has_stopped(); }, "stops");
    step([&] { core_.stop(now()); });
}

void Member::judge_time(std::function<bool(Member&)> is_done, std::string_view what) {
    constexpr auto for_commits = 1s;
    const auto limit = world_.plan.settings.drain_limit + for_commits;
    after(limit, [is_done = std::move(is_done), what](Member& self) {
        if (!is_done(self)) self.world_.truth.violate(fmt::format("LATE: member {} {}", self.number_, what));
    });
}

void Member::tell(std::variant<Assigned, Revoked> news, Time from) {
    std::map<TopicPartition, std::uint32_t> lives;
    for (const auto& source : group_.partitions()) lives[source] = world_.truth.life(source);
    news_.push_back({from, std::move(news), std::move(lives)});
}

std::int64_t Member::epoch(const TopicPartition& source) const {
    const auto found = owned_.find(source);
    return found == owned_.end() ? 0 : found->second.epoch;
}

void Member::on_time() {
    step([&] { core_.on_time(now()); });
}

// ---------------------------------------------------------------------------------------------- calls

namespace {

template <class T, class Begin>
Task<T> run(std::shared_ptr<OneCall> one, Begin begin) {
    co_return co_await begin(*one);
}

Task<std::vector<ChangeOutcome>> apply_changes(OneCall& one, Creates creates) {
    SilentCache cache;
    ChangeApplier applier(one, cache, product_bytes_max);
    auto outcomes = co_await applier.apply(one.changes(), Deadline::max(), creates);
    if (outcomes) one.answer(*outcomes);
    co_return outcomes;
}

Task<std::monostate> write_record(OneCall& one, std::uint64_t number) {
    WorldClock clock(one.world());
    StoreProbe record(one, clock, number);
    auto written = co_await record.write(Deadline::max());
    if (!written) co_return fail(std::move(written.error()));
    co_return std::monostate{};
}

}  // namespace

/// `begin` makes the real coroutine over the call's store; `end` hands its result to the core.
template <class T, class Begin, class End>
void Member::call(CallId id, std::chrono::milliseconds limit, std::vector<SharedChange> changes, const Begin& begin,
                  const End& end) {
    auto one = std::make_shared<OneCall>(world_, std::move(changes));
    const auto ended = [id, end, self = weak_from_this()](Result<T> result) {
        const auto alive = self.lock();
        if (!alive || alive->calls_.erase(id) == 0) return;
        alive->world_.note(id, [&] {
            return fmt::format("member {}: call {} ended: {}", alive->number_, id,
                               result ? "answered" : result.error().detail);
        });
        alive->step([&] { end(*alive, std::move(result)); });
    };
    const auto give_up = [one, ended] {
        one->give_up();
        ended(fail(time_is_over()));
    };
    calls_.emplace(id, std::pair{one, give_up});
    asio::co_spawn(world_.loop, run<T>(one, begin),
                   [one, ended, self = weak_from_this()](std::exception_ptr failed, Result<T> result) {
                       if (failed) std::rethrow_exception(failed);
                       const auto alive = self.lock();
                       if (one->is_given_up() || !alive) return;
                       alive->after(0us, [ended, held = std::make_shared<Result<T>>(std::move(result))](Member&) {
                           ended(std::move(*held));
                       });
                   });
    after(limit, [id](Member& self) {
        const auto running = self.calls_.find(id);
        if (running != self.calls_.end()) std::function(running->second.second)();
    });
}

void Member::perform(const StartCall& started) {
    world_.note(started.id, [&] {
        auto text = fmt::format("member {}: call {} of {} changes within {} ms:", number_, started.id,
                                started.changes.size(), started.limit.count());
        for (const auto& change : started.changes) text += ' ' + to_string(change->source->position);
        return text;
    });
    call<std::vector<ChangeOutcome>>(
        started.id, started.limit, started.changes,
        [creates = started.creates](OneCall& one) { return apply_changes(one, creates); },
        [id = started.id](Member& self, Result<std::vector<ChangeOutcome>> result) {
            self.core_.call_ended(id, std::move(result), self.now());
        });
}

void Member::perform(const StartLook& look) {
    world_.note(look.id,
                [&] { return fmt::format("member {}: look {} for {} ids", number_, look.id, look.ids.size()); });
    call<std::vector<Found>>(
        look.id, look.limit, {}, [ids = look.ids](OneCall& one) { return one.find(ids, Deadline::max()); },
        [id = look.id](Member& self, const Result<std::vector<Found>>& found) {
            self.core_.look_ended(id, found, self.now());
        });
}

void Member::perform(const StartProbe& probe) {
    world_.note(probe.id, [&] { return fmt::format("member {}: probe {}", number_, probe.id); });
    call<std::monostate>(
        probe.id, probe.limit, {}, [number = number_](OneCall& one) { return write_record(one, number); },
        [id = probe.id](Member& self, Result<std::monostate> written) {
            self.core_.probe_ended(id, written ? Result<>{} : fail(written.error()), self.now());
        });
}

void Member::perform(const CutCalls&) {
    auto running = calls_;
    for (auto& [id, call] : running) {
        call.first->give_up();
        after(0us, [give_up = call.second](Member&) { give_up(); });
    }
}

}  // namespace productd::simulation
