// A network in which one device has been heard and nothing is left to settle: what follows in a
// test is only what the test asks for.
#pragma once

#include "tests/lns/network.h"

namespace helio::lns::test {

struct Quiet {
    Network n;
    DeviceSide device;
    Bytes answers;  // to be sent with the next uplink

    explicit Quiet(Config config = Network::quiet())
        : n(std::move(config)), device(n.with_abp_device()) {
        for (int i = 0; i < 8; ++i) hears(exchange());
        n.events.clear();
    }

    std::vector<GatewayDownlink> exchange(UplinkOptions o = {}, const Reception& r = {}) {
        const Bytes own = std::exchange(answers, {});
        o.fopts.insert(o.fopts.end(), own.begin(), own.end());
        n.uplink(device.uplink(o), r);
        auto down = n.take_downlinks();
        for (const auto& d : down) n.ack(d);
        n.pass(10s);
        return down;
    }
    std::optional<Received> hears(const std::vector<GatewayDownlink>& down) {
        if (down.empty()) return std::nullopt;
        auto received = device.receive(down.back().phy_payload);
        if (received) answers = DeviceSide::answers_to(received->commands);
        return received;
    }
};

}  // namespace helio::lns::test
