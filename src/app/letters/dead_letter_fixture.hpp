// For tests of dead letters: a log with letters in it, and commands run over it.
#pragma once

#include <gtest/gtest.h>

#include "app/letters/dead_letter.hpp"
#include "app/letters/dead_letter_box.hpp"
#include "app/letters/dead_letter_purge.hpp"
#include "app/letters/dead_letter_replay.hpp"
#include "fakes/await.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/fake_topics.hpp"
#include "fakes/sample_product.hpp"

namespace productd::test {

class DeadLetterTest : public testing::Test {
protected:
    /// A letter of `message`, as the worker writes it at `time_ms`; the id it has.
    std::string add_letter(const Message& message, std::int64_t time_ms, const std::string& code = "not_found") {
        const Error error{Errc::not_found, "There is no such product."};
        const DeadLetter letter{message, error, code, "group", "", 1, at(time_ms), at(time_ms)};
        auto record = encode_dead_letter(names_.dead_letters, letter, Completeness::whole);
        record.time = at(time_ms);
        last_letter_ = await(log_.publish({record})).value().front().value();
        return to_string(read_dead_letter(*record.value).value().origin);
    }

    static Message update_message(ProductId id, std::int64_t offset, std::int64_t time_ms,
                                  const std::string& name = "Table") {
        auto event = Event{.change = update_of(id, time_ms, name), .wait_id = {}, .trace = {}};
        auto record = encode_event("update-product", event);
        return {position(offset, time_ms, "update-product"), record.key, record.value, record.headers};
    }

    /// Of those letters that were written up to `letter_time_ms`.
    void mark(const std::string& id, LetterState state, std::int64_t letter_time_ms, const std::string& run = "other") {
        LetterMark mark{.id = id, .state = state, .letters = {}};
        for (const auto& letter : log_.all(names_.dead_letters)) {
            const bool is_its = to_string(read_dead_letter(letter.value.value_or(""))->origin) == id;
            if (is_its && letter.position.time <= at(letter_time_ms)) {
                mark.letters[letter.position.source.partition] = letter.position.offset;
            }
        }
        mark.run = run;
        publish(mark);
    }
    void publish(const LetterMark& mark) {
        const auto partitions = partitions_of(box().read_up_to(), names_.dead_letter_states);
        await(log_.publish({encode_mark(names_.dead_letter_states, partitions, mark, clock_.now())})).value();
    }

    DeadLetterBox box() { return await(DeadLetterBox::read(log_, names_)).value(); }

    LetterEntry entry_of(const std::string& id) {
        const auto all = box();
        return all.entries().at(all.find(id).value());
    }

    PurgeReport purge(std::vector<std::string> chosen) {
        const auto all = box();
        return await(purge_letters(log_, names_, all, std::move(chosen), "purge", clock_.now())).value();
    }

    /// What became of each letter, by id; `result` is the run's own.
    std::map<std::string, ReplayOutcome> replay(const DeadLetterBox& all, ReplaySettings settings = {}) {
        std::map<std::string, ReplayOutcome> told;
        if (settings.run.empty()) settings.run = "run-" + std::to_string(++runs_);
        DeadLetterReplay run(
            log_, [this](std::vector<ProductId> ids) { return store_.find(std::move(ids), Deadline::max()); }, clock_,
            names_, all, settings,
            [&](const LetterEntry& entry, const ReplayOutcome& outcome) { told[entry.id] = outcome; });
        result_ = await(run.run(all.entries()));
        return told;
    }
    std::map<std::string, ReplayOutcome> replay(ReplaySettings settings = {}) {
        const auto all = box();
        return replay(all, std::move(settings));
    }

    FakeTopics log_;
    FakeProductStore store_;
    FakeClock clock_;
    TopicNames names_;
    Position last_letter_;
    Result<> result_;
    int runs_ = 0;
};

}  // namespace productd::test
