#include "tools/helio-bench/broker_scenario.h"

#include "tools/helio-bench/broker_load.h"

#include <algorithm>
#include <cstdio>

namespace helio::bench {
namespace {

constexpr int kRepetitions = 5;
constexpr double kWarmUpSeconds = 0.3;
constexpr double kSeconds = 1.2;
constexpr int kIdleClients = 10'000;
constexpr int kConnectsAtOnce = 100;

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct Medians {
    double us_per_delivery;
    double deliveries_per_second;
};

class Compared {
  public:
    Compared(const Settings& settings, const LoadShape& shape) {
        brokers_.push_back(BrokerProcess::heliograph(settings.server));
        if (!settings.mosquitto.empty()) {
            brokers_.push_back(BrokerProcess::mosquitto(settings.mosquitto));
        }
        std::vector<std::unique_ptr<BrokerLoad>> loads;
        for (const auto& broker : brokers_) {
            loads.push_back(std::make_unique<BrokerLoad>(*broker, shape));
        }
        cpu_.resize(brokers_.size());
        rate_.resize(brokers_.size());
        for (int i = 0; i < kRepetitions; ++i) {
            for (std::size_t b = 0; b < brokers_.size(); ++b) {
                const LoadFigures figures = loads[b]->run(kWarmUpSeconds, kSeconds);
                cpu_[b].push_back(figures.us_per_delivery);
                rate_[b].push_back(figures.deliveries_per_second);
            }
        }
    }
    Medians ours() const { return {median(cpu_[0]), median(rate_[0])}; }
    // 0 where there is no Mosquitto.
    Medians theirs() const {
        if (brokers_.size() < 2) return {0, 0};
        return {median(cpu_[1]), median(rate_[1])};
    }

  private:
    std::vector<std::unique_ptr<BrokerProcess>> brokers_;
    std::vector<std::vector<double>> cpu_;
    std::vector<std::vector<double>> rate_;
};

void compare(const Settings& settings,
             Report& report,
             const std::string& name,
             const LoadShape& shape,
             double at_least) {
    const Compared compared(settings, shape);
    const Medians ours = compared.ours();
    const Medians theirs = compared.theirs();
    report.add({name + ": CPU a delivery", ours.us_per_delivery, "us", {}, {}});
    report.add({name + ": deliveries", ours.deliveries_per_second / 1000, "k/s", {}, {}});
    if (theirs.us_per_delivery == 0) return;
    report.add({name + ": CPU of Mosquitto", theirs.us_per_delivery, "us", {}, {}});
    report.add({name + ": times less CPU than Mosquitto",
                theirs.us_per_delivery / ours.us_per_delivery,
                "x",
                at_least,
                {}});
}

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

void durable(const Settings& settings, Report& report) {
    Settings alone = settings;
    alone.mosquitto.clear();
    const Compared compared(alone,
                            {.qos = 1, .per_write = 8, .window = 128, .session = Session::lasting});
    report.add({"durable QoS 1, PUBACK after the commit",
                compared.ours().deliveries_per_second,
                "/s",
                60'000,
                {}});
}

}  // namespace

void broker(const Settings& settings, Report& report) {
    if (settings.mosquitto.empty()) {
        std::printf("no mosquitto found (--mosquitto): no ratios\n");
    }
    pin_generator();
    compare(settings, report, "QoS 0, 50 to 1, eight a write", {.per_write = 8}, 10);
    compare(settings, report, "QoS 0, 50 to 1, one a write", {}, 4.5);
    compare(settings, report, "QoS 1, 50 to 1, eight a write", {.qos = 1, .per_write = 8}, 10);
    compare(settings,
            report,
            "QoS 0, 1 to 500",
            {.publishers = 1, .subscribers = 500, .window = 8},
            3.5);
    compare(settings, report, "QoS 0, paced 20,000/s", {.per_second = 20'000}, 2);
    durable(settings, report);
    idle(settings, report);
    million_subscriptions(settings, report);
}

}  // namespace helio::bench
