// How many bytes all that is under way may hold together; what comes beyond is refused.
#pragma once

#include <atomic>
#include <cstddef>

namespace productd {

/// A bounded sum. Any thread may use it.
class ByteBudget {
public:
    explicit ByteBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// What all shares hold. While a refusal is under way it may be seen above the bound.
    std::size_t held() const { return held_.load(std::memory_order_relaxed); }

    /// What one holder has of it, given back in the end. Used by one thread at a time.
    class Share {
    public:
        explicit Share(ByteBudget& budget) : budget_(budget) {}
        ~Share() { release(); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

        /// Holds `bytes` from here on, in place of what it held. False when the budget has not that much more: the
        /// share is then as it was. Call it when a buffer has grown, not for each byte.
        [[nodiscard]] bool hold(std::size_t bytes) {
            if (bytes > bytes_ && !budget_.take(bytes - bytes_)) return false;
            if (bytes < bytes_) budget_.give_back(bytes_ - bytes);
            bytes_ = bytes;
            return true;
        }
        void release() {
            if (bytes_ > 0) budget_.give_back(bytes_);
            bytes_ = 0;
        }
        std::size_t bytes() const { return bytes_; }

    private:
        ByteBudget& budget_;
        std::size_t bytes_ = 0;
    };

private:
    bool take(std::size_t bytes) {
        if (held_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
        give_back(bytes);
        return false;
    }
    void give_back(std::size_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }

    const std::size_t bytes_max_;
    std::atomic<std::size_t> held_{0};
};

}  // namespace productd
