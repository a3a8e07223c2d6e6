// Names that are given to nothing that is there already, where the file system cannot do that in one step.
#include "runtime/backup/file_bytes.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "fakes/temp_folder.hpp"

namespace productd {
namespace {

void put_text(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

TEST(FileBytes, RenamesInTwoStepsAFileToANewNameAlone) {
    TempFolder folder;
    put_text(folder / "a", "mine");
    put_text(folder / "b", "another's");
    EXPECT_EQ(rename_in_two_steps(folder / "a", folder / "b"), EEXIST);
    EXPECT_EQ(read_file(folder / "b", 100), "another's");
    EXPECT_EQ(rename_in_two_steps(folder / "a", folder / "c"), 0);
    EXPECT_EQ(read_file(folder / "c", 100), "mine");
    EXPECT_FALSE(std::filesystem::exists(folder / "a"));
}

TEST(FileBytes, RenamesInTwoStepsAFolderToANewNameAlone) {
    TempFolder folder;
    std::filesystem::create_directory(folder / "a");
    std::filesystem::create_directory(folder / "b");
    put_text(folder / "a/file", "mine");
    EXPECT_EQ(rename_in_two_steps(folder / "a", folder / "b"), EEXIST);
    EXPECT_EQ(rename_in_two_steps(folder / "a", folder / "c"), 0);
    EXPECT_EQ(read_file(folder / "c/file", 100), "mine");
}

}  // namespace
}  // namespace productd
