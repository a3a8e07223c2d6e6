// gRPC's stop blocks a thread of its own, those of HTTP are coroutines. Calls both.
#include "runtime/stop/stop_servers.hpp"

#include <boost/asio/use_future.hpp>
#include <future>

#include "async/thread_name.hpp"

namespace productd {

bool stop_servers(const asio::any_io_executor& executor, const std::vector<HttpServer*>& http, GrpcServer* grpc,
                  Deadline deadline) {
    std::future<bool> grpc_ended;
    if (grpc != nullptr) {
        const auto left = deadline - std::chrono::steady_clock::now();
        const auto until =
            std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(left);
        grpc_ended = std::async(std::launch::async, [grpc, until] {
            name_this_thread("grpc-stop");
            return grpc->stop(until);
        });
    }
    std::vector<std::future<std::size_t>> http_ended;
    http_ended.reserve(http.size());
    for (auto* server : http) http_ended.push_back(asio::co_spawn(executor, server->stop(deadline), asio::use_future));
    bool is_clean = true;
    for (auto& ended : http_ended) is_clean = ended.get() == 0 && is_clean;
    if (grpc_ended.valid()) is_clean = grpc_ended.get() && is_clean;
    return is_clean;
}

}  // namespace productd
