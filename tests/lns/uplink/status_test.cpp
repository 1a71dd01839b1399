// What the server asks a device for its owner's sake: its status, and the data rate it should use.
#include "lns/adr/adr_of_device.h"
#include "lns/mac/link_adr.h"
#include "tests/lns/network.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

struct Watched {
    Network n;
    DeviceSide device = DeviceSide::abp(7, 0x01020304);
    Bytes answers;
    int status_requests = 0;
    std::optional<mac::LinkAdrReq> asked;

    explicit Watched(std::uint32_t requests_per_day = 0, bool adr = true) {
        auto profile = Owner::device_profile();
        profile.mutable_adr()->set_disabled(!adr);
        auto service = Owner::service_profile(2);
        service.set_device_status_requests_per_day(requests_per_day);
        auto record = Owner::abp(7, 0x01020304);
        record.set_service_profile_id(service.id());
        n.registry->create(profile);
        n.registry->create(service);
        n.registry->create(Owner::gateway(1));
        n.registry->create(record);
    }
    void exchange(UplinkOptions o = {}, const Reception& r = {}) {
        o.fopts = std::exchange(answers, {});
        n.uplink(device.uplink(o), r);
        for (const auto& down : n.take_downlinks()) {
            n.ack(down);
            const auto received = device.receive(down.phy_payload);
            REQUIRE(received);
            answers = DeviceSide::answers_to(received->commands);
            ByteView rest = received->commands;
            while (const auto c = mac::next_command(Direction::down, rest)) {
                status_requests += c->row->cid == mac::Cid::dev_status;
                if (c->row->cid == mac::Cid::link_adr) {
                    asked = mac::parse_link_adr_req(c->payload.first<4>());
                }
            }
        }
    }
};

}  // namespace

TEST_CASE("a device is asked for its status as often as its service profile says", "[lns][mac]") {
    Watched w(24);
    for (int minute = 0; minute < 6 * 60; minute += 10) {
        w.exchange();
        w.n.pass(10min - 200ms);
    }
    CHECK(w.status_requests == 6);
    const auto statuses = w.n.take(proto::Event::kStatus);
    REQUIRE(statuses.size() == 6);
    CHECK(statuses[0].status().battery() == 200);
    CHECK(statuses[0].status().margin_db() == 10);
}

TEST_CASE("a device whose service profile asks for no status is never asked", "[lns][mac]") {
    Watched w;
    for (int i = 0; i < 20; ++i) {
        w.exchange();
        w.n.pass(3h);
    }
    CHECK(w.status_requests == 0);
}

TEST_CASE("a device that answers nothing is asked four times, then only beside other downlinks",
          "[lns][mac]") {
    Network n;
    auto device = n.with_abp_device();  // has to be told its channels
    const auto session = [&] { return *active_session(*n.store, device.dev_eui); };
    const auto exchange = [&](bool confirmed) {
        n.uplink(device.uplink({.confirmed = confirmed}));
        const auto down = n.take_downlinks();
        for (const auto& d : down) n.ack(d);
        n.pass(10s);
        return down.empty() ? std::nullopt : device.receive(down[0].phy_payload);
    };
    for (int i = 0; i < 4; ++i) {
        CHECK(exchange(false));
        CHECK(session().settled_with() == 0);
    }
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(exchange(false));
        CHECK(session().settled_with() != 0);
    }
    const auto beside = exchange(true);
    REQUIRE(beside);
    CHECK(beside->ack);
    CHECK_FALSE(beside->commands.empty());
    // Its answers are still taken in.
    n.uplink(device.uplink({.fopts = DeviceSide::answers_to(beside->commands)}));
    CHECK(session().current().extra_channels_size() == 5);
    CHECK(session().pending_size() == 0);
}

TEST_CASE("ADR brings a well-heard device from SF12 to SF7, and says why", "[lns][adr]") {
    Watched w;
    unsigned rate = 0;
    for (int i = 0; i < 25 && rate < 5; ++i) {
        w.asked.reset();
        w.exchange({.adr = true},
                   {.snr_db = 9,
                    .modulation = LoraModulation{125'000, static_cast<std::uint8_t>(12 - rate)}});
        if (i == 0) {
            const auto adr = adr_of(*w.n.registry, w.device.dev_eui);
            REQUIRE(adr);
            CHECK(adr->enabled);
            CHECK(adr->asked_for);
            CHECK(adr::explain(adr->decision).find("SNR 9.0 dB - floor -20.0 dB") !=
                  std::string::npos);
        }
        if (w.asked) rate = w.asked->data_rate;
        w.n.pass(30s);
    }
    CHECK(rate == 5);
}

TEST_CASE("a device without the ADR bit, or whose profile turns ADR off, keeps its data rate",
          "[lns][adr]") {
    const bool bit = GENERATE(false, true);
    Watched w(0, !bit);
    for (int i = 0; i < 25; ++i) {
        w.asked.reset();
        w.exchange({.adr = bit}, {.snr_db = 9, .modulation = LoraModulation{125'000, 12}});
        if (w.asked) CHECK(w.asked->data_rate == 0);
        w.n.pass(30s);
    }
    const auto adr = adr_of(*w.n.registry, w.device.dev_eui);
    REQUIRE(adr);
    CHECK(adr->enabled != bit);
    CHECK(adr->asked_for == bit);
}
