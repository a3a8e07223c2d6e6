// Folds the letters' index into one number a code. Calls the letters and metrics.
#include "runtime/health/letter_counts.hpp"

#include <algorithm>
#include <array>

#include "app/letters/dead_letter_box.hpp"
#include "domain/enumerators.hpp"

namespace productd {

namespace {

/// A letter's code is text that anybody may have written: what the worker does not write shares one label.
std::string label_of(const std::string& code) {
    static constexpr std::array beside_errors{"bad_time", "retry_exhausted", "damaged"};
    const bool is_error = std::ranges::any_of(enumerators<Errc>, [&](Errc known) { return code == name(known); });
    return is_error || std::ranges::find(beside_errors, code) != beside_errors.end() ? code : "other";
}

bool is_open(const LetterEntry& entry) { return entry.state != LetterState::purged && !is_replayed(entry); }

}  // namespace

LetterCounts::LetterCounts(MessageLog& log, Metrics& metrics, TopicNames names, std::int64_t counted_max)
    : log_(log),
      names_(std::move(names)),
      counted_max_(counted_max),
      family_(prometheus::BuildGauge()
                  .Name("productd_dead_letters_open")
                  .Help("Dead letters that were neither replayed nor purged, by the code of their error")
                  .Register(metrics.registry())) {}

Task<> LetterCounts::count() {
    auto topics = co_await log_.describe({names_.dead_letters, names_.dead_letter_states});
    if (!topics) co_return fail(std::move(topics.error()));
    std::erase_if(*topics, [&](const TopicInfo& topic) {
        return topic.topic != names_.dead_letters && topic.topic != names_.dead_letter_states;
    });
    if (*topics == seen_) co_return Result<>{};

    const auto messages_of = [&](const std::string& name) {
        std::int64_t messages = 0;
        for (const auto& topic : *topics) {
            if (topic.topic != name) continue;
            for (const auto& partition : topic.partitions) messages += partition.end - partition.begin;
        }
        return messages;
    };
    const auto letters = messages_of(names_.dead_letters);
    std::map<std::string, std::int64_t> open;
    if (letters + messages_of(names_.dead_letter_states) > counted_max_) {
        open["uncounted"] = letters;
    } else if (letters > 0) {
        auto box = co_await DeadLetterBox::read(log_, names_);
        if (!box) co_return fail(std::move(box.error()));
        for (const auto& entry : box->entries()) {
            if (is_open(entry)) ++open[label_of(entry.code)];
        }
    }
    show(open);
    seen_ = std::move(*topics);
    co_return Result<>{};
}

/// A code that was open once goes on being shown, as 0.
void LetterCounts::show(const std::map<std::string, std::int64_t>& open) {
    for (const auto& [code, gauge] : gauges_) {
        if (!open.contains(code)) gauge->Set(0);
    }
    for (const auto& [code, letters] : open) {
        auto& gauge = gauges_[code];
        if (gauge == nullptr) gauge = &family_.Add({{"code", code}});
        gauge->Set(static_cast<double>(letters));
    }
}

}  // namespace productd
