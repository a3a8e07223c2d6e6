// What the servers call, assembled.
#pragma once

#include "app/catalog/catalog.hpp"
#include "app/catalog/direct_catalog.hpp"
#include "app/catalog/guarded_store.hpp"
#include "app/feed/product_feed.hpp"
#include "runtime/metrics/feed_metrics.hpp"
#include "runtime/metrics/write_stages.hpp"

namespace productd {

/// Reads, writes as events, writes that go straight to the store, and the feed of changes. The first three see the
/// store through its guard, and the worker's state with it. Members stand behind what they use.
struct UseCases {
    /// `ports` are the unguarded ones; they, `changes`, `health`, `metrics` and `executor`, on which late writes are
    /// looked for and changes followed, outlive it.
    UseCases(const CatalogPorts& ports, ChangeFeed& changes, StoreHealth& health, Metrics& metrics,
             const CatalogSettings& settings, const FeedSettings& feed_settings, const asio::any_io_executor& executor)
        : store(ports.store, health),
          pipeline(ports.pipeline, health),
          stages(metrics),
          catalog({store, ports.cache, ports.log, ports.outcomes, pipeline, ports.clock, ports.ids, &stages}, settings),
          late_writes(ports.store, ports.cache, executor),
          applier(store, ports.cache, settings.product_bytes_max),
          direct(applier, store, late_writes, ports.clock, ports.ids, settings.product_bytes_max, settings.answer_time),
          feed_delays(metrics),
          feed(changes, ports.clock, feed_delays, feed_settings, executor) {}

    GuardedStore store;
    GuardedPipeline pipeline;
    WriteStages stages;
    Catalog catalog;
    LateWrites late_writes;
    ChangeApplier applier;  ///< Of direct writes.
    DirectCatalog direct;
    FeedDelays feed_delays;
    ProductFeed feed;
};

}  // namespace productd
