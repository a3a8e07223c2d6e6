// How an object of a C library frees itself.
#pragma once

namespace productd {

/// A deleter: `std::unique_ptr<rd_kafka_t, DestroyedBy<rd_kafka_destroy>>`.
template <auto Destroy>
struct DestroyedBy {
    template <class T>
    void operator()(T* made) const {
        Destroy(made);
    }
};

}  // namespace productd
