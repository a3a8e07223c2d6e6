// Fates, and the compare-and-set.
#include "simulation/one_call.hpp"

#include <boost/asio/async_result.hpp>

namespace productd::simulation {

using namespace std::chrono_literals;

namespace {

const ProductId& id_of(const ProductWrite& write) {
    const auto* product = std::get_if<StoredProduct>(&write.next);
    return product ? product->product.id : std::get<Tombstone>(write.next).id;
}

bool is_of_third(const ProductId& id) { return id.bytes()[11] % 3 == 0; }

}  // namespace

void OneCall::give_up() {
    is_given_up_ = true;
    if (forget_) std::exchange(forget_, nullptr)();
}

template <class T>
Task<T> OneCall::request(Fate fate, std::function<T()> done) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<T>)>(
        [this, fate = std::move(fate), done = std::move(done)](auto handler) mutable {
            using Handler = std::move_only_function<void(Result<T>)>;
            auto waiting = std::make_shared<Handler>(std::move(handler));
            forget_ = [waiting] { *waiting = nullptr; };
            world_.after(fate.until_done, [self = shared_from_this(), waiting, fate, done = std::move(done)] {
                auto result = std::make_shared<Result<T>>(T{});
                if (fate.is_done) *result = done();
                if (fate.error) *result = fail(*fate.error);
                if (!fate.is_answered) return;
                self->world_.after(fate.until_answered, [self, waiting, result] {
                    if (!*waiting) return;
                    self->forget_ = nullptr;
                    std::exchange(*waiting, nullptr)(std::move(*result));
                });
            });
        },
        asio::use_awaitable);
}

OneCall::Fate OneCall::draw(const std::vector<ProductId>& ids, bool is_write) {
    auto& random = world_.random;
    const auto& weather = world_.weather;
    Fate fate{.until_done = random.wait(1ms, 10ms), .until_answered = random.wait(0ms, 3ms)};
    if (weather.is_slow) fate.until_done = random.wait(500ms, 8'000ms);
    if (weather.is_down || (is_write && weather.writes_blocked)) {
        fate.is_done = false;
        fate.error = unavailable("The store is down.");
    } else if (weather.hangs) {
        fate.is_answered = false;
        fate.is_done = random.one_in(2);
        fate.until_done = random.wait(10ms, 40'000ms);
    } else {
        draw_single_faults(fate);
    }
    if (!is_write || fate.error) return fate;
    for (const auto& id : ids) {
        const auto found = world_.truth.broken.find(id);
        const auto how = found == world_.truth.broken.end() ? Broken::no : found->second;
        if (how != Broken::breaks_calls && how != Broken::hangs_calls) continue;
        fate.is_done = false;
        fate.is_answered = fate.is_answered && how == Broken::breaks_calls;
        fate.error = Error{Errc::internal, "The connection broke."};
    }
    return fate;
}

void OneCall::draw_single_faults(Fate& fate) {
    auto& random = world_.random;
    if (world_.may(Fault::call_fails) && random.percent(5)) {
        fate.is_done = false;
        fate.error = unavailable("The call failed.");
    } else if (world_.may(Fault::answer_lost) && random.percent(5)) {
        fate.error = unavailable("The answer was lost.");
    } else if (world_.may(Fault::call_hangs) && random.percent(3)) {
        fate.is_answered = false;
        fate.is_done = random.one_in(2);
        fate.until_done = random.wait(10ms, 40'000ms);
    }
}

std::optional<Error> OneCall::item_error(const ProductId& id) {
    const auto found = world_.truth.broken.find(id);
    const auto how = found == world_.truth.broken.end() ? Broken::no : found->second;
    if (how == Broken::item_fails) return Error{Errc::internal, "The item failed."};
    if (how == Broken::item_unavailable) return unavailable("The item's shard is down.");
    if (how == Broken::refused) return invalid("A validator refuses it.");
    if (world_.weather.third_fails && is_of_third(id)) return unavailable("The item's shard elects.");
    if (world_.may(Fault::item_fails) && world_.random.percent(3)) return unavailable("The item failed.");
    return std::nullopt;
}

Found OneCall::find_one(const ProductId& id) const {
    const auto found = world_.truth.broken.find(id);
    if (found == world_.truth.broken.end() || found->second != Broken::unreadable) return world_.truth.stored(id);
    return fail(Errc::data_loss, "Its document cannot be read.");
}

Task<std::vector<Found>> OneCall::find(std::vector<ProductId> ids, CallContext) {
    auto fate = draw(ids, false);
    return request<std::vector<Found>>(std::move(fate), [this, ids = std::move(ids)] {
        std::vector<Found> found;
        for (const auto& id : ids) found.push_back(find_one(id));
        return found;
    });
}

Task<std::vector<WriteOutcome>> OneCall::write(std::vector<ProductWrite> writes, CallContext) {
    std::vector<ProductId> ids;
    ids.reserve(writes.size());
    for (const auto& write : writes) ids.push_back(id_of(write));
    auto fate = draw(ids, true);
    return request<std::vector<WriteOutcome>>(std::move(fate), [this, writes = std::move(writes)]() mutable {
        std::vector<WriteOutcome> outcomes;
        for (auto& write : writes) outcomes.push_back(write_one(write));
        return outcomes;
    });
}

WriteOutcome OneCall::write_one(ProductWrite& write) {
    const auto id = id_of(write);
    const auto* next = std::get_if<StoredProduct>(&write.next);
    if (next != nullptr && next->product.description == refused_description)
        return fail(invalid("A validator refuses it."));
    if (auto error = item_error(id)) return fail(std::move(*error));
    if (version(world_.truth.stored(id)) != write.expected || !find_one(id)) {
        return fail(Errc::aborted, "Another version is stored.");
    }
    if (changes_.empty()) {
        world_.truth.store[id] = std::move(write.next);  // The worker's own record.
    } else {
        world_.truth.write(id, changes_, std::move(write.next));
    }
    world_.note(std::hash<ProductId>{}(id), [&] {
        return "stored " + id.hex() + " version " + std::to_string(version(world_.truth.stored(id))->value) +
               (is_given_up_ ? ", late" : "");
    });
    return {};
}

}  // namespace productd::simulation
