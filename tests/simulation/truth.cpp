// One function a rule.
#include "simulation/truth.hpp"

#include <fmt/format.h>

#include "app/catalog/product_size.hpp"
#include "app/worker/offsets/commit_metadata.hpp"

namespace productd::simulation {

void Truth::publish(const TopicPartition& source, Fact fact) {
    auto& messages = log[source];
    fact.message.position.source = source;
    fact.message.position.offset = static_cast<std::int64_t>(messages.size());
    fact.life = life(source);
    if (fact.is_gap) return messages.push_back(std::move(fact));
    if (fact.kind == ChangeKind::create && fact.is_readable) creates_[fact.id].push_back(fact.message.position);
    ++unended_;
    if (!is_broken(fact.id)) ++unended_sound_;
    messages.push_back(std::move(fact));
}

std::uint32_t Truth::life(const TopicPartition& source) const {
    const auto found = lives_.find(source);
    return found == lives_.end() ? 0 : found->second.number;
}

Timestamp Truth::earliest(const TopicPartition& source) const {
    const auto found = lives_.find(source);
    return found == lives_.end() ? Timestamp{} : found->second.earliest;
}

Fact& Truth::at(const Position& position) {
    auto& messages = log.at(position.source);
    const auto index = static_cast<std::size_t>(position.offset);
    if (index < messages.size() && messages[index].message.position.time == position.time) return messages[index];
    return gone_.at({position.source, position.time}).at(position.offset);
}

Stored Truth::stored(const ProductId& id) const {
    const auto found = store.find(id);
    return found == store.end() ? Stored{} : found->second;
}

template <class Change>
void Truth::end(Fact& fact, const Change& change) {
    const bool was_ended = fact.is_ended();
    change();
    if (was_ended || !fact.is_ended()) return;
    --unended_;
    if (!is_broken(fact.id)) --unended_sound_;
}

void Truth::make_anew(const std::string& topic, Timestamp earliest) {
    for (auto& [source, messages] : log) {
        if (source.topic != topic) continue;
        auto& life = lives_[source];
        life = {life.number + 1, earliest};
        for (auto& fact : messages) {
            if (fact.is_gap) continue;
            end(fact, [&] { fact.is_gone = true; });
            const auto position = fact.message.position;
            gone_[{source, position.time}].emplace(position.offset, std::move(fact));
        }
        messages.clear();
        ended_up_to_.erase(source);
    }
}

void Truth::settle(const Change& change) {
    auto& fact = at(change.source->position);
    end(fact, [&] { fact.is_settled = true; });
}

void Truth::take_effect(const Change& change) {
    const auto& position = change.source->position;
    auto& fact = at(position);
    end(fact, [&] { ++fact.effects; });
    if (fact.effects > 1) violate(fmt::format("DOUBLED: {} had its effect twice", to_string(position)));
    auto& last = last_effect_.try_emplace({position.source, fact.life, change.id}, -1).first->second;
    if (position.offset < last) {
        violate(fmt::format("REORDERED: {} had its effect after {}", to_string(position), last));
    }
    last = position.offset;
}

/// Decides once more what the applier decided: each change's own effect is not to be seen in what is written.
void Truth::write(const ProductId& id, const std::vector<SharedChange>& changes, Stored next) {
    auto state = stored(id);
    std::array<bool, change_kinds> is_held{};
    for (const auto& change : changes) {
        auto& held = is_held[static_cast<std::size_t>(change->kind)];
        if (change->id != id || held) continue;
        auto decision = decide(state, *change);
        auto* write = std::get_if<Write>(&decision);
        const auto* product = write ? std::get_if<StoredProduct>(&write->next) : nullptr;
        const bool fits = !product || check_size(product->product, product_bytes_max);
        if (write && fits) {
            state = std::move(write->next);
            take_effect(*change);
        } else if (const auto* superseded = std::get_if<Superseded>(&decision)) {
            if (superseded->why != Superseded::Why::redelivered) settle(*change);
        } else if (std::holds_alternative<Refused>(decision)) {
            settle(*change);
        } else {
            held = true;
        }
    }
    if (state != next)
        violate(fmt::format("UNEXPLAINED: what is written of {} is not what its changes make", id.hex()));
    store[id] = std::move(next);
}

void Truth::answer(const std::vector<SharedChange>& changes, const std::vector<ChangeOutcome>& outcomes) {
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& change = *changes[i];
        if (std::holds_alternative<Refused>(outcomes[i])) settle(change);
        const auto* unchanged = std::get_if<Unchanged>(&outcomes[i]);
        if (unchanged == nullptr) continue;
        const auto& position = change.source->position;
        if (unchanged->why != Superseded::Why::redelivered) {
            settle(change);
        } else if (!at(position).is_ended()) {
            violate(fmt::format("HIDDEN: the fence passes over {}, of which nothing was done", to_string(position)));
        }
    }
}

