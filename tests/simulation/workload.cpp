// Messages, weather and strangers.
#include "simulation/workload.hpp"

#include <fmt/format.h>

#include "app/events/event.hpp"
#include "fakes/sample_product.hpp"

namespace productd::simulation {

using namespace std::chrono_literals;

ProductId product(std::size_t number) {
    ProductId::Bytes bytes{1};
    bytes[10] = static_cast<std::uint8_t>(number >> 8);
    bytes[11] = static_cast<std::uint8_t>(number);
    return ProductId{bytes};
}

ValidDraft draft_of(std::size_t number, const std::function<void(Draft&)>& edit) {
    auto draft = test::sample_draft(fmt::format("name {}", number));
    edit(draft);
    return test::valid(std::move(draft));
}

namespace {

enum class Flaw { none, noise, no_payload, far_ahead };

void append(World& world, Change change, Flaw flaw) {
    const auto& topic = world.plan.settings.topics.of(change.kind);
    const bool is_keyed = !world.plan.has(Fault::unkeyed) || world.random.one_in(2);
    const auto chosen =
        is_keyed ? change.id.bytes()[11] : world.random.below(static_cast<std::size_t>(world.plan.partitions));
    const auto partition = static_cast<std::int32_t>(chosen) % world.plan.partitions;
    change.time = std::max(change.time, world.truth.earliest({topic, partition}));
    if (world.plan.has(Fault::clocks)) change.time += std::chrono::milliseconds{world.random.between(-5'000, 5'000)};
    if (flaw == Flaw::far_ahead) change.time += 24h * 365;
    const auto kind = change.kind;
    const auto id = change.id;
    auto record = encode_event(topic, {std::move(change), fmt::format("wait-{}", world.random.next()), {}});
    if (flaw == Flaw::noise) record.value = "{\"productId\": [";
    if (flaw == Flaw::no_payload) record.value.reset();
    Fact fact{.message = {.position = {.time = record.time},
                          .key = std::move(record.key),
                          .value = std::move(record.value),
                          .headers = std::move(record.headers)},
              .kind = kind,
              .id = id,
              .is_readable = flaw == Flaw::none,
              .published = world.now};
    if (world.plan.has(Fault::gaps) && world.random.one_in(5)) {
        world.truth.publish({topic, partition}, {.kind = kind, .is_gap = true});
    }
    world.truth.publish({topic, partition}, std::move(fact));
    const auto& position = world.truth.log[{topic, partition}].back().message.position;
    world.note(static_cast<std::uint64_t>(position.offset), [&] {
        return fmt::format("published {} of {}{}", to_string(position), id.hex(), flaw == Flaw::none ? "" : ", flawed");
    });
}

struct Author {
    World& world;
    std::set<std::size_t> created = {};

