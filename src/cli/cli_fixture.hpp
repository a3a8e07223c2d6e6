// For tests of the commands: a data folder, and what a command line prints.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "fakes/temp_folder.hpp"

namespace productd {

struct Printed {
    ExitCode code = ExitCode::success;
    std::string out;
    std::string err;
};

class CliTest : public testing::Test {
protected:
    std::string data() const { return (folder_ / "data").string(); }

    /// As the process would, with nothing in its environment but `environment_`.
    Printed run(std::vector<std::string> arguments, const std::string& input = {}) const {
        std::istringstream in(input);
        std::ostringstream out;
        std::ostringstream err;
        Console console{in, out, err};
        const auto code = perform(parse_arguments(std::move(arguments), environment_), console);
        return {code, out.str(), err.str()};
    }

    TempFolder folder_;
    std::vector<std::pair<std::string, std::string>> environment_;
};

}  // namespace productd