void Truth::condemn(const Position& position, const std::string& code, bool sees_all_creates) {
    const auto& fact = at(position);
    const auto wrong = [&](std::string_view why) {
        violate(fmt::format("CONDEMNED WRONGLY: {} as {}: {}", to_string(position), code, why));
    };
    const auto found = broken.find(fact.id);
    const bool is_huge = fact.message.value.value_or("").size() > product_bytes_max;
    const auto how = found == broken.end() || !fact.is_readable ? Broken::no : found->second;
    if (fact.effects > 0) return wrong("it had its effect");
    if (code == "retry_exhausted") {
        if (how == Broken::no || how == Broken::refused || how == Broken::unreadable) wrong("its product is sound");
    } else if (code == "not_found") {
        judge_not_found(fact, sees_all_creates);
    } else if (code == "already_exists") {
        const bool has_other = std::ranges::any_of(
            creates_[fact.id], [&](const Position& create) { return create != position && at(create).effects > 0; });
        if (fact.kind != ChangeKind::create || !has_other) wrong("no other create was applied");
    } else if (code == "out_of_range") {
        if (!is_huge) wrong("it is small");
    } else if (code == "data_loss") {
        if (how != Broken::unreadable) wrong("what is stored can be read");
    } else if (code == "invalid_argument") {
        const bool is_refused =
            how == Broken::refused || (fact.message.value && fact.message.value->contains(refused_description));
        if (fact.is_readable && !is_refused) wrong("it can be read, and nobody refuses it");
    } else {
        wrong("nothing ends so here");
    }
}

void Truth::judge_not_found(const Fact& fact, bool sees_all_creates) {
    const auto& position = fact.message.position;
    if (fact.kind == ChangeKind::create)
        return violate(fmt::format("CONDEMNED WRONGLY: the create {}", to_string(position)));
    if (!sees_all_creates) return;
    if (std::holds_alternative<StoredProduct>(stored(fact.id))) {
        return violate(fmt::format("CONDEMNED WRONGLY: {} as not_found while its product stands", to_string(position)));
    }
    for (const auto& create : creates_[fact.id]) {
        const auto& other = at(create);
        if (other.is_ended() || other.published >= fact.published) continue;
        violate(fmt::format("CONDEMNED WRONGLY: {} as not_found before its create {} has ended", to_string(position),
                            to_string(create)));
    }
}

void Truth::letter(const Position& position) {
    auto& fact = at(position);
    end(fact, [&] { fact.is_lettered = true; });
}

void Truth::commit(const TopicPartition& source, const Commit& commit) {
    auto& checked = ended_up_to_[source];
    check_ended(source, checked, commit.offset);
    checked = std::max(checked, commit.offset);
    const auto above = decode_metadata(commit.offset, commit.metadata);
    if (!above) return violate(fmt::format("LOST: the metadata of a commit of {} cannot be read", source.topic));
    for (const auto& [begin, end] : above->ranges) check_ended(source, begin, end);
}

void Truth::check_ended(const TopicPartition& source, std::int64_t begin, std::int64_t end) {
    const auto& messages = log[source];
    if (end > static_cast<std::int64_t>(messages.size())) return violate("LOST: a commit beyond the log's end");
    for (auto offset = begin; offset < end; ++offset) {
        const auto& fact = messages[static_cast<std::size_t>(offset)];
        if (fact.is_ended()) continue;
        violate(fmt::format("LOST: a commit covers {}, which has not ended", to_string(fact.message.position)));
    }
}

std::string Truth::first_unended() const {
    for (const auto sound : {true, false}) {
        for (const auto& [source, messages] : log) {
            for (const auto& fact : messages) {
                if (fact.is_ended() || is_broken(fact.id) == sound) continue;
                return fmt::format("{} of {}{}", to_string(fact.message.position), fact.id.hex(),
                                   sound ? "" : ", which is broken");
            }
        }
    }
    return "none";
}

}  // namespace productd::simulation
