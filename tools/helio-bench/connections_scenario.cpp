#include "tools/helio-bench/connections_scenario.h"

#include "tools/helio-bench/broker_process.h"
#include "tools/helio-bench/mqtt_socket.h"
#include "tools/helio-bench/tls_client.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace helio::bench {
namespace {

constexpr int kIdleClients = 10'000;
constexpr int kConnectsAtOnce = 100;
constexpr int kTlsClients = 1000;
constexpr int kTlsAtOnce = 16;
constexpr int kTlsRepetitions = 3;
constexpr int kIdleTlsClients = 1000;

struct Idle {
    double cpu_us;
    double bytes;
    double bytes_with_subscription;
};

std::vector<MqttSocket> connect_many(const BrokerProcess& broker, int count) {
    std::vector<MqttSocket> clients;
    clients.reserve(static_cast<std::size_t>(count));
    for (int begin = 0; begin < count; begin += kConnectsAtOnce) {
        const int end = std::min(begin + kConnectsAtOnce, count);
        for (int i = begin; i < end; ++i) {
            clients.emplace_back(broker.port());
            clients.back().send_connect("client-" + std::to_string(i));
        }
        for (int i = begin; i < end; ++i) clients[static_cast<std::size_t>(i)].await_connack();
    }
    return clients;
}

Idle idle_clients(const BrokerProcess& broker) {
    connect_many(broker, kConnectsAtOnce);  // what the first ones alone cost
    const double cpu = broker.cpu_seconds();
    const auto empty = static_cast<double>(broker.resident_bytes());
    std::vector<MqttSocket> clients = connect_many(broker, kIdleClients);
    Idle out{};
    out.cpu_us = (broker.cpu_seconds() - cpu) * 1e6 / kIdleClients;
    out.bytes = (static_cast<double>(broker.resident_bytes()) - empty) / kIdleClients;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        const std::string filter = "devices/client-" + std::to_string(i) + "/commands";
        clients[i].subscribe({&filter, 1}, 1);
    }
    out.bytes_with_subscription =
        (static_cast<double>(broker.resident_bytes()) - empty) / kIdleClients;
    return out;
}

void idle(const Settings& settings, Report& report) {
    const auto add = [&](const std::string& who, const Idle& idle, bool ours) {
        const auto target = [&](double value) {
            return ours ? std::optional<double>(value) : std::nullopt;
        };
        report.add({"a connect" + who, idle.cpu_us, "us", {}, target(15)});
        report.add({"an idle connection" + who, idle.bytes / 1024, "KB", {}, target(0.75)});
        report.add({"a connection with a subscription" + who,
                    idle.bytes_with_subscription / 1024,
                    "KB",
                    {},
                    target(1.7)});
    };
    add("", idle_clients(*BrokerProcess::heliograph(settings.server)), true);
    if (settings.mosquitto.empty()) return;
    add(", Mosquitto", idle_clients(*BrokerProcess::mosquitto(settings.mosquitto)), false);
}

// A million filters of a hundred clients, half of them with a wildcard.
void million_subscriptions(const Settings& settings, Report& report) {
    constexpr int kClients = 100;
    constexpr int kEach = 10'000;
    constexpr int kPerPacket = 1'000;
    const auto broker = BrokerProcess::heliograph(settings.server);
    std::vector<MqttSocket> clients = connect_many(*broker, kClients);
    const auto empty = static_cast<double>(broker->resident_bytes());
    for (int c = 0; c < kClients; ++c) {
        std::vector<std::string> filters;
        for (int i = 0; i < kEach; ++i) {
            const std::string n = std::to_string(c * kEach + i);
            filters.push_back(i % 2 == 0 ? "site/" + n + "/temperature" : "site/" + n + "/+/state");
            if (static_cast<int>(filters.size()) < kPerPacket) continue;
            clients[static_cast<std::size_t>(c)].subscribe(filters, 0);
            filters.clear();
        }
    }
    report.add({"a subscription among a million",
                (static_cast<double>(broker->resident_bytes()) - empty) / (kClients * kEach),
                "bytes",
                {},
                200});
}

struct TlsCosts {
    double full_us;
    double resumed_us;
    bool has_resumed;
};

// As after a power cut: kTlsAtOnce of them are always on their way.
class TlsStorm {
  public:
    TlsStorm(const BrokerProcess& broker, const TlsFiles& files, TlsVersion version)
        : broker_(broker), clients_(files, version) {}

