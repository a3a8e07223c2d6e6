// Redis, with this process in front of it, keeps the contract of every cache.
#include "contract/product_cache_contract.hpp"
#include "stack/redis_server.hpp"

namespace productd::contract {

class RedisCacheHarness {
public:
    ProductCache& cache() { return instance_.cache(); }

private:
    test::RedisCacheInstance instance_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Redis, ProductCacheContract, RedisCacheHarness);

}  // namespace productd::contract
