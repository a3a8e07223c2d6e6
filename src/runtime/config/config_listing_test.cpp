// The configuration as text: the reference file, the effective values, and no secret.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include "runtime/config/config_fixture.hpp"
#include "runtime/config/config_listing.hpp"
#include "runtime/config/config_sections.hpp"
#include "runtime/config/config_table.hpp"
#include "runtime/config/config_value.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using ConfigListingTest = ConfigTest;

TEST_F(ConfigListingTest, ShowsNoSecretAnywhere) {
    const auto loaded = load_text(
        "MongoDB:\n  URI: mongodb://user:hu/sh@y@db.example:27017/products?tlsCertificateKeyFilePassword=hush2&w=1\n"
        "  Password: hush3\n");
    ASSERT_TRUE(loaded) << loaded.error().detail;
    const auto shown = effective_yaml(*loaded);
    for (const auto* part : {"hush", "hu/sh", "sh@y"}) EXPECT_THAT(shown, Not(HasSubstr(part)));
    EXPECT_THAT(shown,
                HasSubstr("mongodb://user:****@db.example:27017/products?tlsCertificateKeyFilePassword=****&w=1"));
    EXPECT_THAT(shown, HasSubstr("Password: \"****\""));
    const auto refused = error_of("Redis:\n  Password: \"hush\\nhush\"\n");
    EXPECT_THAT(refused, HasSubstr("config.yaml:2: Redis.Password is ****"));
    EXPECT_THAT(refused, Not(HasSubstr("hush")));
}

TEST_F(ConfigListingTest, ShowsNoPasswordOfAUriThatLacksItsScheme) {
    const auto loaded = load_text("MongoDB: {URI: \"user:hush@db.example:27017/products\"}\n");
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_THAT(effective_yaml(*loaded), HasSubstr("\"user:****@db.example:27017/products\""));
}

TEST_F(ConfigListingTest, ShowsWhereEachValueComesFrom) {
    const auto shown = effective_yaml(*load_text("Http: {Port: 1}\n"));
    EXPECT_THAT(shown, testing::ContainsRegex("  Port: 1 +# .*config.yaml:1\n"));
    EXPECT_THAT(shown, testing::ContainsRegex("  ApplyWait: 2s +# default\n"));
}

TEST_F(ConfigListingTest, HasAReferenceFileThatListsEveryKeyAndReadsBackToTheDefaults) {
    const std::filesystem::path reference = PRODUCTD_SOURCE_DIR "/config/productd.yaml";
    std::ifstream stream(reference);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(text, reference_yaml()) << "write it anew: productd config --defaults > config/productd.yaml";

    const auto loaded = load_config({.flags = {}, .environment = {}, .file = reference});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_THAT(loaded->warnings, IsEmpty());
    for (std::size_t i = 0; i < config_keys().size(); ++i) {
        const auto& key = config_keys()[i];
        EXPECT_NE(loaded->origins[i], "default") << key.path() << " is not in the file";
        EXPECT_EQ(yaml_value(loaded->config, key, Show::plain), yaml_value(Config{}, key, Show::plain)) << key.path();
        if (key.max > 0 && key.type != ConfigType::text && key.type != ConfigType::list) {
            EXPECT_THAT(text, HasSubstr(allowed(key))) << key.path();
        }
        EXPECT_FALSE(section_about(key.section).empty()) << key.path();
    }
}

}  // namespace
}  // namespace productd
