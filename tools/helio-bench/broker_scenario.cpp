#include "tools/helio-bench/broker_scenario.h"

#include "tools/helio-bench/broker_load.h"

#include <cstdio>

namespace helio::bench {
namespace {

constexpr int kRepetitions = 5;
constexpr double kWarmUpSeconds = 0.3;
constexpr double kSeconds = 1.2;

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
    if (name.find(settings.rows) == std::string::npos) return;
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

void durable(const Settings& settings, Report& report) {
    const std::string name = "durable QoS 1, PUBACK after the commit";
    if (name.find(settings.rows) == std::string::npos) return;
    Settings alone = settings;
    alone.mosquitto.clear();
    const Compared compared(alone,
                            {.qos = 1, .per_write = 8, .window = 128, .session = Session::lasting});
    report.add({name, compared.ours().deliveries_per_second, "/s", 60'000, {}});
}

}  // namespace

void broker(const Settings& settings, Report& report) {
    if (settings.mosquitto.empty()) std::printf("no mosquitto found (--mosquitto): no ratios\n");
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
}

}  // namespace helio::bench
