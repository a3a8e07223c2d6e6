// The async vocabulary: a Task is a coroutine that ends in a Result. What blocks goes through a BlockingPool; what a
// driver answers on a thread of its own comes back through answered(); what is started beside its caller belongs to a
// TaskGroup; what may take too long goes through within().
#pragma once

#include "async/answered.hpp"
#include "async/blocking_pool.hpp"
#include "async/signal.hpp"
#include "async/task.hpp"
#include "async/task_group.hpp"
#include "async/within.hpp"
