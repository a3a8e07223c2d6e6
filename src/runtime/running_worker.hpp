// The worker while it runs, and what runs beside it.
#pragma once

#include <future>

#include "app/catalog/late_writes.hpp"
#include "app/feed/product_feed.hpp"
#include "app/worker/message_worker.hpp"
#include "runtime/certificate/served_certificate.hpp"

namespace productd {

class RunningWorker {
public:
    /// Begins at once, on `executor`. All outlive it.
    RunningWorker(MessageWorker& worker, LateWrites& late_writes, ProductFeed& feed, ServedCertificate& certificate,
                  const asio::any_io_executor& executor);
    /// Has the worker finish and commit. False when it has not by the deadline: what it holds is delivered again. Not
    /// from the executor; once.
    bool stop(Deadline deadline);
    /// Whether all has ended by the deadline, after stop().
    bool join(Deadline deadline) { return all_ended_.wait_until(deadline) == std::future_status::ready; }

private:
    asio::awaitable<void> run();

    MessageWorker& worker_;
    LateWrites& late_writes_;
    ProductFeed& feed_;
    ServedCertificate& certificate_;
    asio::any_io_executor executor_;
    std::promise<void> worker_ended_;
    std::future<void> all_ended_;
};

}  // namespace productd
