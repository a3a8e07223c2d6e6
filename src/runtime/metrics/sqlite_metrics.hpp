// What the embedded log and store count, read at every scrape. Where another engine stands in their place there is
// nothing to show.
#pragma once

#include <prometheus/collectable.h>

namespace productd {

class SqliteMessageLog;
class SqliteProductStore;

class SqliteMetrics : public prometheus::Collectable {
public:
    // Before the first scrape; what is shown outlives the last.
    void show(const SqliteMessageLog& log) { log_ = &log; }
    void show(const SqliteProductStore& store) { store_ = &store; }

    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const SqliteMessageLog* log_ = nullptr;
    const SqliteProductStore* store_ = nullptr;
};

}  // namespace productd
