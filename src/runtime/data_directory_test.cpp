// One process a folder, and a clear sentence for every folder that will not do.
#include "runtime/data_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "fakes/other_user.hpp"
#include "fakes/temp_folder.hpp"

namespace productd {
namespace {

TEST(DataDirectory, MakesTheFolderForItsOwnerOnly) {
    TempFolder folder;
    auto directory = DataDirectory::open(folder / "a/b");
    ASSERT_TRUE(directory) << directory.error().detail;
    struct stat status{};
    ASSERT_EQ(stat((folder / "a/b").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST(DataDirectory, IsNotForRootWhereItIsAnothers) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder to another";
    TempFolder folder;
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(chown(folder.path().c_str(), nobody, nobody), 0);
    auto directory = DataDirectory::open(folder.path());
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().detail, folder.path().string() +
                                            " belongs to nobody, who could not open what root makes there: run this "
                                            "as that user (runuser -u nobody -- productd …).");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(DataDirectory, RefusesASecondOwnerAndNamesTheFirst) {
    TempFolder folder;
    auto first = DataDirectory::open(folder.path());
    ASSERT_TRUE(first);
    auto second = DataDirectory::open(folder.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::failed_precondition);
    EXPECT_EQ(second.error().detail, "The data folder " + folder.path().string() + " is in use by process " +
                                         std::to_string(getpid()) +
                                         ": stop it, or start this one with another --data-dir.");
}

TEST(DataDirectory, IsFreeAgainOnceItsOwnerIsGone) {
    TempFolder folder;
    {
        ASSERT_TRUE(DataDirectory::open(folder.path()));
    }
    EXPECT_TRUE(DataDirectory::open(folder.path()));
}

TEST(DataDirectory, SaysThatAReadOnlyFolderCannotBeWritten) {
    TempFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    EXPECT_TRUE(holds_for_an_ordinary_user([&] {
        auto directory = DataDirectory::open(folder.path());
        return !directory && directory.error().code == Errc::failed_precondition &&
               directory.error().detail.find("cannot be written") != std::string::npos;
    }));
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
}

TEST(DataDirectory, FollowsNoLinkThatStandsForItsLock) {
    TempFolder folder;
    std::ofstream(folder / "other") << "precious";
    std::filesystem::create_symlink(folder / "other", folder / "lock");
    auto directory = DataDirectory::open(folder.path());
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().code, Errc::failed_precondition);
    EXPECT_NE(directory.error().detail.find("lock is a symbolic link"), std::string::npos) << directory.error().detail;
    EXPECT_EQ(std::filesystem::file_size(folder / "other"), 8U);
}

TEST(DataDirectory, SaysThatAFileIsNoFolder) {
    TempFolder folder;
    std::ofstream(folder / "file") << "x";
    auto directory = DataDirectory::open(folder / "file");
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().code, Errc::failed_precondition);
}

}  // namespace
}  // namespace productd
