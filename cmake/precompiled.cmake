# Headers of libraries that most files include are parsed once: they were half of what a build cost. None of ours is
# among them, so a change of ours never rebuilds more than what includes it.
set(PRODUCTD_STANDARD_HEADERS
    <algorithm> <array> <atomic> <chrono> <cstdint> <deque> <expected> <filesystem> <functional> <future> <list> <map>
    <memory> <mutex> <optional> <ranges> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>)
set(PRODUCTD_ASIO_HEADERS
    <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/bind_cancellation_slot.hpp>
    <boost/asio/cancellation_signal.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
    <boost/asio/redirect_error.hpp> <boost/asio/steady_timer.hpp> <boost/asio/this_coro.hpp>
    <boost/asio/thread_pool.hpp> <boost/asio/use_awaitable.hpp> <boost/asio/use_future.hpp>)

# What the parsed headers depend on beside the flags, which ccache sees by itself; of Debian 12 or 13, each that is there.
execute_process(COMMAND dpkg-query --show libstdc++-12-dev libstdc++-14-dev libc6-dev libboost1.81-dev libboost1.83-dev
    libssl-dev libgmock-dev libgtest-dev clang-19 OUTPUT_VARIABLE PRODUCTD_HEADER_VERSIONS ERROR_QUIET)

# After a package has changed, all of this is asked again: ccache would give what was compiled with the older headers.
if(EXISTS /var/lib/dpkg/status)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS /var/lib/dpkg/status)
endif()

# A target that only holds what others reuse.
function(productd_precompiled name)
    cmake_parse_arguments(PRECOMPILED "" "" "HEADERS;LINKS" ${ARGN})
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp CONTENT "")
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp)
    target_link_libraries(${name} PRIVATE productd_options ${PRECOMPILED_LINKS})
    target_precompile_headers(${name} PRIVATE ${PRECOMPILED_HEADERS})
    # The parsed file has paths of this folder in it. So it is never shared itself; ccache takes this text for it, and
    # checkouts share what they compiled with it.
    set_target_properties(${name} PROPERTIES CXX_COMPILER_LAUNCHER "")
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.pch.sum
        "${PRECOMPILED_HEADERS} ${PRODUCTD_HEADER_VERSIONS}")
endfunction()

productd_precompiled(productd_precompiled_asio
    HEADERS ${PRODUCTD_STANDARD_HEADERS} ${PRODUCTD_ASIO_HEADERS} LINKS productd_asio)
productd_precompiled(productd_precompiled_test
    HEADERS ${PRODUCTD_STANDARD_HEADERS} ${PRODUCTD_ASIO_HEADERS} <gmock/gmock.h> <gtest/gtest.h>
    LINKS productd_asio GTest::gmock)
