// Archives: what is written is read, of any size, and what is none is refused.
#include "runtime/backup/tar_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fakes/temp_folder.hpp"

namespace productd {
namespace {

void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

TEST(TarFile, HasWhatWasPutIntoIt) {
    TempFolder folder;
    const std::string odd(1'500, 'x');
    write(folder / "one", odd);
    write(folder / "two", "");
    ASSERT_TRUE(write_tar(folder / "all.tar", {{"one", {folder / "one", 0, 1'500}}, {"two", {folder / "two", 0, 0}}}));
    const auto members = tar_members(folder / "all.tar");
    ASSERT_TRUE(members) << members.error().detail;
    ASSERT_EQ(members->size(), 2U);
    EXPECT_EQ(members->at(0).name, "one");
    EXPECT_EQ(members->at(1).range.bytes, 0);
    std::string read;
    ASSERT_TRUE(read_through(members->at(0).range,
                             [&](std::string_view bytes) -> Result<> { return read += bytes, Result<>{}; }));
    EXPECT_EQ(read, odd);
}

TEST(TarFile, KnowsSizesThatOctalDigitsCannotTell) {
    TempFolder folder;
    for (const std::int64_t size : {(std::int64_t{1} << 33) - 1, std::int64_t{1} << 33, std::int64_t{1} << 40}) {
        const auto path = folder / "large.tar";
        write(path, tar_header({"large", {{}, 0, size}}));
        std::filesystem::resize_file(path, static_cast<std::uintmax_t>((size + 511) / 512 * 512 + 3 * 512));
        const auto members = tar_members(path);
        ASSERT_TRUE(members) << members.error().detail;
        EXPECT_EQ(members->at(0).range.bytes, size);
    }
}

TEST(TarFile, RefusesWhatIsNone) {
    TempFolder folder;
    auto header = tar_header({"name", {{}, 0, 0}});
    write(folder / "cut", header.substr(0, 300));
    write(folder / "endless", header);
    header[2] = 'X';
    write(folder / "changed", header + std::string(1'024, '\0'));
    for (const auto* name : {"cut", "endless", "changed"}) {
        const auto members = tar_members(folder / name);
        ASSERT_FALSE(members) << name;
        EXPECT_EQ(members.error().code, Errc::data_loss) << name;
    }
}

}  // namespace
}  // namespace productd
