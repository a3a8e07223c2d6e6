#include "domain/result.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

TEST(Errc, IsFoundByItsNameWhicheverItIs) {
    ASSERT_EQ(enumerators<Errc>.size(), 16u);
    for (int i = 0; i < 16; ++i) EXPECT_EQ(errc_named(name(static_cast<Errc>(i))), static_cast<Errc>(i));
}

TEST(Errc, IsNotFoundByAnyOtherText) {
    for (const auto* text : {"", "not_foun", "not_found ", "Not_found", "16"}) EXPECT_FALSE(errc_named(text)) << text;
}

}  // namespace
}  // namespace productd
