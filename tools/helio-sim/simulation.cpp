#include "tools/helio-sim/simulation.h"

#include "lns/region/airtime.h"
#include "tools/helio-sim/listeners.h"

#include <cmath>
#include <fmt/format.h>

namespace helio::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kWayToServer = milliseconds(20);  // at most, evenly spread
constexpr Duration kAfterWindows = milliseconds(100);
constexpr Duration kFirstFrames = seconds(1);  // gateways have said that they are there

std::string text_of(const lns::Modulation& modulation) {
    if (const auto* const lora = std::get_if<lns::LoraModulation>(&modulation)) {
        return fmt::format("SF{}BW{}", lora->spreading_factor, lora->bandwidth_hz / 1000);
    }
    return std::holds_alternative<lns::FskModulation>(modulation) ? "FSK" : "LR-FHSS";
}

std::string radio_text(const lns::Modulation& modulation, std::uint32_t frequency_hz) {
    return fmt::format("{} {:.1f} MHz", text_of(modulation), frequency_hz / 1e6);
}

struct Node {
    std::uint32_t index;
    Device device;
    std::uint64_t transmission = 0;        // counts them
    std::uint64_t heard_transmission = 0;  // the last one whose windows brought something
    unsigned arriving = 0;                 // downlinks on their way to a window of it
    bool busy = false;                     // from a transmission until its windows have passed
    bool confirmed = false;                // the frame under way
    std::uint32_t frames = 0;
};

}  // namespace

std::array<std::uint8_t, 5> measurement(std::uint32_t device, std::uint32_t count) {
    constexpr double kStep = 0.1;
    const auto celsius =
        static_cast<std::int16_t>(2500 + std::lround(1000 * std::sin(device + kStep * count)));
    const auto bits = static_cast<std::uint16_t>(celsius);
    const auto humidity = static_cast<std::uint8_t>(40 + (device + count) % 30);
    const auto battery = static_cast<std::uint16_t>(3600 - count % 400);
    return {static_cast<std::uint8_t>(bits >> 8),
            static_cast<std::uint8_t>(bits),
            humidity,
            static_cast<std::uint8_t>(battery >> 8),
            static_cast<std::uint8_t>(battery)};
}

struct Simulation::State {
    State(io::Loop& l, const SimulationSettings& s, Observer o)
        : loop(l),
          settings(s),
          observer(std::move(o)),
          random(s.identities.seed),
          schedule(l),
          gateways(l, s.gateways, report, random, [this](const auto& request, const auto& when) {
              on_transmission(request, when);
          }) {
        nodes.reserve(s.devices);
        for (std::uint32_t i = 0; i < s.devices; ++i) {
            nodes.push_back({.index = i,
                             .device = Device(identity_of(s.identities, i),
                                              s.device,
                                              [this](std::size_t n) { return random() % n; })});
        }
    }

    Duration somewhere_in(Duration from, Duration to) {
        return Duration(
            std::uniform_int_distribution<std::int64_t>(from.count(), to.count())(random));
    }
    bool happens(double share) { return std::uniform_real_distribution<double>()(random) < share; }
    Duration period() const {
        return Duration(
            static_cast<std::int64_t>(1e6 * settings.devices / settings.uplinks_per_second));
    }
    void tell(std::string_view what, const Node& node, std::string_view text) {
        if (!observer) return;
        observer(loop.now(),
                 fmt::format("{:<9}{}  {}", what, node.device.identity().dev_eui.to_text(), text));
    }

    void start();
    void join(Node& node);
    void tick(Node& node);
    void send_uplink(Node& node);
    void repeat(Node& node);
    std::size_t transmit(Node& node, const Transmission& transmission);
    void windows_passed(Node& node);
    void on_transmission(const TxRequest& request, const Concentrator::Transmission& when);
    void arrive(const std::vector<Listeners::Listener>& listeners, const Bytes& phy);
    bool hear(Node& node, const Listeners::Listener& listener, const Bytes& phy);
    void heard_data(Node& node, std::uint8_t window, const HeardDownlink& downlink);

    io::Loop& loop;
    SimulationSettings settings;
    Observer observer;
    std::mt19937_64 random;
    Report report;
    Schedule schedule;
    Gateways gateways;
    Listeners listeners;
    std::vector<Node> nodes;
    bool finishing = false;
};

