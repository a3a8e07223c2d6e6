// What is published, and which faults are in force when: all of it scheduled at the start.
#pragma once

#include "simulation/world.hpp"

namespace productd::simulation {

/// Publishes the plan's messages in the course of its time, and breaks some products for ever.
void schedule_messages(World& world);
/// Weather that comes and goes until the faults are over, and what others do to products.
void schedule_weather(World& world);
/// Publishes a change now, keyed: its partition is its product's.
Position publish(World& world, Change change);

ProductId product(std::size_t number);
/// Told apart by the number; `edit` changes it before it is validated.
ValidDraft draft_of(std::size_t number, const std::function<void(Draft&)>& edit = [](Draft&) {});
inline Change create_of(std::size_t number) {
    return {.kind = ChangeKind::create, .id = product(number), .draft = draft_of(number)};
}
inline Change update_of(std::size_t number, std::size_t text = 0) {
    return {.kind = ChangeKind::update, .id = product(number), .draft = draft_of(text)};
}
inline Change remove_of(std::size_t number) { return {.kind = ChangeKind::remove, .id = product(number)}; }
/// Its messages are gone, and the group's commits with them, as where brokers delete a topic.
void make_anew(World& world, const std::string& topic);
/// A change without a place in the log, as over gRPC; nothing where the rules refuse it.
void change_directly(World& world, Change change);

}  // namespace productd::simulation
