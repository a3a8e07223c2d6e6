// Counters of the embedded engines as families of metrics. Calls SqliteMessageLog and SqliteProductStore.
#include "runtime/metrics/sqlite_metrics.hpp"

#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

namespace {

/// One family, whichever of the two files are there.
void collect_wal(Scrape& scrape, const std::vector<std::pair<std::string, std::int64_t>>& bytes_by_file) {
    prometheus::MetricFamily family{
        "productd_sqlite_wal_bytes", "What the WAL beside a file takes", prometheus::MetricType::Gauge, {}};
    for (const auto& [file, bytes] : bytes_by_file) {
        prometheus::ClientMetric metric;
        metric.label = {{"file", file}};
        metric.gauge.value = static_cast<double>(bytes);
        family.metric.push_back(std::move(metric));
    }
    if (!family.metric.empty()) scrape.families.push_back(std::move(family));
}

void collect(Scrape& scrape, const SqliteLogCounts& log) {
    scrape.counter("productd_log_transactions_total", "Transactions that wrote messages to the log", log.transactions);
    scrape.counter("productd_log_records_total", "Messages written to the log", log.records);
    scrape.counter("productd_log_failures_total", "Transactions of the log that failed", log.failures);
    scrape.counter("productd_log_write_seconds_total", "Time spent in transactions of the log",
                   std::chrono::duration<double>(log.write_time).count());
    scrape.gauge("productd_log_queued_records", "Messages that wait to be written to the log", log.queued);
    scrape.gauge("productd_log_bytes", "What the log takes on disk with its WAL, without dead letters",
                 log.source_bytes);
    scrape.gauge("productd_log_bytes_max", "What of that refuses further writes (Log.BytesMax)", log.source_bytes_max);
}

void collect(Scrape& scrape, const SqliteStoreCounts& store) {
    scrape.counter("productd_store_transactions_total", "Transactions the store committed", store.transactions);
    scrape.counter("productd_store_writes_total", "Products written in them, with the refused ones", store.products);
    scrape.counter("productd_store_failures_total", "Transactions of the store that failed", store.failures);
    scrape.gauge("productd_store_queued_writes", "Products that wait to be written to the store", store.queued);
    scrape.gauge("productd_store_wal_bytes_max", "What of its WAL refuses further writes (Store.WalBytesMax)",
                 store.wal_bytes_max);
}

}  // namespace

std::vector<prometheus::MetricFamily> SqliteMetrics::Collect() const {
    Scrape scrape;
    std::vector<std::pair<std::string, std::int64_t>> wal_bytes;
    if (log_ != nullptr) {
        const auto counts = log_->counts();
        collect(scrape, counts);
        wal_bytes.emplace_back("log.db", counts.wal_bytes);
    }
    if (store_ != nullptr) {
        const auto counts = store_->counts();
        collect(scrape, counts);
        wal_bytes.emplace_back("store.db", counts.wal_bytes);
    }
    collect_wal(scrape, wal_bytes);
    return std::move(scrape.families);
}

}  // namespace productd