void Simulation::State::start() {
    gateways.start();
    // Joins take five seconds each: enough of them at once to be through soon, not all in one.
    const Duration spread = std::max<Duration>(seconds(2), seconds(settings.devices / 200));
    const bool otaa = settings.device.activation == Activation::otaa;
    for (Node& node : nodes) {
        const Duration last = otaa ? spread : std::min(period(), spread);
        schedule.at(loop.now() + kFirstFrames + somewhere_in(Duration::zero(), last),
                    [this, &node, otaa] { otaa ? join(node) : tick(node); });
    }
}

void Simulation::State::join(Node& node) {
    if (finishing) return;
    ++report.joins_sent;
    const Transmission transmission = node.device.join_request();
    const std::size_t heard_by = transmit(node, transmission);
    tell("join",
         node,
         fmt::format("DevNonce {}, {}, {} gateways",
                     node.device.next_dev_nonce() - 1,
                     radio_text(transmission.modulation, transmission.frequency_hz),
                     heard_by));
}

// It is time for a frame of this device.
void Simulation::State::tick(Node& node) {
    if (finishing) return;
    const Duration mean = period();
    schedule.at(loop.now() + somewhere_in(mean / 2, mean + mean / 2),
                [this, &node] { tick(node); });
    if (node.busy) {
        ++report.uplinks_postponed;
    } else {
        send_uplink(node);
    }
}

void Simulation::State::send_uplink(Node& node) {
    node.confirmed = happens(settings.confirmed);
    const auto payload = measurement(node.index, node.frames++);
    const std::uint32_t fcnt = node.device.next_fcnt();
    const Transmission transmission = node.device.uplink(settings.fport, payload, node.confirmed);
    ++report.uplinks;
    if (node.confirmed) ++report.confirmed;
    const std::size_t heard_by = transmit(node, transmission);
    if (heard_by == 0) ++report.uplinks_unheard;
    tell("uplink",
         node,
         fmt::format("FCnt {}, {}, {} gateways, {}{}",
                     fcnt,
                     radio_text(transmission.modulation, transmission.frequency_hz),
                     heard_by,
                     node.device.carried_payload() ? to_hex(payload) : "MAC answers only",
                     node.confirmed ? ", confirmed" : ""));
}

void Simulation::State::repeat(Node& node) {
    if (finishing || !node.device.wants_repeat()) {
        node.busy = false;
        return;
    }
    ++report.repeats;
    transmit(node, node.device.repeat());
}

// How many gateways hear it.
std::size_t Simulation::State::transmit(Node& node, const Transmission& transmission) {
    node.busy = true;
    ++node.transmission;
    const Instant end =
        loop.now() + lns::airtime(transmission.modulation, transmission.phy.size(), true);
    for (std::uint8_t i = 0; i < transmission.windows.size(); ++i) {
        listeners.open({.device = node.index, .transmission = node.transmission, .window = i},
                       end + transmission.windows[i].delay,
                       transmission.windows[i]);
    }
    schedule.at(end + transmission.windows[1].delay + kAfterWindows,
                [this, &node] { windows_passed(node); });

    std::size_t heard_by = 0;
    const std::uint32_t in_reach = std::min(gateways.count(), kGatewaysInReach);
    for (std::uint32_t distance = 0; distance < in_reach; ++distance) {
        const Level level = with_weather(
            level_of(settings.identities.seed, node.index, distance, transmission.eirp_dbm),
            random);
        if (!is_received(level, transmission.modulation) || happens(settings.loss)) continue;
        ++heard_by;
        const Arrival arrival{.end = end,
                              .frequency_hz = transmission.frequency_hz,
                              .modulation = transmission.modulation,
                              .level = level};
        const std::uint32_t gateway = (node.index + distance) % gateways.count();
        schedule.at(end + somewhere_in(Duration::zero(), kWayToServer),
                    [this, gateway, arrival, phy = transmission.phy] {
                        gateways.forward(gateway, phy, arrival);
                    });
    }
    return heard_by;
}

