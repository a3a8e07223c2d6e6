// One check of doctor at a time, over a configuration of its own.
#pragma once

#include <gmock/gmock.h>

#include <fstream>

#include "cli/cli_fixture.hpp"
#include "cli/doctor/doctor_checks.hpp"

namespace productd {

inline auto finding(Verdict verdict, const std::string& part) {
    return testing::AllOf(testing::Field(&Finding::verdict, verdict),
                          testing::Field(&Finding::sentence, testing::HasSubstr(part)));
}

class DoctorTest : public CliTest {
protected:
    DoctorTest() {
        environment_ = {{"PRODUCTD_DATA_DIR", data()},
                        {"PRODUCTD_HTTP_PORT", "0"},
                        {"PRODUCTD_SERVER_PORT", "0"},
                        {"PRODUCTD_METRICS_PORT", "0"}};
    }

    Findings look(Findings (*check)(const Examined&), std::optional<pid_t> service = std::nullopt) const {
        const auto loaded = load_config({.flags = {}, .environment = environment_});
        if (!loaded) ADD_FAILURE() << loaded.error().detail;
        return check({*loaded, now_, service.has_value(), service});
    }

    void set(const std::string& name, const std::string& value) { environment_.emplace_back(name, value); }

    /// The log's file as SqliteDatabase makes it, and then changed.
    void write_log_file(std::size_t at, const std::string& bytes) const {
        ASSERT_EQ(run({"topics", "create"}).code, ExitCode::success);
        std::fstream file(data() + "/log.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(at));
        file << bytes;
    }

    std::chrono::system_clock::time_point now_ = std::chrono::system_clock::now();
};

}  // namespace productd
