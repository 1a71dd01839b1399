// The command line of helio-sim.
#pragma once

#include "tools/helio-sim/simulation.h"

#include <optional>
#include <string>

namespace helio::sim {

struct Options {
    SimulationSettings simulation;
    ListSettings list;
    std::string csv;  // file for the device list, "-" for standard output; empty: simulate
    std::optional<Duration> run_for;  // absent: until interrupted
    bool register_first = false;
    bool json = false;
    bool show = false;
    bool load = false;
    bool load_joins = false;
    std::uint32_t load_copies = 1;
};

// Parses; where that ends the program (--help, a mistake) what it printed has been printed, and
// `exit_status` is to be returned.
std::optional<Options> parse_options(int argc, char** argv, int& exit_status);

}  // namespace helio::sim