    /// The next change of a product, as its author would make it.
    Change change_of(std::size_t number, std::size_t message) {
        auto& random = world.random;
        const auto& plan = world.plan;
        Change change{.kind = ChangeKind::update, .id = product(number), .draft = draft_of(message)};
        const bool is_orphan = plan.has(Fault::orphans) && number % 5 == 0;
        if (!created.contains(number) && !is_orphan) {
            change.kind = ChangeKind::create;
            if (!plan.has(Fault::late_creates) || random.one_in(3)) {
                created.insert(number);
            } else {
                change.kind = ChangeKind::update;
            }
        } else if (plan.has(Fault::repeated_creates) && !is_orphan && random.one_in(10)) {
            change.kind = ChangeKind::create;
        } else if (plan.has(Fault::removals) && random.one_in(8)) {
            change.kind = ChangeKind::remove;
        } else if (plan.has(Fault::conditions) && random.one_in(5)) {
            change.expected = Version{random.between(1, 6)};
        }
        return change;
    }
};

/// Now and then a fault that lasts, until all are over.
void schedule_spells(World& world, Fault fault, bool Weather::* what, std::chrono::milliseconds longest) {
    if (!world.plan.has(fault)) return;
    auto from = world.random.wait(0ms, 10'000ms);
    while (from < world.plan.faults_last) {
        const auto until =
            std::min<std::chrono::microseconds>(from + world.random.wait(10ms, longest), world.plan.faults_last);
        world.after(from, [&world, fault, what] {
            world.weather.*what = true;
            world.note(static_cast<std::uint64_t>(fault), [&] { return fmt::format("{} begins", name(fault)); });
        });
        world.after(until, [&world, fault, what] {
            world.weather.*what = false;
            world.note(static_cast<std::uint64_t>(fault), [&] { return fmt::format("{} ends", name(fault)); });
        });
        from = until + world.random.wait(1'000ms, 40'000ms);
    }
}

/// Over gRPC: an update or a removal of what is there.
void act_as_stranger(World& world) {
    if (world.are_faults_over() || world.truth.store.empty()) return;
    Change change{.kind = ChangeKind::update, .id = world.random.one_of(world.truth.store).first, .draft = draft_of(0)};
    if (world.plan.has(Fault::removals) && world.random.one_in(4)) change.kind = ChangeKind::remove;
    change_directly(world, std::move(change));
}

void schedule_topics_made_anew(World& world) {
    if (!world.may(Fault::made_anew)) return;
    world.after(world.random.wait(10ms, 30'000ms), [&world] {
        if (world.are_faults_over()) return;
        const auto topics = world.plan.settings.topics.sources();
        const auto topic = world.random.one_of(topics);
        make_anew(world, topic);
        schedule_topics_made_anew(world);
    });
}

void schedule_strangers(World& world) {
    if (!world.may(Fault::strangers)) return;
    world.after(world.random.wait(1ms, 200ms), [&world] {
        act_as_stranger(world);
        schedule_strangers(world);
    });
}

}  // namespace

void change_directly(World& world, Change change) {
    if (change.time == Timestamp{}) change.time = world.wall();
    const auto id = change.id;
    auto decision = decide(world.truth.stored(id), change);
    auto* write = std::get_if<Write>(&decision);
    if (write == nullptr) return;
    world.note(0, [&] { return "a stranger changes " + id.hex(); });
    world.truth.store[id] = std::move(write->next);
}

void make_anew(World& world, const std::string& topic) {
    world.note(0, [&] { return topic + " is made anew"; });
    world.truth.make_anew(topic, world.wall() + 1ms);
    std::erase_if(world.committed, [&](const auto& commit) { return commit.first.topic == topic; });
}

Position publish(World& world, Change change) {
    if (change.time == Timestamp{}) change.time = world.wall();
    const TopicPartition source{world.plan.settings.topics.of(change.kind),
                                static_cast<std::int32_t>(change.id.bytes()[11]) % world.plan.partitions};
    append(world, std::move(change), Flaw::none);
    return world.truth.log[source].back().message.position;
}

void schedule_messages(World& world) {
    auto& random = world.random;
    const auto& plan = world.plan;
    if (plan.has(Fault::broken_products)) {
        const auto many = random.one_in(4) ? 6 : 2;
        for (int i = 0; i < many; ++i) {
            world.truth.broken[product(random.below(plan.products))] = static_cast<Broken>(random.between(1, 6));
        }
    }
    std::vector<std::chrono::microseconds> times;
    times.reserve(plan.messages);
    for (std::size_t i = 0; i < plan.messages; ++i) times.push_back(random.wait(0ms, plan.published_within));
    std::ranges::sort(times);
    auto author = std::make_shared<Author>(world);
    for (std::size_t i = 0; i < plan.messages; ++i) {
        world.after(times[i], [&world, author, i] {
            const auto number = world.random.below(world.plan.products);
            auto change = author->change_of(number, i);
            change.time = world.wall();
            const bool is_poison = world.plan.has(Fault::poison) && world.random.one_in(20);
            append(world, std::move(change), is_poison ? static_cast<Flaw>(world.random.between(1, 3)) : Flaw::none);
        });
    }
}

void schedule_weather(World& world) {
    schedule_spells(world, Fault::outage, &Weather::is_down, 30'000ms);
    schedule_spells(world, Fault::hanging, &Weather::hangs, 30'000ms);
    schedule_spells(world, Fault::slow, &Weather::is_slow, 60'000ms);
    schedule_spells(world, Fault::third_fails, &Weather::third_fails, 30'000ms);
    schedule_spells(world, Fault::writes_blocked, &Weather::writes_blocked, 30'000ms);
    schedule_spells(world, Fault::letters_refused, &Weather::letters_refused, 60'000ms);
    schedule_spells(world, Fault::ends_unknown, &Weather::ends_unknown, 60'000ms);
    schedule_strangers(world);
    schedule_topics_made_anew(world);
}

}  // namespace productd::simulation
