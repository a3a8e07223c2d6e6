// The servers of `make stack-up`, as these tests find them.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>
#include <string>

namespace productd::test {

/// The port on loopback that tools/stack.py gave a server; nothing when it was never started. The environment's
/// PRODUCTD_STACK_<NAME>_PORT wins.
inline std::string stack_port(const std::string& name, const char* variable) {
    if (const char* given = std::getenv(variable)) return given;  // NOLINT(concurrency-mt-unsafe): one thread.
    std::ifstream file(std::string(PRODUCTD_SOURCE_DIR) + "/build/stack/" + name + "/state.json");
    const std::string state(std::istreambuf_iterator<char>(file), {});
    std::smatch port;
    return std::regex_search(state, port, std::regex(R"re("port": (\d+))re")) ? port[1].str() : std::string();
}

}  // namespace productd::test
