// Pure.
#include "app/letters/dead_letter_fold.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace productd {

namespace {

/// Whether `all` has each of `some`, or a later one of its partition.
bool covers(const LetterPlaces& all, const LetterPlaces& some) {
    return std::ranges::all_of(some, [&](const auto& letter) {
        const auto found = all.find(letter.first);
        return found != all.end() && found->second >= letter.second;
    });
}

void keep_later(const NotedMark*& one, const NotedMark& other) {
    if (one == nullptr || one->mark.order < other.mark.order) one = &other;
}

bool is_of_replay(const LetterMark& mark) {
    return mark.state == LetterState::replaying || mark.state == LetterState::replayed;
}

/// Of one run.
struct Said {
    const NotedMark* last = nullptr;
    const NotedMark* hindmost = nullptr;  ///< In the log: a purge may have moved an older one behind the last.
};

/// What the runs said that did not withdraw, in their order.
std::vector<const NotedMark*> standing(const std::map<std::string_view, Said>& by_run) {
    std::vector<const NotedMark*> marks;
    for (const auto& [run, said] : by_run) {
        if (said.last->mark.state != LetterState::open) marks.push_back(said.last);
    }
    std::ranges::sort(marks, {}, [](const NotedMark* noted) { return noted->mark.order; });
    return marks;
}

void add(std::vector<Position>& positions, const NotedMark* noted) {
    if (noted == nullptr || std::ranges::find(positions, noted->position) != positions.end()) return;
    positions.push_back(noted->position);
}

}  // namespace

FoldedMarks fold(std::span<const NotedMark> marks, const LetterPlaces& letters) {
    std::map<std::string_view, Said> by_run;
    for (const auto& noted : marks) {
        auto& said = by_run[noted.mark.run];
        keep_later(said.last, noted);
        if (said.hindmost == nullptr || said.hindmost->position.offset < noted.position.offset) said.hindmost = &noted;
    }
    FoldedMarks folded;
    const NotedMark* edit = nullptr;
    const NotedMark* published = nullptr;
    const NotedMark* replayed = nullptr;
    std::vector<const NotedMark*> words;  // The one that counts, and those it would leave by withdrawing.
    for (const auto* noted : standing(by_run)) {
        if (noted->mark.published) published = noted;
        if (!covers(noted->mark.letters, letters)) {
            if (is_of_replay(noted->mark)) replayed = noted;
            continue;
        }
        if (noted->has_payload) edit = noted;
        if (folded.state == LetterState::purged) continue;
        folded.state = noted->mark.state;
        if (folded.state != LetterState::replaying) words.clear();
        words.push_back(noted);
    }
    folded.was_replayed = replayed != nullptr;
    if (published != nullptr) folded.published = published->mark.published;
    if (edit != nullptr) folded.edit = edit->position;

    for (const auto* noted : words) add(folded.needed, noted);
    for (const auto* noted : {edit, published, replayed}) add(folded.needed, noted);
    for (const auto& [run, said] : by_run) {
        if (said.last->mark.state == LetterState::open && said.hindmost != said.last) add(folded.needed, said.last);
    }
    return folded;
}

}  // namespace productd
