// Writes as events: look first, publish, wait for the worker. Calls the log, the outcomes, the store and the cache.
#include "app/catalog/catalog.hpp"
#include "app/catalog/product_size.hpp"
#include "app/events/event.hpp"

namespace productd {

namespace {

/// How often the store is asked for an outcome that cannot be heard; the pause doubles.
constexpr std::chrono::milliseconds look_pause_min{5};
constexpr std::chrono::milliseconds look_pause_max{250};

Error not_now() { return unavailable("The write cannot be checked and applied now: try again."); }
Error outcome_unknown() { return unavailable("It is not known whether the write was applied: read the product."); }

/// The product as a draft will make it, before it has a version.
ProductPtr as_accepted(Product base, const Draft& draft, Timestamp time) {
    auto product = merged(std::move(base), draft);
    product.updated_at = time;
    product.version = {};
    return std::make_shared<const Product>(std::move(product));
}

}  // namespace

bool Catalog::worker_is_late() const {
    if (settings_.apply_wait <= std::chrono::milliseconds(0)) return true;  // Nobody waits for it at all.
    return ports_.pipeline.store_is_down() || ports_.pipeline.lag() > settings_.apply_wait;
}

/// Another instance may have stored it: what this one has answered, its later reads must not go back behind.
asio::awaitable<void> Catalog::show(ProductId id, std::optional<Version> version) {
    if (!version || ports_.outcomes.hearing() == Hearing::all) co_return;
    std::vector<ProductVersion> stored{{id, *version}};
    co_await ports_.cache.forget_older(std::move(stored));
}

/// What became of the event: told, or shown by the store where telling may fail. Nothing when the time for it is over.
asio::awaitable<std::optional<Outcome>> Catalog::outcome_of(OutcomeWait& wait, ProductId id, Position position,
                                                            Deadline deadline) {
    const auto patience = std::min(deadline, std::chrono::steady_clock::now() + settings_.apply_wait);
    auto pause = look_pause_min;
    while (true) {
        const auto hearing = ports_.outcomes.hearing();
        auto until = patience;
        if (hearing == Hearing::none) until = std::min(until, std::chrono::steady_clock::now() + pause);
        if (hearing == Hearing::likely) until = std::min(until, std::chrono::steady_clock::now() + look_pause_max);
        if (auto outcome = co_await wait.until(position, until)) co_return outcome;
        const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
        if (hearing == Hearing::all || cancelled != asio::cancellation_type::none) co_return std::nullopt;

        const bool is_over = std::chrono::steady_clock::now() >= patience;
        if (is_over || ports_.outcomes.hearing() == Hearing::none) {
            if (auto outcome = co_await outcome_in_store(id, position, deadline)) co_return outcome;
            pause = std::min(2 * pause, look_pause_max);
        }
        if (is_over) co_return std::nullopt;
    }
}

/// The fence of exactly this event proves that it was applied; a later one, no more than that it is finished.
asio::awaitable<std::optional<Outcome>> Catalog::outcome_in_store(ProductId id, Position position, Deadline deadline) {
    std::vector<ProductId> ids{id};
    auto stored = co_await within(deadline, ports_.store.find(std::move(ids)));
    const auto* past = stored ? history(stored->front()) : nullptr;
    if (!past || past->fences.look_up(position) == Seen::never) co_return std::nullopt;
    if (!past->fences.proves(position)) co_return Finished{};
    co_return cached(stored->front());
}

Task<Written> Catalog::publish_and_wait(Change change, ProductPtr accepted, RequestContext context) {
    const bool conditional = change.expected.has_value();
    const bool removes = change.kind == ChangeKind::remove;
    const auto id = change.id;
    auto executor = co_await asio::this_coro::executor;
    std::unique_ptr<OutcomeWait> wait;
    if (!worker_is_late()) wait = ports_.outcomes.expect(executor);
    if (conditional && !wait) co_return fail(not_now());

    const auto& topic = settings_.topics.of(change.kind);
    std::vector<Record> records;
    records.push_back(encode_event(topic, {std::move(change), wait ? wait->id() : std::string(), context.traceparent}));
    auto published = co_await within(context.deadline, ports_.log.publish(std::move(records)));
    if (!published) co_return fail(std::move(published.error()));
    if (!published->front()) co_return fail(std::move(published->front().error()));
    auto position = *published->front();

    std::optional<Outcome> outcome;
    if (wait) {
        outcome = co_await outcome_of(*wait, id, std::move(position), context.deadline);
    }
    if (outcome) {
        if (auto* error = std::get_if<Error>(&*outcome)) co_return fail(std::move(*error));
        // Applied and gone again, by a removal since: there is no product to show.
        auto* applied = std::get_if<Applied>(&*outcome);
        if (applied && (applied->product || removes)) {
            co_await show(id, applied->version);
            co_return Written{Written::State::applied, std::move(applied->product)};
        }
    }
    if (conditional) co_return fail(outcome_unknown());
    co_return Written{Written::State::accepted, std::move(accepted)};
}

Task<std::optional<Written>> Catalog::earlier_create(Change change) {
    std::vector<ProductId> ids{change.id};
    auto stored = co_await ports_.store.find(std::move(ids));
    if (!stored) co_return std::optional<Written>{};  // The worker decides it the same way later.
    auto decision = decide(stored->front(), change);
    if (auto* rejected = std::get_if<Rejected>(&decision)) co_return fail(std::move(rejected->error));
    if (const auto* superseded = std::get_if<Superseded>(&decision)) {
        if (superseded->why != Superseded::Why::repeated) co_return fail(not_found(change.id.hex()));
        co_return Written{Written::State::applied, cached(stored->front()).product};
    }
    co_return std::optional<Written>{};
}

asio::awaitable<Created> Catalog::create(Draft draft, std::optional<std::string> idempotency_key,
                                         RequestContext context) {
    auto valid = accept(violations(draft, Required::all));
    if (valid) valid = check_size(draft, settings_.product_bytes_max);
    if (!valid) co_return std::unexpected(CreateFailure{std::move(valid.error()), {}});

    Change change{.kind = ChangeKind::create, .draft = std::move(draft), .time = ports_.clock.now()};
    if (idempotency_key) {
        change.id = id_of_key(*idempotency_key);
        change.digest = digest_of(change.draft);
        auto earlier = co_await within(context.deadline, earlier_create(change));
        if (!earlier) co_return std::unexpected(CreateFailure{std::move(earlier.error()), change.id});
        if (*earlier) co_return std::move(**earlier);
    } else {
        change.id = ports_.ids.next();
    }
    const auto id = change.id;
    auto accepted = as_accepted(Product{.id = id, .created_at = change.time}, change.draft, change.time);
    auto written = co_await publish_and_wait(std::move(change), std::move(accepted), std::move(context));
    if (!written) co_return std::unexpected(CreateFailure{std::move(written.error()), id});
    co_return std::move(*written);
}

Task<std::optional<Product>> Catalog::first_look(ProductId id, std::optional<Version> expected) {
    std::vector<ProductId> ids{id};
    auto stored = co_await ports_.store.find(std::move(ids));
    if (!stored) {
        // What cannot be checked now is still a write that the worker can decide, unless it has a condition.
        if (expected) co_return fail(not_now());
        co_return std::optional<Product>{};
    }
    auto* product = std::get_if<StoredProduct>(&stored->front());
    if (!product) co_return fail(not_found(id.hex()));
    if (expected && *expected != product->product.version) {
        co_return fail(Errc::aborted,
                       "The product is at version " + std::to_string(product->product.version.value) + ".");
    }
    co_return std::optional<Product>{std::move(product->product)};
}

Task<Written> Catalog::update(ProductId id, Draft draft, std::optional<Version> expected, RequestContext context) {
    auto valid = accept(violations(draft, Required::all));
    if (valid) valid = check_size(draft, settings_.product_bytes_max);
    if (!valid) co_return fail(std::move(valid.error()));
    auto stands = co_await within(context.deadline, first_look(id, expected));
    if (!stands) co_return fail(std::move(stands.error()));

    Change change{.kind = ChangeKind::update,
                  .id = id,
                  .draft = std::move(draft),
                  .time = ports_.clock.now(),
                  .expected = expected};
    auto base = *stands ? std::move(**stands) : Product{.id = id};
    auto accepted = as_accepted(std::move(base), change.draft, change.time);
    if (auto fits = check_size(*accepted, settings_.product_bytes_max); !fits) co_return fail(std::move(fits.error()));
    co_return co_await publish_and_wait(std::move(change), std::move(accepted), std::move(context));
}

Task<Written> Catalog::remove(ProductId id, std::optional<Version> expected, RequestContext context) {
    auto stands = co_await within(context.deadline, first_look(id, expected));
    if (!stands) co_return fail(std::move(stands.error()));
    Change change{.kind = ChangeKind::remove, .id = id, .time = ports_.clock.now(), .expected = expected};
    co_return co_await publish_and_wait(std::move(change), nullptr, std::move(context));
}

}  // namespace productd
