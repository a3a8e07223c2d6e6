// The two ends of the admin socket against hostile and broken counterparts.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "fakes/await.hpp"
#include "fakes/temp_folder.hpp"
#include "inbound/admin/admin_api.hpp"
#include "outbound/admin/admin_message_log.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using Local = asio::local::stream_protocol;

class AdminApiTest : public testing::Test {
protected:
    HttpResponse call(const std::string& method, const std::string& target, const std::string& body = {}) {
        HttpRequest request{.method = method,
                            .target = target,
                            .headers = {},
                            .body = body,
                            .request_id = {},
                            .remote = {},
                            .deadline = {}};
        return await(api_.handle(std::move(request)));
    }

    TempFolder folder_;
    std::unique_ptr<SqliteMessageLog> log_ = SqliteMessageLog::open({.path = folder_ / "log.db"}).value();
    AdminApi api_{*log_};
};

TEST_F(AdminApiTest, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(call("GET", "/admin").status, 404u);
    EXPECT_EQ(call("DELETE", "/admin/log/topics").status, 404u);
    EXPECT_THAT(call("GET", "/").body, HasSubstr(R"("code":"unimplemented")"));
}

TEST_F(AdminApiTest, RefusesBodiesThatAreNotWhatTheyShouldBe) {
    const std::string deep(100'000, '[');
    for (const auto& body :
         {std::string(), std::string("{}"), std::string("[1]"), std::string("[{}]"), deep, std::string("\xff"),
          std::string(R"([{"topic":"t","partition":null,"key":"?","value":null,"headers":[],"time":0}])"),
          std::string(R"([{"topic":"t","partition":9999999999,"key":null,"value":null,"headers":[],"time":0}])"),
          std::string(
              R"([{"topic":"t","partition":null,"key":null,"value":null,"headers":[{"name":null}],"time":0}])")}) {
        const auto response = call("POST", "/admin/log/messages", body);
        EXPECT_EQ(response.status, 400u) << body.substr(0, 100);
        EXPECT_THAT(response.body, HasSubstr(R"("code":"invalid_argument")"));
    }
    EXPECT_EQ(call("POST", "/admin/log/topics", R"([{"topic":"t"}])").status, 400u);
    EXPECT_EQ(call("POST", "/admin/log/trim", R"({"topic":"t","partition":0,"before":"x"})").status, 400u);
}

TEST_F(AdminApiTest, RefusesNumbersOutOfRange) {
    for (const auto* query : {"", "?topic=t", "?topic=t&partition=0&from=0&max=0", "?topic=t&partition=-1&from=0&max=1",
                              "?topic=t&partition=4294967296&from=0&max=1", "?topic=t&partition=x&from=0&max=1"}) {
        EXPECT_EQ(call("GET", std::string("/admin/log/messages") + query).status, 400u) << query;
    }
    EXPECT_EQ(call("GET", "/admin/log/messages?topic=no%20such&partition=0&from=0&max=1").status, 404u);
}

TEST_F(AdminApiTest, TrimsAndTellsCommits) {
    EXPECT_EQ(call("POST", "/admin/log/topics", R"([{"topic":"t","partitions":1}])").body, R"(["t"])");
    const auto record = R"({"topic":"t","partition":null,"key":null,"value":"eA==","headers":[],"time":5})";
    EXPECT_THAT(call("POST", "/admin/log/messages", std::string("[") + record + "," + record + "]").body,
                HasSubstr(R"({"position":{"topic":"t","partition":0,"offset":1,"time":5}})"));
    EXPECT_EQ(call("POST", "/admin/log/trim", R"({"topic":"t","partition":0,"before":1})").status, 200u);
    EXPECT_EQ(call("GET", "/admin/log/topics").body,
              R"([{"topic":"t","partitions":[{"partition":0,"begin":1,"end":2}]}])");
    EXPECT_EQ(call("GET", "/admin/log/commits?group=g").body, "[]");
    EXPECT_EQ(call("GET", "/admin/log/check").body, "{}");
}

/// Answers one connection with `answer`, whatever is asked; nothing: hangs up.
class OneAnswer {
public:
    OneAnswer(const std::filesystem::path& socket, std::string answer)
        : acceptor_(context_, Local::endpoint(socket.string())), thread_([this, answer = std::move(answer)] {
              Local::socket peer(context_);
              acceptor_.accept(peer);
              asio::streambuf request;
              boost::system::error_code ignored;
              asio::read_until(peer, request, "\r\n\r\n", ignored);
              asio::write(peer, asio::buffer(answer), ignored);
          }) {}
    ~OneAnswer() { thread_.join(); }

private:
    asio::io_context context_;
    Local::acceptor acceptor_;
    std::thread thread_;
};

class AdminMessageLogTest : public testing::Test {
protected:
    Error described(std::string answer) {
        const OneAnswer service(folder_ / "s", std::move(answer));
        AdminMessageLog log({.socket = folder_ / "s", .answer_bytes_max = 1'000});
        auto topics = await(log.describe({}));
        std::filesystem::remove(folder_ / "s");
        return topics ? Error{Errc::unknown, "no error"} : topics.error();
    }

    static std::string answer(const std::string& status, const std::string& body) {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    TempFolder folder_;
};

TEST_F(AdminMessageLogTest, SaysThatNoServiceListens) {
    AdminMessageLog log({.socket = folder_ / "none"});
    EXPECT_EQ(await(log.check()).error().code, Errc::unavailable);
    EXPECT_FALSE(service_listens(folder_ / "none"));
}

TEST_F(AdminMessageLogTest, SaysThatThePathIsTooLongForASocket) {
    const auto path = folder_ / std::string(120, 'x');
    EXPECT_FALSE(service_listens(path));
    AdminMessageLog log({.socket = path});
    EXPECT_THAT(await(log.check()).error().detail, HasSubstr("set Data.Dir to a shorter one"));
}

TEST_F(AdminMessageLogTest, SpeaksToNoProcessOfAnotherUser) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can have another user listen";
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0777));
    const auto path = (folder_ / "s").string();
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr uid_t nobody = 65534;
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
        const bool listens = ::setuid(nobody) == 0 &&
                             ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                             ::listen(socket, 1) == 0;
        if (::write(pipe[1], listens ? "+" : "-", 1) != 1 || !listens) ::_exit(1);
        const int peer = ::accept(socket, nullptr, nullptr);
        char heard = 0;
        ::_exit(::read(peer, &heard, 1) == 0 ? 0 : 2);  // Hung up without a word.
    }
    char told = 0;
    ASSERT_EQ(::read(pipe[0], &told, 1), 1);
    ASSERT_EQ(told, '+');
    AdminMessageLog log({.socket = path});
    const auto checked = await(log.check());
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0) << "it was spoken to";
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Errc::permission_denied);
    EXPECT_THAT(checked.error().detail, HasSubstr("a process of user 65534"));
}

