// helio-sim: see options.cpp for what it can be told, simulation.h for what it does.
#include "base/io/timer.h"
#include "tools/helio-sim/load/load_generator.h"
#include "tools/helio-sim/options.h"
#include "tools/helio-sim/registration.h"

#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <sys/resource.h>

namespace helio::sim {
namespace {

// For frames on their way when the time is up: the windows of the last uplinks pass.
constexpr Duration kLastWindows = std::chrono::milliseconds(3500);

int write_list(const Options& options) {
    std::ofstream file;
    if (options.csv != "-") file.open(options.csv);
    std::ostream& out = options.csv == "-" ? std::cout : file;
    write_device_list(out, options.simulation.identities, options.simulation.devices, options.list);
    out.flush();
    if (out) return 0;
    std::cerr << "helio-sim: cannot write " << options.csv << "\n";
    return 1;
}

int run_load(const Options& options) {
    const SimulationSettings& simulation = options.simulation;
    LoadGenerator generator({.server = simulation.gateways.server,
                             .identities = simulation.identities,
                             .gateway_eui = simulation.gateways.first_eui,
                             .gateways = simulation.gateways.count,
                             .copies = options.load_copies,
                             .first_fcnt = options.load_joins ? simulation.device.first_dev_nonce
                                                              : simulation.device.first_fcnt,
                             .joins = options.load_joins});
    generator.prepare(simulation.devices);
    generator.send_pull_data();
    const std::atomic<bool> stop = false;
    const LoadReport report =
        generator.send_at_rate(simulation.uplinks_per_second, *options.run_for, stop);
    const double seconds = static_cast<double>(report.took.count()) / 1e6;
    fmt::print(
        "{} frames in {:.1f} s ({:.0f}/s), {} PUSH_DATA, {} acknowledged, {} not sent; "
        "{:.2f} us of CPU a frame\n",
        report.frames,
        seconds,
        static_cast<double>(report.frames) / seconds,
        report.datagrams,
        report.push_acks,
        report.send_errors,
        static_cast<double>(report.cpu.count()) / static_cast<double>(report.frames));
    return report.push_acks > 0 ? 0 : 1;
}

// A socket for each gateway.
void allow_many_sockets() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int run_simulation(const Options& options) {
    allow_many_sockets();
    io::Loop loop;
    const auto show = [](Instant at, std::string_view line) {
        fmt::print("{} {}\n", to_rfc3339(at, 3).substr(11, 12), line);
        std::fflush(stdout);
    };
    Simulation simulation(
        loop, options.simulation, options.show ? Simulation::Observer(show) : nullptr);
    io::Timer end(loop, [&] { loop.stop(); });
    bool finishing = false;
    const auto finish = [&] {
        if (finishing) return loop.stop();  // asked twice
        finishing = true;
        simulation.finish();
        end.start_after(kLastWindows);
    };
    io::Timer time_is_up(loop, finish);
    if (options.run_for) time_is_up.start_after(*options.run_for);
    loop.on_stop_signal(finish);
    simulation.start();
    loop.run();

    const Report report = simulation.report();
    fmt::print("{}\n", options.json ? to_json(report) : to_text(report));
    if (report.push_acks == 0) {
        std::cerr << "helio-sim: no gateway got an answer: is a server at --server, and are the "
                     "gateways registered (--register does it)?\n";
    } else if (report.joins_sent > 0 && report.joins_accepted == 0) {
        std::cerr << "helio-sim: no join was accepted: are the devices registered with these keys "
                     "(--register does it)?\n";
    }
    return report.worked() ? 0 : 1;
}

}  // namespace
}  // namespace helio::sim

int main(int argc, char** argv) {
    int exit_status = 0;
    const auto options = helio::sim::parse_options(argc, argv, exit_status);
    if (!options) return exit_status;
    try {
        if (!options->csv.empty()) return helio::sim::write_list(*options);
        if (options->register_first) {
            helio::sim::register_all(options->simulation, options->list);
        }
        return options->load ? helio::sim::run_load(*options)
                             : helio::sim::run_simulation(*options);
    } catch (const std::exception& error) {
        std::cerr << "helio-sim: " << error.what() << "\n";
        return 1;
    }
}
