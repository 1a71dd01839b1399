#include "tools/helio-bench/scenarios.h"

#include "tools/helio-bench/broker_scenario.h"
#include "tools/helio-bench/connections_scenario.h"
#include "tools/helio-bench/metrics_client.h"
#include "tools/helio-bench/network.h"
#include "tools/helio-bench/server_process.h"
#include "tools/helio-bench/subscriber.h"
#include "tools/helio-sim/load/load_generator.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace helio::bench {
namespace {

using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr double kTargetRate = 42'500;
constexpr std::uint32_t kMillion = 1'000'000;
constexpr const char* kUpFilter = "application/+/device/+/event/up";

// A server with a network, its subscriber and its load.
class Bench {
  public:
    Bench(const Settings& settings, const NetworkPlan& plan, bool joins = false) {
        make_network(folder_.path() / "data", plan);
        server_.emplace(settings.server,
                        folder_.path() / "data",
                        std::vector<std::pair<std::string, std::string>>{
                            {"lns.eu868_extra_frequencies", ""}, {"log.level", "error"}});
        subscriber_.emplace(server_->ports().mqtt, kUpFilter);
        load_.emplace(
            sim::LoadSettings{.server = io::Peer::loopback(server_->ports().udp), .joins = joins});
        load_->prepare(plan.devices);
        load_->send_pull_data();
    }

    // Of the registered devices, evenly spread over all rows, `count` send from now on.
    void only(std::uint32_t count, std::uint32_t registered) {
        load_->prepare(count, registered / count);
    }

    struct Run {
        sim::LoadReport sent;
        std::uint64_t received;
        Usage before;
        Usage after;
        Latencies latencies;
        double drain_seconds;  // from the last frame sent to the last event received

        bool lossless() const { return received == sent.frames; }
        double rate() const {
            return static_cast<double>(sent.frames) /
                   std::chrono::duration<double>(sent.took).count();
        }
        double cpu_us() const {
            return (after.cpu_seconds - before.cpu_seconds) * 1e6 /
                   static_cast<double>(std::max<std::uint64_t>(received, 1));
        }
        double written() const {
            return static_cast<double>(after.written_bytes - before.written_bytes) /
                   static_cast<double>(std::max<std::uint64_t>(received, 1));
        }
    };

    Run run(double rate, int for_seconds) {
        Run out{};
        load_->send_pull_data();
        subscriber_->take_latencies();
        const std::uint64_t before = subscriber_->received();
        out.before = server_->usage();
        const std::atomic<bool> stop = false;
        out.sent = load_->send_at_rate(rate, seconds(for_seconds), stop);
        const auto end = Clock::now();
        wait_until_quiet(before + out.sent.frames);
        out.drain_seconds = std::chrono::duration<double>(Clock::now() - end).count();
        out.after = server_->usage();
        out.received = subscriber_->received() - before;
        out.latencies = subscriber_->take_latencies();
        return out;
    }

    ServerProcess& server() { return *server_; }
    sim::LoadGenerator& load() { return *load_; }
    // Receptions that the server says it has not taken, since it was started.
    double refused() const {
        return metric("heliograph_udp_push_data_refused_total") +
               metric("heliograph_udp_kernel_drops") +
               metric("heliograph_lns_receptions_refused_total");
    }
    double metric(const std::string& name) const {
        return read_metric(server_->ports().http, name);
    }

  private:
    // All events are there, or none came for a second.
    void wait_until_quiet(std::uint64_t expected) {
        std::uint64_t last = subscriber_->received();
        auto last_change = Clock::now();
        while (subscriber_->received() < expected && Clock::now() - last_change < seconds(1)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (subscriber_->received() != last) {
                last = subscriber_->received();
                last_change = Clock::now();
            }
        }
    }

