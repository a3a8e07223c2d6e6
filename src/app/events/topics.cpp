// What follows from the table by the names in use. Calls nobody.
#include "app/events/topics.hpp"

namespace productd {

namespace {

// What a row may not lack.
constexpr bool is_named_once(const Topic& row) { return std::ranges::count(topic_table, row.name, &Topic::name) == 1; }
static_assert(std::ranges::all_of(topic_table, is_named_once), "Each row has a name of its own.");
static_assert(topic_table.size() * sizeof(std::string) == sizeof(TopicNames), "Each name has a row.");

constexpr bool is_carried_once(ChangeKind kind) {
    const auto carries = [&](const Topic& row) { return row.consumed && row.consumed->kind == kind; };
    return std::ranges::count_if(topic_table, carries) == 1;
}
static_assert(std::ranges::all_of(enumerators<ChangeKind>, is_carried_once), "Each kind of change has one topic.");

constexpr bool is_read_blindly(const Topic& row) { return row.consumed && row.consumed->decode == nullptr; }
static_assert(std::ranges::none_of(topic_table, is_read_blindly), "What is read is decoded.");

constexpr bool has_room(const Topic& row) { return (row.kept == Kept::for_retention) == (row.reserve == 0); }
static_assert(std::ranges::all_of(topic_table, has_room), "What is not dropped by age has room of its own.");

}  // namespace

const std::string& TopicNames::of(ChangeKind kind) const { return this->*topic_of(kind).name; }

std::vector<std::string> TopicNames::sources() const {
    std::vector<std::string> names;
    for (const auto& row : topic_table) {
        if (row.consumed) names.push_back(this->*row.name);
    }
    return names;
}

std::vector<std::string> TopicNames::all() const {
    std::vector<std::string> names;
    names.reserve(topic_table.size());
    for (const auto& row : topic_table) names.push_back(this->*row.name);
    return names;
}

const Topic* TopicNames::find(std::string_view topic) const {
    const auto found = std::ranges::find_if(topic_table, [&](const Topic& row) { return this->*row.name == topic; });
    return found == topic_table.end() ? nullptr : &*found;
}

std::optional<ChangeKind> TopicNames::kind_of(std::string_view topic) const {
    const auto* found = find(topic);
    return found != nullptr && found->consumed ? std::optional(found->consumed->kind) : std::nullopt;
}

bool TopicNames::grows(std::string_view topic) const {
    const auto* found = find(topic);
    return found == nullptr || found->partitions == Partitions::as_configured;
}

}  // namespace productd
