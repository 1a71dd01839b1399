// The measurements: each starts a server of its own on loopback and ends by itself.
#pragma once

#include "tools/helio-bench/report.h"

#include <filesystem>
#include <string>
#include <vector>

namespace helio::bench {

struct Settings {
    std::filesystem::path server;  // the program
    int seconds = 10;              // of each load
    std::uint32_t devices = 10'000;
    bool million = false;             // also with 1,000,000 devices
    std::filesystem::path mosquitto;  // to compare the broker with; empty: alone
    std::string rows;                 // of the broker's loads those whose name has this
};

struct Scenario {
    const char* name;
    const char* what;
    void (*run)(const Settings&, Report&);
};

const std::vector<Scenario>& scenarios();

}  // namespace helio::bench
