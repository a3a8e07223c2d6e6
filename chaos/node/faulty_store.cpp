// Decides for each call and each item whether it fails. Calls the real store.
#include "chaos/node/faulty_store.hpp"
#include "app/ports/product_store.hpp"

#include <algorithm>
#include <fstream>

namespace productd::chaos {

namespace {

constexpr std::chrono::milliseconds look_for_faults{5};

ProductId id_of(const Stored& next) {
    if (const auto* product = std::get_if<StoredProduct>(&next)) return product->product.id;
    return std::get<Tombstone>(next).id;
}

}  // namespace

Error FaultyStore::failed_call() {
    ++failed_calls_;
    return unavailable("The chaos store fails this call.");
}

Task<> FaultyStore::before_call() {
    if (faults_.store_delay.count() > 0) co_await sleep_until(Deadline::clock::now() + faults_.store_delay);
    if (writes_ >= faults_.store_down_from && faults_.store_down.is_on()) co_return fail(failed_call());
    co_return Result<>{};
}

Task<std::vector<Found>> FaultyStore::find(std::vector<ProductId> ids, CallContext context) {
    auto allowed = co_await before_call();
    if (!allowed) co_return fail(std::move(allowed.error()));
    co_return co_await store_.find(std::move(ids), context);
}

std::optional<Error> FaultyStore::failure_of(const ProductWrite& write) {
    const bool is_blocked = faults_.blocked == id_of(write.next) && !faults_.is_lifted;
    const bool is_nth = faults_.fail_every > 0 && ++items_ % faults_.fail_every == 0;
    std::optional<Error> failure;
    if (writes_ >= faults_.store_down_from && faults_.items_fail.is_on()) {
        // Told as a refusal of what was asked would be: the store does not speak of itself.
        failure = Error{Errc::permission_denied, "The chaos store blocks all writes."};
    } else if (is_blocked || is_nth) {
        failure = unavailable("The chaos store fails this item.");
    }
    if (failure) ++failed_items_;
    return failure;
}

bool FaultyStore::hangs(const std::vector<ProductWrite>& writes) const {
    if (faults_.is_lifted) return false;
    if (faults_.hang_from > 0 && writes_ >= faults_.hang_from) return true;
    const auto is_hanging = [&](const ProductWrite& write) { return faults_.hanging == id_of(write.next); };
    return std::ranges::any_of(writes, is_hanging);
}

/// Does not end by being given up either: a driver's thread that is stuck does not come back for that.
asio::awaitable<void> FaultyStore::hang() {
    ++hung_calls_;
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    while (!faults_.is_lifted) co_await sleep_until(Deadline::clock::now() + look_for_faults);
}

/// Whoever makes that file learns by one with `.asked` at its end that it is waited for.
asio::awaitable<void> FaultyStore::wait_for_file() {
    auto asked = faults_.waits_for;
    std::ofstream(asked += ".asked").flush();
    while (!std::filesystem::exists(faults_.waits_for)) co_await sleep_until(Deadline::clock::now() + look_for_faults);
}

Task<std::vector<WriteOutcome>> FaultyStore::write(std::vector<ProductWrite> writes, CallContext context) {
    ++writes_;
    if (faults_.waits_from > 0 && writes_ >= faults_.waits_from) co_await wait_for_file();
    if (hangs(writes)) co_await hang();
    auto allowed = co_await before_call();
    if (!allowed) co_return fail(std::move(allowed.error()));
    const bool call_fails = faults_.calls_fail.is_on() && faults_.chance(0.5);
    const bool fails_late = call_fails && faults_.chance(0.5);
    if (call_fails && !fails_late) co_return fail(failed_call());

    std::vector<WriteOutcome> outcomes(writes.size());
    std::vector<ProductWrite> passed;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        if (auto failure = failure_of(writes[i])) {
            outcomes[i] = fail(std::move(*failure));
        } else {
            passed.push_back(std::move(writes[i]));
            places.push_back(i);
        }
    }
    faults_.kill.pass("before-write");
    auto written = co_await store_.write(std::move(passed), context);
    if (!written) co_return fail(std::move(written.error()));
    faults_.kill.pass("after-write");
    // What was written, and nobody learns of it: the caller must find out by itself.
    if (fails_late) co_return fail(failed_call());
    for (std::size_t i = 0; i < places.size(); ++i) outcomes[places[i]] = std::move((*written)[i]);
    co_return outcomes;
}

}  // namespace productd::chaos
