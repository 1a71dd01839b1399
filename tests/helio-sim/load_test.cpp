#include "base/base64.h"
#include "base/io/loop.h"
#include "base/io/udp_socket.h"
#include "lns/frame/join_request.h"
#include "lns/frame/mic.h"
#include "lns/frame/payload_crypto.h"
#include "tests/support/catch.h"
#include "tools/helio-sim/load/load_generator.h"

#include <boost/json.hpp>
#include <sstream>
#include <thread>

using namespace helio;
using namespace helio::sim;

namespace {

struct Received {
    Eui64 gateway;
    Bytes phy;
};

// Sends `frames` to a socket that writes down the frames it is sent.
std::vector<Received> sent_by(LoadSettings settings, std::uint32_t devices, std::size_t frames) {
    io::Loop loop;
    std::vector<Received> out;
    io::UdpSocket server(loop, io::Peer::loopback(0), "test", [&](auto batch) {
        for (const io::Datagram& d : batch) {
            const auto root = boost::json::parse(std::string(text_of(d.bytes.subspan(12))));
            const auto& rxpk = root.at("rxpk").at(0);
            out.push_back({.gateway = Eui64::from_big_endian(d.bytes.template subspan<4, 8>()),
                           .phy = *from_base64(std::string_view(rxpk.at("data").as_string()))});
        }
    });
    settings.server = server.local();
    LoadGenerator generator(settings);
    generator.prepare(devices);
    std::atomic<bool> stop = false;
    std::thread sender([&] { generator.send_at_rate(2000, std::chrono::seconds(20), stop); });
    const bool enough = loop.run_until([&] { return out.size() >= frames; });
    stop = true;
    sender.join();
    REQUIRE(enough);
    return out;
}

}  // namespace

TEST_CASE("a load uplink carries its time and its sequence in a frame that is right", "[load]") {
    const LoadSettings settings{.gateways = 2};
    const auto received = sent_by(settings, 3, 9);
    for (std::uint32_t i = 0; i < 9; ++i) {
        CAPTURE(i);
        const Identity device = identity_of(settings.identities, i % 3);
        CHECK(received[i].gateway.value() == settings.gateway_eui.value() + i % 3 % 2);
        const auto frame = lns::parse_data_frame(received[i].phy);
        REQUIRE(frame);
        CHECK(frame->dev_addr == device.dev_addr);
        const lns::FCnt32 fcnt{i / 3};
        CHECK(frame->fcnt == wire_of(fcnt));
        CHECK(frame->mic == lns::data_mic_1_0(*frame, fcnt, device.nwk_s_key));
        const auto payload =
            parse_load_payload(lns::decrypt_frm_payload(*frame, fcnt, device.app_s_key));
        REQUIRE(payload);
        CHECK(payload->sequence == i);
        CHECK(to_unix_us(payload->sent_at) > 0);
    }
}

TEST_CASE("a load uplink is heard by as many gateways as it has copies", "[load]") {
    const auto received = sent_by({.gateways = 3, .copies = 2}, 2, 4);
    CHECK(received[0].phy == received[1].phy);
    CHECK(received[0].gateway != received[1].gateway);
    CHECK(received[2].phy != received[1].phy);
}

TEST_CASE("load join-requests are signed and never repeat a DevNonce", "[load]") {
    const LoadSettings settings{.first_fcnt = 7, .joins = true};
    const auto received = sent_by(settings, 2, 4);
    for (std::uint32_t i = 0; i < 4; ++i) {
        const auto request = lns::parse_join_request(received[i].phy);
        REQUIRE(request);
        const Identity device = identity_of(settings.identities, i % 2);
        CHECK(request->dev_eui == device.dev_eui);
        CHECK(request->dev_nonce.value == 7 + i / 2);
        CHECK(request->mic == lns::plain_mic(device.app_key, request->signed_bytes));
    }
}

TEST_CASE("a load payload is read back as it was written", "[load]") {
    const LoadPayload payload{.sent_at = from_unix_us(1'795'253'400'123'456), .sequence = 42};
    CHECK(parse_load_payload(encode_load_payload(payload)) == payload);
    CHECK_FALSE(parse_load_payload(Bytes(15)));
}

TEST_CASE("identities follow from the seed as it is written down", "[load]") {
    // AES-128 of 0000000000000001 a0b1c2d300000002 under "heliosim" | 0000000000000001.
    const Identity device = identity_of({}, 2);
    CHECK(device.dev_eui.to_text() == "a0b1c2d300000002");
    CHECK(device.dev_addr.to_text() == "01000002");
    CHECK(to_hex(device.app_key.bytes) == "b3cced8e882c2549947c7bb3d3476d51");
    CHECK(device.app_key != identity_of({.seed = 2}, 2).app_key);
}

TEST_CASE("a device list has the columns of helioctl device import", "[load]") {
    std::ostringstream otaa;
    write_device_list(otaa, {}, 1, {});
    CHECK(
        otaa.str().starts_with("name,dev_eui,join_eui,app_key,nwk_s_key,app_s_key,dev_addr,"
                               "profile,destination\nsim-000000,a0b1c2d300000000,"
                               "70b3d57ed0000001,"));
    CHECK(otaa.str().ends_with(",,,,sim,sim\n"));
    std::ostringstream abp;
    write_device_list(abp, {}, 1, {.activation = Activation::abp});
    CHECK(abp.str().ends_with(",01000000,sim,sim\n"));
}
