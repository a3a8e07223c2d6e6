// The in-process cache keeps the contract of every cache.
#include "outbound/memory/memory_product_cache.hpp"

#include "contract/product_cache_contract.hpp"

namespace productd::contract {

class MemoryCacheHarness {
public:
    ProductCache& cache() { return cache_; }

private:
    MemoryProductCache cache_{MemoryCacheSettings{}};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, ProductCacheContract, MemoryCacheHarness);

}  // namespace productd::contract
