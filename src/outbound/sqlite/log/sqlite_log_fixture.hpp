// An embedded log of one test, in a folder of its own. For tests.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "fakes/temp_folder.hpp"
#include "fakes/test_loop.hpp"
#include "outbound/sqlite/log/sqlite_log_writer.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"

namespace productd {

class SqliteLogTest : public ::testing::Test {
protected:
    SqliteLogTest() {
        settings_.path = folder_ / "log.db";
        settings_.dead_letter_reserve() = std::int64_t{512} << 20;
    }
    void TearDown() override { log_.reset(); }

    Result<> open() {
        log_.reset();
        auto opened = SqliteMessageLog::open(settings_);
        if (!opened) return fail(std::move(opened).error());
        log_ = std::move(*opened);
        return {};
    }
    void open_with(const std::string& topic, std::int32_t partitions) {
        auto opened = open();
        ASSERT_TRUE(opened) << opened.error().detail << opened.error().cause;
        ASSERT_TRUE(loop_.run(log_->create({{topic, partitions}})));
    }

    static Record record(const std::string& topic, std::string value, std::int32_t partition = 0) {
        return {.topic = topic, .partition = partition, .key = "key", .value = std::move(value)};
    }
    /// The outcome of publishing one message.
    Result<Position> publish(Record one) {
        std::vector<Record> records;
        records.push_back(std::move(one));
        auto results = loop_.run(log_->publish(std::move(records)));
        if (!results) return fail(std::move(results).error());
        return std::move(results->front());
    }
    Result<std::vector<Result<Position>>> publish(const std::string& topic, std::size_t count, std::size_t bytes,
                                                  std::int32_t partition = 0) {
        return loop_.run(log_->publish(std::vector<Record>(count, record(topic, std::string(bytes, 'x'), partition))));
    }
    PartitionInfo partition(const std::string& topic, std::size_t number = 0) {
        for (const auto& info : loop_.run(log_->describe({})).value()) {
            if (info.topic == topic) return info.partitions.at(number);
        }
        return {-1, -1, -1};
    }
    /// A subscriber of `topic` that has its assignment.
    std::unique_ptr<Subscription> subscriber(const std::string& topic, const std::string& group = "group") {
        auto made = log_->subscribe(group, {topic}, loop_.executor());
        auto event = loop_.run(made->next({10}));
        EXPECT_TRUE(event) << event.error().detail;
        return made;
    }

    TempFolder folder_;
    TestLoop loop_;
    SqliteLogSettings settings_;
    std::unique_ptr<SqliteMessageLog> log_;
};

}  // namespace productd
