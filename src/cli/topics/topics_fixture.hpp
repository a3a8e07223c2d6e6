// The event log as a command meets it: the file, and the socket of a running service.
#pragma once

#include <gmock/gmock.h>

#include <thread>

#include "cli/cli_fixture.hpp"
#include "inbound/admin/admin_api.hpp"
#include "inbound/http/http_server.hpp"
#include "outbound/admin/admin_message_log.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/data_files.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

enum class Way { file, socket };

/// What of a service the commands see: the data folder's lock, the log, and the socket in front of it.
class RunningLog {
public:
    explicit RunningLog(const Config& config)
        : directory_(DataDirectory::open(config.data.dir).value()),
          log_(SqliteMessageLog::open(log_settings(config)).value()),
          api_(*log_),
          server_(admin_settings(config), [this](HttpRequest request) { return api_.handle(std::move(request)); },
                  metrics_, {context_.get_executor()}) {
        const auto started = server_.start();
        if (!started) ADD_FAILURE() << started.error().detail;
        thread_ = std::thread([this] { context_.run(); });
    }
    ~RunningLog() {
        const auto stop = [this]() -> asio::awaitable<void> {
            co_await server_.stop(Deadline::clock::now() + std::chrono::seconds(5));
        };
        asio::co_spawn(context_, stop(), [](std::exception_ptr) {});
        thread_.join();
    }

private:
    DataDirectory directory_;
    std::unique_ptr<SqliteMessageLog> log_;
    AdminApi api_;
    Metrics metrics_;
    asio::io_context context_{1};
    HttpServer server_;
    std::thread thread_;
};

class TopicsTest : public CliTest, public testing::WithParamInterface<Way> {
protected:
    TopicsTest() {
        environment_ = {{"PRODUCTD_DATA_DIR", data()}};
        Config config;
        config.data.dir = data();
        if (GetParam() == Way::socket) running_.emplace(config);
        EXPECT_EQ(service_listens(data_files(config).admin_socket), GetParam() == Way::socket);
    }

    /// What `topics read --json` prints, with times left out.
    std::vector<std::string> read(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"topics", "read", "--json"});
        const auto printed = run(arguments);
        EXPECT_EQ(printed.code, ExitCode::success) << printed.err;
        std::vector<std::string> lines;
        std::istringstream text(printed.out);
        for (std::string line; std::getline(text, line);) {
            const auto time = line.find(",\"time\":\"");
            line.erase(time, line.find("Z\"", time) + 2 - time);
            lines.push_back(line);
        }
        return lines;
    }

    std::optional<RunningLog> running_;
};

inline std::string way_of(const testing::TestParamInfo<Way>& way) { return way.param == Way::file ? "File" : "Socket"; }

}  // namespace productd
