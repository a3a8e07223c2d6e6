// What the letters of the worker say.
#include "app/letters/dead_letter_reader.hpp"
#include "app/worker/message_worker_fixture.hpp"

namespace productd {
namespace {

using namespace test;

class LetterWriterTest : public MessageWorkerFixture {
protected:
    ReadLetter only_letter() {
        EXPECT_EQ(dead_letters().size(), 1U);
        return read_dead_letter(*dead_letters().at(0).value).value();
    }
};

TEST_F(LetterWriterTest, AnImpossibleTimeHasACodeOfItsOwn) {
    auto change = create_of(id_of(1));
    change.time = clock.now() + std::chrono::hours{3};
    publish(change);
    work_until([&] { return finished() == 1; });
    EXPECT_EQ(only_letter().code, "bad_time");
}

TEST_F(LetterWriterTest, AnInvalidMessagesLetterNamesItsFields) {
    log.append({.topic = names.create, .value = R"({"name":"x","price":-1})", .time = clock.now()});
    work_until([&] { return finished() == 1; });
    const auto letter = only_letter();
    EXPECT_EQ(letter.code, "invalid_argument");
    std::vector<std::string> fields;
    for (const auto& violation : letter.violations) fields.push_back(violation.field);
    EXPECT_NE(std::ranges::find(fields, "price"), fields.end());
    EXPECT_NE(std::ranges::find(fields, "description"), fields.end());
}

TEST_F(LetterWriterTest, ALetterOfWhatWasNotFoundTellsEveryLookAndTheFirst) {
    publish(update_of(id_of(1), 0));
    const auto began = clock.now();
    work_until([&] {
        clock.time += std::chrono::milliseconds{1};
        return finished() == 1;
    });
    const auto letter = only_letter();
    EXPECT_EQ(letter.code, "not_found");
    EXPECT_GT(letter.attempts, 1);
    EXPECT_GE(letter.first_failure, began);
    EXPECT_LT(letter.first_failure, letter.last_failure);
}

TEST_F(LetterWriterTest, ALogThatIsDamagedForAWhileGetsTheWholeLetter) {
    int refusals = 3;
    log.on_publish = [&](const Record&) -> Result<> {
        if (refusals-- > 0) return fail(Errc::data_loss, "log.db is damaged");
        return {};
    };
    log.append({.topic = names.create, .value = R"({"name":"x","price":-1})", .time = clock.now()});
    work_until([&] { return finished() == 1; });
    EXPECT_EQ(only_letter().payload, R"({"name":"x","price":-1})");
}

}  // namespace
}  // namespace productd
