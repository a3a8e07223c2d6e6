// Counters of the embedded engines as families of metrics. Calls SqliteMessageLog and SqliteProductStore.
#include "runtime/metrics/sqlite_metrics.hpp"

#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

namespace {

using Families = std::vector<prometheus::MetricFamily>;

void count(Families& families, const char* name, const char* help, std::uint64_t value) {
    families.push_back(counter_family(name, help, static_cast<double>(value)));
}

void collect(Families& families, const SqliteLogCounts& log) {
    count(families, "productd_log_transactions_total", "Transactions that wrote messages to the log", log.transactions);
    count(families, "productd_log_records_total", "Messages written to the log", log.records);
    count(families, "productd_log_failures_total", "Transactions of the log that failed", log.failures);
    families.push_back(counter_family("productd_log_write_seconds_total", "Time spent in transactions of the log",
                                      std::chrono::duration<double>(log.write_time).count()));
    families.push_back(gauge_family("productd_log_queued_records", "Messages that wait to be written to the log",
                                    static_cast<double>(log.queued)));
    families.push_back(gauge_family("productd_log_bytes", "What the log takes on disk, without dead letters",
                                    static_cast<double>(log.source_bytes)));
}

void collect(Families& families, const SqliteStoreCounts& store) {
    count(families, "productd_store_transactions_total", "Transactions the store committed", store.transactions);
    count(families, "productd_store_writes_total", "Products written in them, with the refused ones", store.products);
    count(families, "productd_store_failures_total", "Transactions of the store that failed", store.failures);
    families.push_back(gauge_family("productd_store_queued_writes", "Products that wait to be written to the store",
                                    static_cast<double>(store.queued)));
}

}  // namespace

Families SqliteMetrics::Collect() const {
    Families families;
    if (log_ != nullptr) collect(families, log_->counts());
    if (store_ != nullptr) collect(families, store_->counts());
    return families;
}

}  // namespace productd
