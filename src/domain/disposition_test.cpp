#include "domain/disposition.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

TEST(Disposition, KnowsWhatNeverWorksFromWhatMayWorkLater) {
    EXPECT_EQ(disposition(Errc::unavailable), Disposition::retry);
    EXPECT_EQ(disposition(Errc::deadline_exceeded), Disposition::retry);
    EXPECT_EQ(disposition(Errc::invalid_argument), Disposition::dead_letter);
    EXPECT_EQ(disposition(Errc::already_exists), Disposition::dead_letter);
    EXPECT_EQ(disposition(Errc::aborted), Disposition::refused);
    EXPECT_EQ(disposition(Errc::not_found), Disposition::not_yet);
    EXPECT_EQ(disposition(Errc::data_loss), Disposition::dead_letter) << "what is stored of it cannot be read";
    for (const auto code : enumerators<Errc>) {
        EXPECT_LE(static_cast<int>(disposition(code)), static_cast<int>(Disposition::dead_letter));
    }
}

TEST(Disposition, ALogThatIsDamagedTakesTheRecordOnceItIsMended) {
    EXPECT_EQ(publish_disposition(Errc::data_loss), Disposition::retry);
    EXPECT_EQ(publish_disposition(Errc::invalid_argument), Disposition::dead_letter);
    EXPECT_EQ(publish_disposition(Errc::unavailable), Disposition::retry);
}

}  // namespace
}  // namespace productd