void Simulation::State::windows_passed(Node& node) {
    if (node.arriving > 0) {  // a long frame in RX2
        schedule.at(loop.now() + kAfterWindows, [this, &node] { windows_passed(node); });
        return;
    }
    listeners.forget_before(loop.now() - seconds(30));
    if (!node.device.joined()) {
        schedule.at(loop.now() + somewhere_in(seconds(1), seconds(5)),
                    [this, &node] { join(node); });
        return;
    }
    if (node.device.wants_repeat()) {
        const Duration wait = node.confirmed ? somewhere_in(seconds(1), seconds(3))
                                             : somewhere_in(Duration::zero(), seconds(1));
        schedule.at(loop.now() + wait, [this, &node] { repeat(node); });
        return;
    }
    if (node.confirmed) ++(node.device.acknowledged() ? report.acknowledged : report.given_up);
    node.confirmed = false;
    node.busy = false;
}

void Simulation::State::on_transmission(const TxRequest& request,
                                        const Concentrator::Transmission& when) {
    auto hearing = listeners.hearing(request, when.from);
    if (hearing.empty()) return void(++report.outside_window);
    for (const auto& listener : hearing) ++nodes[listener.device].arriving;
    schedule.at(when.to,
                [this, hearing = std::move(hearing), phy = request.phy] { arrive(hearing, phy); });
}

void Simulation::State::arrive(const std::vector<Listeners::Listener>& hearing, const Bytes& phy) {
    bool wanted = false;
    for (const auto& listener : hearing) {
        Node& node = nodes[listener.device];
        --node.arriving;
        wanted |= hear(node, listener, phy);
    }
    if (!wanted) ++report.outside_window;
}

// Whether the frame meant this device.
bool Simulation::State::hear(Node& node, const Listeners::Listener& listener, const Bytes& phy) {
    // Who has received something in RX1 does not open RX2.
    if (listener.transmission != node.transmission ||
        node.heard_transmission == node.transmission) {
        return false;
    }
    if (happens(settings.loss)) {
        ++report.lost_on_air;
        return true;
    }
    const HeardDownlink downlink = node.device.on_downlink(phy);
    switch (downlink.hearing) {
        case Hearing::join_accepted:
            ++report.joins_accepted;
            tell("joined",
                 node,
                 fmt::format(
                     "DevAddr {} in RX{}", node.device.dev_addr().to_text(), listener.window + 1));
            schedule.at(loop.now() + seconds(3) + somewhere_in(Duration::zero(), period()),
                        [this, &node] { tick(node); });
            break;
        case Hearing::data:
            heard_data(node, listener.window, downlink);
            break;
        case Hearing::repeated:
            ++report.repeated_counters;
            return true;
        case Hearing::bad_mic:
            ++report.mic_failures;
            return true;
        case Hearing::malformed:
            ++report.malformed_frames;
            return true;
        case Hearing::not_mine:
            return false;
    }
    node.heard_transmission = node.transmission;
    ++report.heard[listener.window];
    return true;
}

void Simulation::State::heard_data(Node& node, std::uint8_t window, const HeardDownlink& downlink) {
    const bool for_application = downlink.fport.value_or(0) > 0;
    if (for_application) {
        ++report.application_downlinks;
        if (settings.expected_downlink && *settings.expected_downlink != downlink.payload) {
            ++report.payload_mismatches;
        }
    }
    tell("downlink",
         node,
         fmt::format("RX{}{}{}",
                     window + 1,
                     downlink.ack ? ", ACK" : "",
                     for_application
                         ? fmt::format(", FPort {}, {}", *downlink.fport, to_hex(downlink.payload))
                         : ""));
}

Simulation::Simulation(io::Loop& loop, const SimulationSettings& settings, Observer observer)
    : state_(std::make_unique<State>(loop, settings, std::move(observer))) {}

Simulation::~Simulation() = default;

void Simulation::start() { state_->start(); }

void Simulation::finish() { state_->finishing = true; }

Report Simulation::report() const {
    Report out = state_->report;
    out.gateways = state_->gateways.count();
    out.devices = static_cast<std::uint32_t>(state_->nodes.size());
    for (const Node& node : state_->nodes) {
        out.devices_joined += node.device.joined();
        out.mac_requests += node.device.mac_counts().requests;
        out.mac_refused += node.device.mac_counts().refused;
        out.mac_malformed += node.device.mac_counts().malformed;
        out.next_fcnt = std::max(out.next_fcnt, node.device.next_fcnt());
        out.next_dev_nonce =
            std::max<std::uint32_t>(out.next_dev_nonce, node.device.next_dev_nonce());
        ++out.devices_by_data_rate[node.device.radio().data_rate];
    }
    return out;
}

}  // namespace helio::sim
