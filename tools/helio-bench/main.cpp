// helio-bench: measures the server as a whole, from its sockets, and prints a table and JSON.
//
// The load generator, the subscriber and the server share the machine; everything is on loopback.
#include "tools/helio-bench/scenarios.h"
#include "tools/version/version.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

int main(int argc, char* argv[]) {
    using namespace helio::bench;
    Settings settings;
    settings.server = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "heliograph";
    if (std::filesystem::exists("/usr/sbin/mosquitto")) settings.mosquitto = "/usr/sbin/mosquitto";
    std::vector<std::string> only;
    std::string json_file;
    CLI::App app("Measures heliograph from its sockets");
    app.set_version_flag("--version", std::string("helio-bench ") + helio::version());
    app.add_option("--server", settings.server, "the server program")->capture_default_str();
    app.add_option("--seconds", settings.seconds, "length of each load")->capture_default_str();
    app.add_option("--devices", settings.devices, "registered devices")->capture_default_str();
    app.add_flag("--million", settings.million, "also with 1,000,000 registered devices");
    app.add_option(
        "--only", only, "uplinks, overload, joins, codec, memory, broker or connections");
    app.add_option("--rows", settings.rows, "of the broker's loads those whose name has this");
    app.add_option("--mosquitto", settings.mosquitto, "to compare the broker with")
        ->capture_default_str();
    app.add_option("--json", json_file, "also write the figures to this file");
    CLI11_PARSE(app, argc, argv);
    try {
        Report report;
        for (const Scenario& scenario : scenarios()) {
            if (!only.empty() && std::ranges::find(only, scenario.name) == only.end()) continue;
            std::printf("== %s: %s\n", scenario.name, scenario.what);
            scenario.run(settings, report);
        }
        if (!json_file.empty()) std::ofstream(json_file) << report.to_json();
        std::printf("%zu of the targets missed\n", report.missed());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "helio-bench: %s\n", error.what());
        return 1;
    }
}
