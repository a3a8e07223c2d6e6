// One coroutine for all. Calls the worker, the late writes, the feed and the certificate.
#include "runtime/running_worker.hpp"

#include <boost/asio/use_future.hpp>

#include "telemetry/log.hpp"

namespace productd {

RunningWorker::RunningWorker(MessageWorker& worker, LateWrites& late_writes, ProductFeed& feed,
                             ServedCertificate& certificate, const asio::any_io_executor& executor)
    : worker_(worker), late_writes_(late_writes), feed_(feed), certificate_(certificate), executor_(executor) {
    all_ended_ = asio::co_spawn(executor_, run(), asio::use_future);
}

asio::awaitable<void> RunningWorker::run() {
    TaskGroup beside(executor_);
    beside.spawn(late_writes_.run());
    beside.spawn(feed_.run());
    beside.spawn(certificate_.watch());
    co_await worker_.run();
    worker_ended_.set_value();
    late_writes_.stop();
    feed_.stop();
    certificate_.stop();
    co_await beside.join();
}

bool RunningWorker::stop(Deadline deadline) {
    const auto now = std::chrono::steady_clock::now();
    // Half of the time is for the calls that run, the rest for the commits.
    asio::post(executor_, [this, calls_end = now + (deadline - now) / 2] { worker_.stop(calls_end); });
    if (worker_ended_.get_future().wait_until(deadline) == std::future_status::ready) return true;
    log::error("The worker did not end in time: what it holds is delivered again at the next start");
    return false;
}

}  // namespace productd