    TemporaryFolder folder_;
    std::optional<ServerProcess> server_;
    std::optional<Subscriber> subscriber_;
    std::optional<sim::LoadGenerator> load_;
};

// The highest of the steps at which nothing is lost and no backlog grows.
Bench::Run sustained(Bench& bench, const Settings& settings, std::vector<double> steps) {
    Bench::Run best{};
    bench.run(steps.front() / 2, 3);  // warm-up: usual gateways become known, pages are touched
    for (const double rate : steps) {
        const Bench::Run run = bench.run(rate, settings.seconds);
        const bool good = run.lossless() && run.rate() > 0.98 * rate && run.latencies.p99_ms < 1000;
        std::printf(
            "  offered %.0f/s: sent %.0f/s, lost %llu (refused so far %.0f, of them by the kernel "
            "%.0f), p50 %.1f ms, p99 %.1f ms, %.1f us of CPU an uplink, generator %.0f %% of a "
            "core\n",
            rate,
            run.rate(),
            static_cast<unsigned long long>(run.sent.frames - run.received),
            bench.refused(),
            bench.metric("heliograph_udp_kernel_drops"),
            run.latencies.p50_ms,
            run.latencies.p99_ms,
            run.cpu_us(),
            100.0 * static_cast<double>(run.sent.cpu.count()) /
                static_cast<double>(run.sent.took.count()));
        if (!good) break;
        best = run;
    }
    return best;
}

const std::vector<double> kSteps = {20'000, 30'000, kTargetRate, 50'000, 60'000, 70'000, 80'000};

void uplinks(const Settings& settings, Report& report) {
    Bench bench(settings, {.devices = settings.devices});
    const Bench::Run best = sustained(bench, settings, kSteps);
    report.add({"uplinks, UDP socket to MQTT subscriber, nothing lost",
                best.rate(),
                "/s",
                0.999 * kTargetRate,
                {}});
    report.add({"CPU of the server an uplink at that rate", best.cpu_us(), "us", {}, 20});
    const Bench::Run half = bench.run(best.rate() / 2, settings.seconds);
    report.add({"latency at half that rate, p99, from socket to subscriber",
                half.latencies.p99_ms,
                "ms",
                {},
                15});
    const Bench::Run slow = bench.run(1000, settings.seconds);
    report.add({"latency at 1,000/s, p50", slow.latencies.p50_ms, "ms", {}, {}});
    report.add({"latency at 1,000/s, p99", slow.latencies.p99_ms, "ms", {}, 3});
    report.add({"bytes written an uplink at 10/s",
                bench.run(10, settings.seconds).written(),
                "bytes",
                {},
                {}});
    report.add({"bytes written an uplink at 1,000/s", slow.written(), "bytes", {}, {}});
    report.add({"bytes written an uplink at 40,000/s",
                bench.run(40'000, settings.seconds).written(),
                "bytes",
                {},
                {}});
    if (!settings.million) return;
    Bench large(settings, {.devices = kMillion});
    large.only(settings.devices, kMillion);
    const Bench::Run of_million = sustained(large, settings, kSteps);
    report.add({"uplinks with 1,000,000 registered devices, as many sending as above",
                of_million.rate(),
                "/s",
                best.rate() * 0.7,
                {}});
    report.add({"CPU of the server an uplink at that rate", of_million.cpu_us(), "us", {}, {}});
    Bench busy(settings, {.devices = kMillion});
    const Bench::Run all = sustained(busy, settings, {5'000, 10'000, 20'000, 30'000, kTargetRate});
    report.add({"uplinks with 1,000,000 registered devices, all sending in turn",
                all.rate(),
                "/s",
                {},
                {}});
    report.add({"CPU of the server an uplink at that rate", all.cpu_us(), "us", {}, {}});
}

void overload(const Settings& settings, Report& report) {
    Bench bench(settings, {.devices = settings.devices});
    bench.run(kTargetRate / 2, 5);
    const Usage before = bench.server().usage();
    const double refused_before = bench.refused();
    std::atomic<std::uint64_t> most = 0;
    std::atomic<bool> done = false;
    std::thread watch([&] {
        while (!done) {
            most = std::max<std::uint64_t>(most, bench.server().usage().private_bytes);
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    });
    const Bench::Run run = bench.run(10 * kTargetRate, 2 * settings.seconds);
    done = true;
    watch.join();
    const double refused = bench.refused() - refused_before;
    report.add({"overload: offered", run.rate(), "/s", {}, {}});
    report.add(
        {"overload: delivered",
         static_cast<double>(run.received) / std::chrono::duration<double>(run.sent.took).count(),
         "/s",
         {},
         {}});
    report.add({"overload: refused and counted, of what was not delivered",
                100.0 * refused /
                    static_cast<double>(std::max<std::uint64_t>(run.sent.frames - run.received, 1)),
                "%",
                99,
                {}});
    report.add(
        {"overload: latency of what is accepted, p99", run.latencies.p99_ms, "ms", {}, 1000});
    report.add({"overload: memory at most, of that before",
                static_cast<double>(most) / static_cast<double>(before.private_bytes),
                "times",
                {},
                2});
    report.add({"overload: seconds until all is quiet", run.drain_seconds, "s", {}, 2});
    const Bench::Run after = bench.run(kTargetRate / 2, 3);
    report.add({"overload: lost at half the target rate right after it",
                static_cast<double>(after.sent.frames - after.received),
                "",
                {},
                0});
    report.add({"overload: p99 right after it", after.latencies.p99_ms, "ms", {}, 50});
}

void joins(const Settings& settings, Report& report) {
    Bench bench(settings, {.devices = settings.devices, .activation = sim::Activation::otaa}, true);
    double best = 0;
    for (const double rate : {2'000.0, 5'000.0, 8'000.0, 12'000.0}) {
        const std::string name = "heliograph_lns_joins_accepted_total";
        const double before = bench.metric(name);
        const std::atomic<bool> stop = false;
        const auto sent = bench.load().send_at_rate(rate, seconds(settings.seconds), stop);
        std::this_thread::sleep_for(seconds(1));
        const double accepted = bench.metric(name) - before;
        if (accepted < static_cast<double>(sent.frames)) {
            std::printf("  offered %.0f/s: %.0f of %llu accepted\n",
                        rate,
                        accepted,
                        static_cast<unsigned long long>(sent.frames));
            break;
        }
        best = accepted / std::chrono::duration<double>(sent.took).count();
    }
    report.add({"OTAA joins, all accepted", best, "/s", 5'000, {}});
}

void codec(const Settings& settings, Report& report) {
    Bench bench(
        settings,
        {.devices = settings.devices,
         .codec = "function decodeUplink(input) { return {data: {first: input.bytes[0] << 8 | "
                  "input.bytes[1], count: input.bytes.length, port: input.fPort}}; }"});
    const Bench::Run best = sustained(bench, settings, {5'000, 10'000, 15'000, 20'000, 30'000});
    report.add({"uplinks with a JavaScript codec", best.rate(), "/s", 10'000, {}});
}

void memory(const Settings& settings, Report& report) {
    {
        Bench empty(settings, {.devices = 0});
        report.add({"resident memory, idle",
                    static_cast<double>(empty.server().usage().resident_bytes) / 1e6,
                    "MB",
                    {},
                    40});
    }
    Bench full(settings, {.devices = 100'000});
    const Usage usage = full.server().usage();
    report.add({"start with 100,000 devices", full.server().start_time().count(), "s", {}, 1});
    report.add({"resident memory with 100,000 devices, after the start",
                static_cast<double>(usage.resident_bytes) / 1e6,
                "MB",
                {},
                {}});
    full.run(10'000, 12);  // every device has spoken once
    const auto per_device = [&](std::uint64_t bytes, std::uint64_t before) {
        return (static_cast<double>(bytes) - static_cast<double>(before)) / 100'000;
    };
    const Usage busy = full.server().usage();
    report.add({"resident memory a device at 10,000/s, mapped pages of the store included",
                per_device(busy.resident_bytes, usage.resident_bytes),
                "bytes",
                {},
                {}});
    report.add({"of it the process's own",
                per_device(busy.private_bytes, usage.private_bytes),
                "bytes",
                {},
                {}});
    std::this_thread::sleep_for(seconds(2));
    report.add({"resident memory a device when all have spoken, two seconds later",
                per_device(full.server().usage().resident_bytes, usage.resident_bytes),
                "bytes",
                {},
                400});
}

}  // namespace

const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> all = {
        {"uplinks", "UDP to MQTT: rate, CPU, latency, bytes written", uplinks},
        {"overload", "ten times the target rate", overload},
        {"joins", "OTAA joins", joins},
        {"codec", "uplinks with a JavaScript codec", codec},
        {"memory", "resident memory and start time", memory},
        {"broker", "MQTT beside Mosquitto: CPU a delivery", broker},
        {"connections", "MQTT beside Mosquitto: connects, TLS, memory", connections},
    };
    return all;
}

}  // namespace helio::bench
