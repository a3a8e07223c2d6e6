// The product store that the configuration names.
#pragma once

#include <memory>

#include "app/ports/product_store.hpp"
#include "runtime/config/config.hpp"
#include "runtime/health/embedded_metrics.hpp"

namespace productd {

/// `store: sqlite` opens or makes its file, which fails as SqliteProductStore::open; `store: mongodb` connects to
/// nothing yet, and fails for a URI that cannot be read. `metrics`, if there are any, shall show what the embedded
/// store counts.
Result<std::unique_ptr<ProductStore>> open_store(const Config& config, EmbeddedMetrics* metrics = nullptr);

}  // namespace productd
