// Registers the wait before it publishes; where telling may fail, it looks in the store.
#include "app/catalog/event_publisher.hpp"

#include <algorithm>

#include "app/events/event.hpp"
#include "app/ports/late.hpp"

namespace productd {

namespace {

using Why = Unawaited::Why;

/// How often who waits looks around; where an outcome cannot be heard, also in the store. There the pause doubles.
constexpr std::chrono::milliseconds look_pause_min{5};
constexpr std::chrono::milliseconds look_pause_max{250};

Error outcome_unknown() { return unavailable("It is not known whether the write was applied: read the product."); }

}  // namespace

Deadline look_until(const CatalogSettings& settings, Deadline deadline) {
    const auto now = std::chrono::steady_clock::now();
    return now + std::min<Deadline::duration>(settings.look_wait, (deadline - now) / 2);
}

Error not_now() { return unavailable("The write cannot be checked and applied now: try again."); }

std::optional<Unawaited> EventPublisher::not_to_be_waited_for() const {
    if (settings_.apply_wait <= std::chrono::milliseconds(0)) return Unawaited{Why::wait_is_off};
    if (ports_.pipeline.store_is_down()) return Unawaited{Why::store_down};
    const auto lag = ports_.pipeline.lag();
    if (lag > settings_.apply_wait) return Unawaited{Why::worker_behind, lag};
    return std::nullopt;
}

asio::awaitable<void> EventPublisher::show(ProductId id, std::optional<Version> version, SpanContext trace) {
    if (!version || ports_.outcomes.hearing() == Hearing::all) co_return;
    std::vector<ProductVersion> stored{{id, *version}};
    co_await ports_.cache.forget_older(std::move(stored), trace);
}

/// What became of the event: told, or shown by the store where telling may fail. Else why it was waited for no longer.
asio::awaitable<std::expected<Outcome, Unawaited>> EventPublisher::outcome_of(OutcomeWait& wait, ProductId id,
                                                                              Position position, CallContext context) {
    // What is accepted must still be answered in time.
    const auto now = std::chrono::steady_clock::now();
    const auto time = std::min<Deadline::duration>(settings_.apply_wait, (context.deadline - now) / 4 * 3);
    const auto patience = now + time;
    // The last look in the store is a part of the wait.
    const auto last_look = patience - std::min<Deadline::duration>(settings_.look_wait, time / 4);
    auto pause = look_pause_min;
    while (true) {
        const auto hearing = ports_.outcomes.hearing();
        const auto end = hearing == Hearing::all ? patience : last_look;
        const auto next = std::chrono::steady_clock::now() + (hearing == Hearing::none ? pause : look_pause_max);
        if (auto outcome = co_await wait.until(position, std::min(end, next))) co_return std::move(*outcome);
        const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
        if (cancelled != asio::cancellation_type::none) co_return std::unexpected(Unawaited{Why::request_given_up});

        const bool is_over = std::chrono::steady_clock::now() >= end;
        if (hearing != Hearing::all && (is_over || ports_.outcomes.hearing() == Hearing::none)) {
            if (auto outcome = co_await outcome_in_store(id, position, {patience, context.trace}))
                co_return std::move(*outcome);
            pause = std::min(2 * pause, look_pause_max);
        }
        // While the store is down nothing is applied, neither soon nor in time.
        if (ports_.pipeline.store_is_down()) co_return std::unexpected(Unawaited{Why::store_down});
        if (is_over) co_return std::unexpected(Unawaited{Why::not_in_time});
    }
}

/// The fence of exactly this event proves that it was applied; a later one, no more than that it is finished.
asio::awaitable<std::optional<Outcome>> EventPublisher::outcome_in_store(ProductId id, Position position,
                                                                         CallContext context) {
    const auto until = std::min(context.deadline, std::chrono::steady_clock::now() + settings_.look_wait);
    auto stored = co_await within(until, find_one(ports_.store, id, {until, context.trace}));
    const auto* past = stored ? history(*stored) : nullptr;
    if (!past || past->fences.look_up(position) == Seen::never) co_return std::nullopt;
    if (!past->fences.proves(position)) co_return Finished{};
    co_return cached(*stored);
}

Task<Written> EventPublisher::publish(Change change, ProductPtr accepted, RequestContext context) {
    const auto given_up = (co_await asio::this_coro::cancellation_state).cancelled();
    if (given_up != asio::cancellation_type::none) co_return fail(Errc::cancelled, "The client gave up.");
    const bool conditional = change.expected.has_value();
    const auto kind = change.kind;
    const auto id = change.id;
    auto executor = co_await asio::this_coro::executor;
    std::unique_ptr<OutcomeWait> wait;
    auto unawaited = not_to_be_waited_for();
    if (!unawaited) {
        wait = ports_.outcomes.expect(executor);
        unawaited = Unawaited{wait ? Why::outcome_untold : Why::waits_full};
    }
    if (conditional && !wait) co_return fail(not_now());

    const auto& topic = settings_.topics.of(kind);
    std::vector<Record> records;
    records.push_back(encode_event(topic, {std::move(change), wait ? wait->id() : std::string(), context.trace}));
    const auto began = std::chrono::steady_clock::now();
    auto published = co_await within(context.deadline, ports_.log.publish(std::move(records)));
    if (!published) co_return fail(or_late("The event log", std::move(published.error()), began, context.deadline));
    if (!published->front()) co_return fail(std::move(published->front().error()));
    auto position = *published->front();
    const auto acknowledged = std::chrono::steady_clock::now();
    if (ports_.observer) ports_.observer->published(kind, acknowledged - began, context.trace.context);

    if (wait) {
        auto outcome = co_await outcome_of(*wait, id, std::move(position), context.call());
        const auto waited = std::chrono::steady_clock::now() - acknowledged;
        if (ports_.observer) ports_.observer->waited(kind, waited, context.trace.context);
        if (!outcome) {
            unawaited = outcome.error();
        } else if (auto* error = std::get_if<Error>(&*outcome)) {
            co_return fail(std::move(*error));
        } else if (auto* applied = std::get_if<Applied>(&*outcome);
                   applied && (applied->product || kind == ChangeKind::remove)) {
            co_await show(id, applied->version, context.trace.context);
            co_return Written{Written::State::applied, std::move(applied->product)};
        }
        // Else it was applied and is gone again, by a removal since, or is known to be finished and no more.
    }
    if (conditional) co_return fail(outcome_unknown());
    co_return Written{Written::State::accepted, std::move(accepted), unawaited};
}

}  // namespace productd