TEST_F(AdminMessageLogTest, TellsTheServicesErrorAsItIs) {
    const auto error = described(answer("404 Not Found", R"({"code":"not_found","detail":"There is none."})"));
    EXPECT_EQ(error.code, Errc::not_found);
    EXPECT_EQ(error.detail, "There is none.");
}

TEST_F(AdminMessageLogTest, SurvivesEveryBrokenAnswer) {
    EXPECT_EQ(described("").code, Errc::unavailable);
    EXPECT_EQ(described("SSH-2.0-none\r\n\r\n").code, Errc::unavailable);
    EXPECT_EQ(described("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[").code, Errc::unavailable);
    for (const auto* body : {"", "{}", "[1]", "nonsense", R"([{"topic":1,"partitions":[]}])", R"([{"topic":"t"}])"}) {
        EXPECT_EQ(described(answer("200 OK", body)).code, Errc::internal) << body;
    }
    EXPECT_EQ(described(answer("500 Internal Server Error", "oops")).code, Errc::internal);
    EXPECT_EQ(described(answer("400 Bad Request", R"({"code":"strange","detail":""})")).code, Errc::internal);
    EXPECT_EQ(described(answer("200 OK", "[" + std::string(2'000, ' ') + "]")).code, Errc::resource_exhausted);
}

TEST_F(AdminMessageLogTest, CannotJoinAGroup) {
    AdminMessageLog log({.socket = folder_ / "none"});
    asio::io_context context;
    const auto subscription = log.subscribe("g", {"t"}, context.get_executor());
    EXPECT_EQ(await(subscription->next({1})).error().code, Errc::unimplemented);
}

}  // namespace
}  // namespace productd