    // Connects all, with the sessions that they had before or without; answers the broker's
    // processor time for one.  Those from before are closed later.
    double connect(bool resume) {
        std::vector<std::optional<TlsClient>> made(kTlsClients);
        std::atomic<std::size_t> next = 0;
        std::exception_ptr failed;
        std::mutex mutex;
        const auto connect_some = [&] {
            try {
                for (std::size_t i = next++; i < made.size(); i = next++) {
                    made[i].emplace(clients_.connect(broker_.port(),
                                                     "tls-" + std::to_string(i),
                                                     resume ? &*connected_[i] : nullptr));
                }
            } catch (...) {
                const std::lock_guard lock(mutex);
                failed = std::current_exception();
            }
        };
        const double cpu = broker_.cpu_seconds();
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < kTlsAtOnce; ++i) threads.emplace_back(connect_some);
        }
        if (failed) std::rethrow_exception(failed);
        const double used = broker_.cpu_seconds() - cpu;
        connected_ = std::move(made);
        return used * 1e6 / kTlsClients;
    }
    bool resumed() const {
        return std::ranges::all_of(connected_, [](const auto& one) { return one->resumed(); });
    }

  private:
    const BrokerProcess& broker_;
    TlsClients clients_;
    std::vector<std::optional<TlsClient>> connected_;
};

TlsCosts tls_connects(const BrokerProcess& broker, const TlsFiles& files, TlsVersion version) {
    TlsStorm storm(broker, files, version);
    storm.connect(false);  // what the first ones alone cost
    std::vector<double> full;
    std::vector<double> resumed;
    bool has_resumed = true;
    for (int i = 0; i < kTlsRepetitions; ++i) {
        full.push_back(storm.connect(false));
        resumed.push_back(storm.connect(true));
        has_resumed = has_resumed && storm.resumed();
    }
    return {median(full), median(resumed), has_resumed};
}

double idle_tls_bytes(const BrokerProcess& broker, const TlsFiles& files) {
    const TlsClients clients(files, TlsVersion::v1_3);
    std::vector<TlsClient> connected;
    const auto connect = [&](int from, int count) {
        for (int i = from; i < from + count; ++i) {
            connected.push_back(clients.connect(broker.port(), "idle-" + std::to_string(i)));
        }
    };
    connect(0, kConnectsAtOnce);  // what the first ones alone cost
    const auto empty = static_cast<double>(broker.resident_bytes());
    connect(kConnectsAtOnce, kIdleTlsClients);
    return (static_cast<double>(broker.resident_bytes()) - empty) / kIdleTlsClients;
}

void mutual_tls(const Settings& settings, Report& report) {
    const auto ours = BrokerProcess::heliograph_with_tls(settings.server);
    const TlsFiles files = ours->tls_files();
    const auto add = [&](const BrokerProcess& broker, const std::string& who, bool is_ours) {
        const auto target = [&](double value) {
            return is_ours ? std::optional<double>(value) : std::nullopt;
        };
        for (const auto& [version, name] : {std::pair(TlsVersion::v1_3, "mutual TLS 1.3"),
                                            std::pair(TlsVersion::v1_2, "mutual TLS 1.2")}) {
            const TlsCosts costs = tls_connects(broker, files, version);
            const std::string row = std::string("a connect, ") + name;
            report.add({row + who, costs.full_us, "us", {}, target(800)});
            if (is_ours && !costs.has_resumed) throw std::runtime_error("nothing was resumed");
            if (!costs.has_resumed) continue;
            report.add({row + ", resumed" + who, costs.resumed_us, "us", {}, target(80)});
        }
    };
    const auto add_idle = [&](const BrokerProcess& broker, const std::string& who, bool is_ours) {
        report.add({"an idle connection with mutual TLS" + who,
                    idle_tls_bytes(broker, files) / 1024,
                    "KB",
                    {},
                    is_ours ? std::optional<double>(25) : std::nullopt});
    };
    add_idle(*ours, "", true);  // before the storms, whose memory is used again
    add(*ours, "", true);
    if (settings.mosquitto.empty()) return;
    const auto theirs = BrokerProcess::mosquitto(settings.mosquitto, &files);
    add_idle(*theirs, ", Mosquitto", false);
    add(*theirs, ", Mosquitto", false);
}

}  // namespace

void connections(const Settings& settings, Report& report) {
    pin_generator();
    idle(settings, report);
    mutual_tls(settings, report);
    million_subscriptions(settings, report);
}

}  // namespace helio::bench
