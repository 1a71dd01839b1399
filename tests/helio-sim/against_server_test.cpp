// The simulated network against the network server, over real UDP in real time: each was written
// from its own side of the specification.
#include "gateway-bridge/semtech-udp/io/udp_backend.h"
#include "lns/network_server.h"
#include "tests/lns/owner.h"
#include "tests/support/catch.h"
#include "tools/helio-sim/simulation.h"

using namespace helio;
using namespace helio::sim;
namespace bridge = helio::gateway_bridge::semtech_udp;

namespace {

// The server's wiring as short as it can be: everything is durable at once.
struct Server final : bridge::UdpBackend::Handler {
    io::Loop& loop;
    lns::test::Owner owner;
    lns::Outbox outbox;
    lns::NetworkServer network;
    bridge::UdpBackend gateways;
    io::Timer timer;
    std::vector<lns::proto::Event> events;

    explicit Server(io::Loop& l)
        : loop(l),
          network({}, *owner.registry, crypto::seeded_random(1), outbox),
          gateways(
              l,
              io::Peer::loopback(0),
              "test",
              {},
              [this](Eui64 eui) -> std::optional<bridge::GatewayInfo> {
                  if (!owner.registry->is_gateway(eui)) return std::nullopt;
                  return bridge::GatewayInfo{};
              },
              *this),
          timer(l, [this] { settle(); }) {}

    void on_uplink(const lns::GatewayUplink& uplink) override {
        network.on_uplink(uplink, loop.now());
        timer.start_after(Duration::zero());
    }
    void on_tx_ack(const lns::GatewayTxAck& ack) override {
        network.on_tx_ack(ack, loop.now());
        timer.start_after(Duration::zero());
    }
    void on_status(const lns::GatewayStatus& status) override {
        network.on_gateway_status(status, loop.now());
    }
    void settle() {
        const auto next = network.on_time(loop.now());
        owner.store->flush(loop.now());
        for (const auto& item : outbox.send_downlink) gateways.send(item.downlink);
        for (const auto& item : outbox.publish_event) events.push_back(item.publish.event);
        outbox.send_downlink.clear();
        outbox.publish_event.clear();
        if (next) timer.start_at(*next);
    }

    void registers(const SimulationSettings& simulation) {
        auto profile = lns::test::Owner::device_profile();
        profile.set_region(std::string(simulation.device.region->name));
        REQUIRE(owner.registry->create(profile));
        REQUIRE(owner.registry->create(lns::test::Owner::destination()));
        for (std::uint32_t i = 0; i < simulation.gateways.count; ++i) {
            auto gateway = lns::test::Owner::gateway(simulation.gateways.first_eui.value() + i,
                                                     profile.region());
            gateway.set_id(lns::test::id_of(i));
            REQUIRE(owner.registry->create(gateway));
        }
        for (std::uint32_t i = 0; i < simulation.devices; ++i) {
            const Identity keys = identity_of(simulation.identities, i);
            const bool abp = simulation.device.activation == Activation::abp;
            auto device = abp ? lns::test::Owner::abp(keys.dev_eui.value(), keys.dev_addr.value())
                              : lns::test::Owner::otaa(keys.dev_eui.value());
            device.set_id(lns::test::id_of(i));
            device.set_destination("field");
            if (abp) {
                device.mutable_abp()->set_nwk_s_key(std::string(text_of(keys.nwk_s_key.bytes)));
                device.mutable_abp()->set_app_s_key(std::string(text_of(keys.app_s_key.bytes)));
            } else {
                device.mutable_otaa()->set_join_eui(keys.join_eui.value());
                device.mutable_otaa()->set_app_key(std::string(text_of(keys.app_key.bytes)));
            }
            REQUIRE(owner.registry->create(device));
        }
    }

    std::size_t count(lns::proto::Event::KindCase kind) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            events, [&](const auto& event) { return event.kind_case() == kind; }));
    }
};

struct Outcome {
    Report report;
    std::size_t joins;
    std::size_t uplinks;
};

Outcome simulate(SimulationSettings settings, const std::function<bool(const Report&)>& done) {
    io::Loop loop;
    Server server(loop);
    server.registers(settings);
    settings.gateways.server = server.gateways.socket().local();
    Simulation simulation(loop, settings, nullptr);
    simulation.start();
    REQUIRE(loop.run_until([&] { return done(simulation.report()); }, std::chrono::seconds(60)));
    return {.report = simulation.report(),
            .joins = server.count(lns::proto::Event::kJoin),
            .uplinks = server.count(lns::proto::Event::kUp)};
}

void check_nothing_was_wrong(const Report& report) {
    CHECK(report.outside_window == 0);
    CHECK(report.mic_failures == 0);
    CHECK(report.repeated_counters == 0);
    CHECK(report.malformed_frames == 0);
    CHECK(report.pull_resps_malformed == 0);
    CHECK(report.mac_malformed == 0);
    CHECK(report.mac_refused == 0);
}

}  // namespace

TEST_CASE("devices join and speak in each region, and every downlink is in a window",
          "[simulation]") {
    struct Row {
        const char* region;
        unsigned sub_band;
        std::uint8_t data_rate;
    };
    const auto row = GENERATE(values<Row>({{"EU868", 0, 5}, {"US915", 2, 3}}));
    CAPTURE(row.region);
    const auto outcome = simulate({.device = {.region = lns::find_region(row.region),
                                              .sub_band = row.sub_band,
                                              .data_rate = row.data_rate},
                                   .devices = 5,
                                   .uplinks_per_second = 4},
                                  [](const Report& r) { return r.uplinks >= 6; });
    CHECK(outcome.report.devices_joined >= 3);
    CHECK(outcome.joins >= outcome.report.joins_accepted);
    CHECK(outcome.uplinks >= 3);
    check_nothing_was_wrong(outcome.report);
}

TEST_CASE("confirmed uplinks are acknowledged although receptions are lost", "[simulation]") {
    const auto outcome = simulate({.device = {.region = lns::find_region("EU868"),
                                              .activation = Activation::abp,
                                              .data_rate = 4},
                                   .devices = 5,
                                   .uplinks_per_second = 2,
                                   .confirmed = 1,
                                   .loss = 0.1},
                                  [](const Report& r) { return r.acknowledged >= 6; });
    CHECK(outcome.report.heard[0] + outcome.report.heard[1] >= 6);
    CHECK(outcome.uplinks >= 6);
    check_nothing_was_wrong(outcome.report);
}

TEST_CASE("a downlink that gateways refuse for RX1 is heard in RX2", "[simulation]") {
    SimulationSettings settings{.device = {.region = lns::find_region("EU868"),
                                           .activation = Activation::abp,
                                           .data_rate = 5},
                                .devices = 4,
                                .uplinks_per_second = 1,
                                .confirmed = 1};
    settings.gateways.refusals = {{.word = "COLLISION_PACKET", .share = 0.5}};
    const auto outcome =
        simulate(settings, [](const Report& r) { return r.heard[1] >= 1 && r.acknowledged >= 3; });
    CHECK(outcome.report.tx_acks.at("COLLISION_PACKET") >= 1);
    check_nothing_was_wrong(outcome.report);
}
