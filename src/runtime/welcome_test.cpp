#include "runtime/welcome.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "fakes/temp_folder.hpp"

namespace productd {
namespace {

std::string text_of(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST(ReadyFile, ReplacesWhatIsThereAndFollowsNoLink) {
    TempFolder folder;
    std::ofstream(folder / "other") << "precious";
    const auto path = folder / "ready.json";
    for (const auto* name : {"ready.json", "ready.json.new"}) {
        std::filesystem::create_symlink(folder / "other", folder / name);
        const auto written = write_ready_file(path, Config{}, {.http = 7, .grpc = 8, .metrics = 9});
        ASSERT_TRUE(written) << written.error().detail;
        EXPECT_EQ(text_of(folder / "other"), "precious") << name;
        EXPECT_NE(text_of(path).find(R"("http_port":7)"), std::string::npos);
        EXPECT_FALSE(std::filesystem::is_symlink(path));
        std::filesystem::remove(path);
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "ready.json.new"));
}

TEST(ReadyFile, SaysWhenItCannotBeWritten) {
    TempFolder folder;
    const auto written = write_ready_file(folder / "none" / "ready.json", Config{}, {});
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().detail.find("--ready-file"), std::string::npos) << written.error().detail;
}

}  // namespace
}  // namespace productd
