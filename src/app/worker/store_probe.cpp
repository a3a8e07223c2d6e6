// One compare-and-set of one tombstone; what its predecessor left gives the version.
#include "app/worker/store_probe.hpp"

namespace productd {

namespace {

/// "prob", then the seed: ids begin with a time in seconds, and this one is of 2029.
ProductId id_from(std::uint64_t seed) {
    ProductId::Bytes bytes{'p', 'r', 'o', 'b'};
    for (std::size_t i = 0; i < 8; ++i) bytes[4 + i] = static_cast<std::uint8_t>(seed >> (8 * i));
    return ProductId{bytes};
}

}  // namespace

StoreProbe::StoreProbe(ProductStore& store, Clock& clock, std::uint64_t seed)
    : store_(store), clock_(clock), id_(id_from(seed)) {}

Task<> StoreProbe::write(Deadline deadline) {
    auto stored = co_await find_one(store_, id_, deadline);
    if (!stored) co_return fail(std::move(stored.error()));
    const auto before = version(*stored);
    std::vector<ProductWrite> writes;
    writes.push_back({before, Tombstone{id_, before.value_or(Version{0}).next(), clock_.now(), {}}});
    auto written = co_await store_.write(std::move(writes), deadline);
    if (!written) co_return fail(std::move(written.error()));
    co_return std::move(written->front());
}

}  // namespace productd
