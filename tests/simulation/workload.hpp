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

}  // namespace productd::simulation
