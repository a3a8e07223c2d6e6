// How much work of a kind may be under way at once; what comes beyond is refused.
#pragma once

#include <atomic>
#include <cstddef>

namespace productd {

/// A bounded count. Any thread may use it.
class Admission {
public:
    explicit Admission(std::size_t max) : max_(max) {}

    /// Takes a place; false when none is free.
    bool admit() {
        if (taken_.fetch_add(1, std::memory_order_relaxed) < max_) return true;
        release();
        return false;
    }
    /// Gives one back.
    void release() { taken_.fetch_sub(1, std::memory_order_relaxed); }
    std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

    /// Asks for a place, and gives it back in the end if it got one.
    class Place {
    public:
        explicit Place(Admission& admission) : admission_(admission), admitted_(admission.admit()) {}
        ~Place() {
            if (admitted_) admission_.release();
        }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        bool admitted() const { return admitted_; }

    private:
        Admission& admission_;
        bool admitted_;
    };

private:
    const std::size_t max_;
    std::atomic<std::size_t> taken_{0};
};

}  // namespace productd
