// Beast's messages and how they are read and written, for the clients of our own listeners. Its headers use what C++23
// deprecates, and libstdc++ says so from 14 on, at these lines of Beast's and not at ours.
#pragma once

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#pragma clang diagnostic pop
