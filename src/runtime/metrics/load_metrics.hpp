// What the use cases let in, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "app/catalog/catalog.hpp"
#include "app/catalog/direct_catalog.hpp"

namespace productd {

class LoadMetrics : public prometheus::Collectable {
public:
    /// Both outlive the scrapes.
    LoadMetrics(const Catalog& catalog, const DirectCatalog& direct) : catalog_(catalog), direct_(direct) {}
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const Catalog& catalog_;
    const DirectCatalog& direct_;
};

}  // namespace productd
