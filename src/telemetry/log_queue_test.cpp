// When lines come out at standard error, and what becomes of them where nobody reads, or the process ends.
#include "telemetry/log_queue.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "fakes/log_lines.hpp"
#include "fakes/temp_folder.hpp"

namespace productd::log {
namespace {

using test::log_lines;
using testing::HasSubstr;

/// A pipe in the place of standard error, which nobody reads unless told to.
class StandardErrorPipe {
public:
    StandardErrorPipe() {
        EXPECT_EQ(::pipe(ends_), 0);
        ::fcntl(ends_[1], F_SETPIPE_SZ, 4'096);
        saved_ = ::dup(STDERR_FILENO);
        ::dup2(ends_[1], STDERR_FILENO);
        ::close(ends_[1]);
    }
    ~StandardErrorPipe() {
        put_back();
        ::close(ends_[0]);
    }
    void put_back() {
        if (saved_ < 0) return;
        ::dup2(saved_, STDERR_FILENO);
        ::close(std::exchange(saved_, -1));
    }
    /// What one read gives; it waits for something.
    std::string read() {
        std::string some(65'536, '\0');
        const auto bytes = ::read(ends_[0], some.data(), some.size());
        some.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
        return some;
    }

private:
    int ends_[2]{};
    int saved_ = -1;
};

TEST(LogQueue, WritesALineSoonAndAnErrorWithoutBeingToldToStop) {
    StandardErrorPipe standard_error;
    start(Format::json, Level::info);
    info("soon");
    EXPECT_THAT(standard_error.read(), HasSubstr("soon"));
    error("at once");
    EXPECT_THAT(standard_error.read(), HasSubstr("at once"));
    stop();
}

TEST(LogQueue, DropsTheOldestLinesAndCountsThemWhenNobodyReads) {
    StandardErrorPipe standard_error;
    const auto before = dropped();
    start(Format::json, Level::info, 64);
    constexpr int lines = 1'000;
    const std::string long_text(1'000, 'x');
    for (int i = 0; i < lines; ++i) access(Level::info, fmt::format("line {} {}", i, long_text), {});
    EXPECT_GT(dropped(), before) << "and nobody waited";
    std::string text;
    std::thread reader([&] {
        for (auto some = standard_error.read(); !some.empty(); some = standard_error.read()) text += some;
    });
    stop();
    standard_error.put_back();
    reader.join();
    const auto written = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    EXPECT_EQ(written + (dropped() - before), std::uint64_t{lines});
    EXPECT_THAT(text, HasSubstr(fmt::format("line {} ", lines - 1)));
}

TEST(LogQueue, LosesNoLineOfManyThreads) {
    constexpr int threads = 4, each = 2'000;
    const auto lines = log_lines(
        [] {
            std::vector<std::jthread> all;
            for (int thread = 0; thread < threads; ++thread) {
                all.emplace_back([thread] {
                    for (int i = 0; i < each; ++i) access(Level::info, fmt::format("{}-{}", thread, i), {});
                });
            }
        },
        Level::info, Format::json, 100'000);
    ASSERT_EQ(lines.size(), std::size_t{threads} * each);
    std::vector<int> next(threads, 0);
    for (const auto& line : lines) {
        const auto begin = line.find(R"("message":")") + 11;
        const auto thread = static_cast<std::size_t>(line[begin] - '0');
        EXPECT_THAT(line, HasSubstr(fmt::format(R"("{}-{}")", thread, next[thread]++))) << "in order, of each thread";
    }
}

TEST(LogQueue, LeavesNoLineWithinAnotherWhereAWriteWasCut) {
    const TempFolder folder;
    const auto path = folder / "lines";
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit whole{};
    ::getrlimit(RLIMIT_FSIZE, &whole);
    const auto bound_to = [&](rlim_t bytes) {
        const rlimit bound{bytes, whole.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &bound);
    };
    LogQueue queue;
    const auto never = [](LogQueue::Time) { return LogQueue::never; };
    bound_to(10);
    queue.start(file, 100, never);
    queue.add("first\n", Urgency::soon);
    queue.add("second\n", Urgency::soon);
    queue.stop();
    bound_to(whole.rlim_cur);
    EXPECT_EQ(queue.dropped(), 1U) << "the second, of which there is a part";
    queue.start(file, 100, never);
    queue.add("third\n", Urgency::soon);
    queue.stop();
    ::close(file);
    std::ifstream written(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(written), {}), "first\nseco\nthird\n");
}

TEST(LogQueueDeathTest, ADefectEndsTheProcessThoughNobodyReadsItsLines) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            int ends[2];
            if (::pipe(ends) != 0) std::exit(1);
            ::dup2(ends[1], STDERR_FILENO);
            start(Format::json, Level::info);
            for (int i = 0; i < 4'000; ++i) access(Level::info, std::string(1'000, 'x'), {});
            std::abort();
        },
        [](int status) { return WIFSIGNALED(status); }, "");
}

TEST(LogQueueDeathTest, ADefectTakesNoLineWithIt) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            start(Format::json, Level::info);
            info("the last words");
            std::abort();
        },
        testing::KilledBySignal(SIGABRT), "the last words");
}

}  // namespace
}  // namespace productd::log
