// What doctor finds: each thing that can be wrong, and the sentence that says what to do.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <fstream>

#include "cli/doctor/doctor_fixture.hpp"
#include "fakes/other_user.hpp"
#include "outbound/sqlite/log/sqlite_log_format.hpp"
#include "runtime/certificate/certificate.hpp"
#include "runtime/data_files.hpp"

namespace productd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(DoctorTest, FindsNothingWrongWithAFreshFolderAndMakesNothing) {
    const auto printed = run({"doctor"});
    EXPECT_EQ(printed.code, ExitCode::success) << printed.out;
    EXPECT_THAT(printed.out, Not(HasSubstr("fail ")));
    for (const auto* subject :
         {"configuration", "data folder", "databases", "cache", "certificate", "ports", "open files", "clock"}) {
        EXPECT_THAT(printed.out, HasSubstr(subject));
    }
    EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(DoctorTest, EndsWithOneWhenSomethingMustBeMended) {
    environment_[1].second = "x";
    const auto printed = run({"doctor"});
    EXPECT_EQ(printed.code, ExitCode::failure);
    EXPECT_EQ(printed.out,
              "fail  configuration  PRODUCTD_HTTP_PORT: Http.Port is \"x\"; it must be a port from 0 to 65535.\n");
}

TEST_F(DoctorTest, SaysThatTheStoreCannotBeReached) {
    set("PRODUCTD_STORE", "mongodb");
    set("PRODUCTD_MONGODB_URI", "mongodb://127.0.0.1:1");
    set("PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT", "50ms");
    const auto printed = run({"doctor"});
    EXPECT_EQ(printed.code, ExitCode::failure);
    EXPECT_THAT(printed.out, HasSubstr("fail  databases      MongoDB: The store cannot be reached"));
}

TEST_F(DoctorTest, SaysThatTheBrokersDoNotAnswerAndLooksForNoLogOfItsOwn) {
    set("PRODUCTD_BUS", "kafka");
    set("PRODUCTD_KAFKA_BROKERS", "127.0.0.1:1");
    EXPECT_THAT(look(&check_databases),
                ElementsAre(finding(Verdict::ok, "(products) will be made"), finding(Verdict::warn, "one instance")));
    EXPECT_THAT(look(&check_kafka), ElementsAre(AllOf(finding(Verdict::fail, "Kafka.Brokers"),
                                                      finding(Verdict::fail, "Kafka.Security and Kafka.Mechanism"))));
}

TEST_F(DoctorTest, WarnsThatAFileOfOurOwnIsForOneInstanceOfAGroup) {
    set("PRODUCTD_BUS", "kafka");
    EXPECT_THAT(look(&check_databases), Contains(finding(Verdict::warn, "is for exactly one instance")));
    set("PRODUCTD_STORE", "mongodb");
    set("PRODUCTD_MONGODB_URI", "mongodb://127.0.0.1:1");
    set("PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT", "50ms");
    EXPECT_THAT(look(&check_databases), Not(Contains(finding(Verdict::warn, "is for exactly one instance"))));
}

TEST_F(DoctorTest, SaysThatTheCacheCannotBeReached) {
    set("PRODUCTD_CACHE", "redis");
    set("PRODUCTD_REDIS_ADDRESS", "127.0.0.1:1");
    const auto printed = run({"doctor"});
    EXPECT_EQ(printed.code, ExitCode::failure);
    EXPECT_THAT(printed.out,
                HasSubstr("fail  cache          Redis cannot be reached. (127.0.0.1:1: Connection refused)"));
}

TEST_F(DoctorTest, SaysWhatAnAddressOfTheCacheIs) {
    set("PRODUCTD_CACHE", "redis");
    set("PRODUCTD_REDIS_ADDRESS", "nowhere");
    EXPECT_THAT(look(&check_cache), ElementsAre(finding(Verdict::fail, "Redis.Address must be a host and a port")));
}

TEST_F(DoctorTest, WarnsWhenTombstonesEndBeforeTheEventsBehindThem) {
    set("PRODUCTD_LOG_RETENTION", "8d");
    EXPECT_THAT(look(&check_configuration),
                ElementsAre(finding(Verdict::warn, "Store.TombstoneTtl is not half a day")));
}

TEST_F(DoctorTest, FindsADataFolderThatIsAFile) {
    std::ofstream(data()) << "x";
    EXPECT_THAT(look(&check_data_folder), ElementsAre(finding(Verdict::fail, "choose another with --data-dir")));
    EXPECT_EQ(run({"doctor"}).code, ExitCode::failure);
}

TEST_F(DoctorTest, AcceptsOurOwnDatabases) {
    ASSERT_EQ(run({"topics", "create"}).code, ExitCode::success);
    EXPECT_THAT(look(&check_databases), ElementsAre(finding(Verdict::ok, "(event log) is ours"),
                                                    finding(Verdict::ok, "(products) will be made")));
}

TEST_F(DoctorTest, ADatabaseThatThisUserMayNotUseIsNotToldAsDamagedOrMissing) {
    ASSERT_EQ(run({"topics", "create"}).code, ExitCode::success);
    const auto is_refused = [this] {
        const auto found = look(&check_databases).front();
        return found.verdict == Verdict::fail && found.sentence.contains("cannot be used (Permission denied)");
    };
    using std::filesystem::perms;
    // From whom it belongs to as well, where that is who runs this.
    std::filesystem::permissions(data(), perms::none);
    EXPECT_TRUE(holds_for_an_ordinary_user(is_refused)) << "of a folder that it may not enter";
    std::filesystem::permissions(folder_.path(), perms::all);
    std::filesystem::permissions(data(), perms::all);
    std::filesystem::permissions(data() + "/log.db", perms::none);
    EXPECT_TRUE(holds_for_an_ordinary_user(is_refused)) << "of a file that it may not read";
    std::filesystem::permissions(data() + "/log.db", perms::owner_read | perms::others_read);
    EXPECT_TRUE(holds_for_an_ordinary_user(is_refused)) << "of a file that it may only read";
}

TEST_F(DoctorTest, FindsAForeignADamagedANewerAndACutDatabase) {
    write_log_file(68, "none");
    EXPECT_THAT(look(&check_databases).front(), finding(Verdict::fail, "belongs to another program"));
    std::filesystem::remove_all(data());
    write_log_file(0, "garbage");
    EXPECT_THAT(look(&check_databases).front(), finding(Verdict::fail, "is damaged or no database"));
    std::filesystem::remove_all(data());
    write_log_file(60, std::string("\0\0\x7f\xff", 4));
    EXPECT_THAT(look(&check_databases).front(), finding(Verdict::fail, "was written by a newer productd"));
    std::filesystem::remove_all(data());
    write_log_file(0, "SQLite");
    std::filesystem::resize_file(data() + "/log.db", 5'000);
    EXPECT_THAT(look(&check_databases).front(), finding(Verdict::fail, "was cut off"));
    std::ofstream(data() + "/log.db") << "short";
    EXPECT_THAT(look(&check_databases).front(), finding(Verdict::fail, "is damaged or no database"));
}

TEST_F(DoctorTest, LooksAtTheCertificate) {
    const auto cert = (folder_ / "a.crt").string();
    const auto key = (folder_ / "a.pem").string();
    set("PRODUCTD_TLS_CERT_FILE", cert);
    set("PRODUCTD_TLS_KEY_FILE", key);
    EXPECT_THAT(look(&check_certificate), ElementsAre(finding(Verdict::fail, "a.crt is missing")));
    ASSERT_TRUE(make_certificate(cert, key, now_));
    EXPECT_THAT(look(&check_certificate),
                ElementsAre(finding(Verdict::ok, "is for DNS:localhost, IP:127.0.0.1, IP:::1, until 20")));
    ASSERT_TRUE(make_certificate(cert, key, now_ - 24h * 360));
    EXPECT_THAT(look(&check_certificate), ElementsAre(finding(Verdict::warn, ": renew it.")));
    ASSERT_TRUE(make_certificate(cert, key, now_ - 24h * 366));
    EXPECT_THAT(look(&check_certificate), ElementsAre(finding(Verdict::fail, "a.crt ended on 20")));
    ASSERT_TRUE(make_certificate(cert, key, now_ + 24h));
    EXPECT_THAT(look(&check_certificate), ElementsAre(finding(Verdict::fail, "is not valid yet")));
    std::filesystem::remove(key);
    EXPECT_THAT(look(&check_certificate), ElementsAre(finding(Verdict::fail, "a.pem is missing")));
}

TEST_F(DoctorTest, SaysThatOurOwnCertificateIsMadeAnewWhenItEnded) {
    ASSERT_TRUE(make_certificate(data() + "/tls/server.crt", data() + "/tls/server.pem", now_ - 24h * 366));
    EXPECT_THAT(look(&check_certificate), ElementsAre(finding(Verdict::ok, "the next start makes a new one")));
}

TEST_F(DoctorTest, WarnsOfTooFewOpenFiles) {
    set("PRODUCTD_HTTP_CONNECTIONS_MAX", "1");
    EXPECT_THAT(look(&check_open_files), ElementsAre(finding(Verdict::ok, "files may be open")));
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur >= 1'000'000) GTEST_SKIP() << "this machine allows every number that can be configured";
    environment_.back().second = "1000000";
    EXPECT_THAT(look(&check_open_files), ElementsAre(finding(Verdict::warn, "raise it with `ulimit -n 1000064`")));
}

TEST_F(DoctorTest, FindsAClockThatIsNotSetOrWentBack) {
    EXPECT_THAT(look(&check_clock), ElementsAre(finding(Verdict::ok, "plausible")));
    ASSERT_EQ(run({"topics", "create"}).code, ExitCode::success);
    now_ -= 1h;
    EXPECT_THAT(look(&check_clock), ElementsAre(finding(Verdict::warn, "in what is now the future")));
    now_ = std::chrono::sys_days(std::chrono::year(1970) / 1 / 2);
    EXPECT_THAT(look(&check_clock), ElementsAre(finding(Verdict::fail, "clock is not set")));
}

}  // namespace
}  // namespace productd
