#include "tools/helio-sim/device.h"

#include "lns/frame/join_request.h"
#include "lns/frame/mic.h"
#include "lns/frame/payload_crypto.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::sim;
using namespace std::chrono_literals;

namespace {

const lns::Region& kEu868 = *lns::find_region("EU868");
const lns::Region& kUs915 = *lns::find_region("US915");

lns::Modulation lora(std::uint8_t sf, std::uint32_t bandwidth_hz = 125'000) {
    return lns::LoraModulation{.bandwidth_hz = bandwidth_hz, .spreading_factor = sf};
}

// A device, and a network that shares its keys and says what a test wants it to say.
struct Pair {
    explicit Pair(DeviceSettings settings) : device(identity_of({}, 0), settings, pick_first()) {}
    static Device::RandomIndex pick_first() {
        return [](std::size_t) { return 0; };
    }
    static Pair abp() { return Pair({.region = &kEu868, .activation = Activation::abp}); }

    struct Down {
        Bytes fopts;
        std::optional<std::uint8_t> fport;
        Bytes payload;
        bool confirmed = false;
        bool ack = false;
    };
    Bytes downlink(const Down& what, std::uint32_t fcnt) const {
        const Identity& keys = device.identity();
        const lns::DevAddr address = keys.dev_addr;
        Bytes cipher = what.payload;
        lns::crypt_frm_payload(what.fport == std::uint8_t{0} ? keys.nwk_s_key : keys.app_s_key,
                               {lns::Direction::down, address, lns::FCnt32{fcnt}},
                               cipher,
                               cipher);
        Bytes phy;
        lns::encode_unsigned({.direction = lns::Direction::down,
                              .confirmed = what.confirmed,
                              .dev_addr = address,
                              .ack = what.ack,
                              .fcnt = wire_of(lns::FCnt32{fcnt}),
                              .fopts = what.fopts,
                              .fport = what.fport,
                              .frm_payload = {cipher}},
                             phy);
        lns::append_mic(
            lns::data_mic(keys.nwk_s_key, {lns::Direction::down, address, lns::FCnt32{fcnt}}, phy),
            phy);
        return phy;
    }
    HeardDownlink hears(const Down& what) {
        return device.on_downlink(downlink(what, fcnt_down++));
    }
    void asks(std::string_view commands_hex) {
        REQUIRE(hears({.fopts = *from_hex(commands_hex)}).hearing == Hearing::data);
    }

    Transmission sends(std::size_t payload = 5, bool confirmed = false) {
        last = device.uplink(1, Bytes(payload), confirmed);
        return last;
    }
    // The MAC answers in the next uplink, in hex.
    std::string answers() {
        const auto transmission = sends();
        return to_hex(lns::parse_data_frame(transmission.phy)->fopts);
    }
    lns::DataFrame frame() { return *lns::parse_data_frame(last.phy); }

    Device device;
    Transmission last;
    std::uint32_t fcnt_down = 0;
};

}  // namespace

TEST_CASE("a device joins, and its frames are signed with the keys that follow", "[device]") {
    Pair pair({.region = &kEu868, .first_dev_nonce = 300});
    const auto transmission = pair.device.join_request();
    const auto request = lns::parse_join_request(transmission.phy);
    REQUIRE(request);
    CHECK(request->dev_nonce.value == 300);
    CHECK(transmission.windows[0].delay == 5s);
    CHECK(transmission.windows[1].delay == 6s);

    const lns::JoinAccept accept{.join_nonce = lns::JoinNonce::from_value(7),
                                 .net_id = lns::NetId::from_value(0x13),
                                 .dev_addr = lns::DevAddr::from_value(0x2600'0001),
                                 .rx1_dr_offset = 1,
                                 .rx2_data_rate = 3,
                                 .rx_delay_s = 5};
    const Identity identity = identity_of({}, 0);
    CHECK(pair.device.on_downlink(lns::encode_join_accept(accept, identity.app_key)).hearing ==
          Hearing::join_accepted);
    CHECK(pair.device.joined());

    const auto uplink = pair.device.uplink(1, Bytes{1, 2, 3}, false);
    const auto frame = lns::parse_data_frame(uplink.phy);
    const auto keys = crypto::derive_session_keys_1_0(identity.app_key, 7, 0x13, 300);
    CHECK(frame->dev_addr == accept.dev_addr);
    CHECK(frame->mic == lns::data_mic_1_0(*frame, lns::FCnt32{0}, keys.f_nwk_s_int_key));
    CHECK(lns::decrypt_frm_payload(*frame, lns::FCnt32{0}, keys.app_s_key) == Bytes{1, 2, 3});
    CHECK(uplink.windows[0].delay == 5s);
    CHECK(uplink.windows[1].modulation == lora(9));
}

TEST_CASE("each join-request has the next DevNonce", "[device]") {
    Pair pair({.region = &kEu868, .first_dev_nonce = 9});
    for (std::uint16_t nonce = 9; nonce < 12; ++nonce) {
        const auto transmission = pair.device.join_request();
        CHECK(lns::parse_join_request(transmission.phy)->dev_nonce.value == nonce);
    }
    CHECK(pair.device.next_dev_nonce() == 12);
}

TEST_CASE("a join-accept for another device is not believed", "[device]") {
    Pair pair({.region = &kEu868});
    pair.device.join_request();
    const Bytes foreign = lns::encode_join_accept({}, identity_of({}, 1).app_key);
    CHECK(pair.device.on_downlink(foreign).hearing == Hearing::bad_mic);
    CHECK_FALSE(pair.device.joined());
}

TEST_CASE("the channels of a join-accept are used", "[device]") {
    Pair pair({.region = &kEu868});
    pair.device.join_request();
    lns::JoinAccept accept;
    accept.cflist = lns::encode_cflist(lns::CFListFrequencies{{867'100'000, 867'300'000}});
    pair.device.on_downlink(lns::encode_join_accept(accept, identity_of({}, 0).app_key));
    CHECK(pair.device.radio().enabled.count() == 5);
    CHECK(pair.device.radio().channels[4]->frequency_hz == 867'300'000);
}

TEST_CASE("in EU868 RX1 is where the uplink was and RX2 is at 869.525 MHz", "[device]") {
    Pair pair({.region = &kEu868, .activation = Activation::abp, .data_rate = 5});
    const auto up = pair.sends();
    CHECK(up.modulation == lora(7));
    CHECK(up.windows[0].delay == 1s);
    CHECK(up.windows[0].frequency_hz == up.frequency_hz);
    CHECK(up.windows[0].modulation == lora(7));
    CHECK(up.windows[1].delay == 2s);
    CHECK(up.windows[1].frequency_hz == 869'525'000);
    CHECK(up.windows[1].modulation == lora(12));
}

TEST_CASE("in US915 a device keeps to its sub-band and listens on the eight wide channels",
          "[device]") {
    Pair pair({.region = &kUs915, .activation = Activation::abp, .sub_band = 2});
    const auto up = pair.sends();
    CHECK(up.frequency_hz == 903'900'000);  // channel 8
    CHECK(up.windows[0].frequency_hz == 923'300'000);
    CHECK(up.windows[0].modulation == lora(10, 500'000));
    CHECK(up.windows[1].modulation == lora(12, 500'000));
    CHECK(pair.device.radio().enabled.count() == 9);
}

TEST_CASE("LinkADRReq sets data rate, power, channels and repetitions", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("0353050002");  // DR5, power 3, channels 0 and 2, NbTrans 2
    CHECK(pair.device.radio().data_rate == 5);
    CHECK(pair.device.radio().eirp_dbm() == 10);
    CHECK(pair.device.radio().enabled.to_ulong() == 0b101);
    CHECK(pair.device.radio().nb_trans == 2);
    CHECK(pair.answers() == "0307");
    CHECK(pair.answers().empty());
}

TEST_CASE("a LinkADRReq that asks for the impossible changes nothing", "[device]") {
    struct Row {
        const char* request;
        const char* answer;
    };
    const auto row = GENERATE(values<Row>({
        {"0350000001", "0306"},  // no channel at all
        {"0350080001", "0306"},  // channel 3 is not there
        {"0350070071", "0306"},  // a reserved control value
        {"03e0070001", "0305"},  // no such data rate
        {"0360070001", "0305"},  // no channel carries it
        {"0358070001", "0303"},  // no such power
    }));
    CAPTURE(row.request);
    Pair pair = Pair::abp();
    pair.asks(row.request);
    CHECK(pair.device.radio().data_rate == 0);
    CHECK(pair.device.radio().enabled.to_ulong() == 0b111);
    CHECK(pair.answers() == row.answer);
    CHECK(pair.device.mac_counts().refused == 1);
}

TEST_CASE("LinkADRReq next to each other are taken as one", "[device]") {
    Pair pair({.region = &kUs915, .activation = Activation::abp});
    pair.asks("03000000710330ff0001");  // all narrow off; then DR3 on channels 0..7
    CHECK(pair.device.radio().enabled.to_string().find('1') == lns::kMaxChannels - 8);
    CHECK(pair.device.radio().enabled.count() == 8);
    CHECK(pair.device.radio().data_rate == 3);
    CHECK(pair.answers() == "03070307");

    pair.asks("03300000710330000001");  // the block leaves no channel on
    CHECK(pair.device.radio().enabled.count() == 8);
    CHECK(pair.answers() == "03060306");
}

TEST_CASE("RXParamSetupReq moves RX2 and is answered until a downlink comes", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("0513d2ad84");  // offset 1, DR3, 869.525 MHz
    CHECK(pair.answers() == "0507");
    CHECK(pair.answers() == "0507");
    CHECK(pair.last.windows[1].modulation == lora(9));
    pair.asks("");
    CHECK(pair.answers().empty());
    pair.asks("057fd2ad84");  // offset 7, DR15
    CHECK(pair.answers() == "0501");
}

TEST_CASE("RXTimingSetupReq moves both windows", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("0803");
    CHECK(pair.answers() == "08");
    CHECK(pair.last.windows[0].delay == 3s);
    CHECK(pair.last.windows[1].delay == 4s);
}

TEST_CASE("DevStatusReq is answered with battery and margin", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("06");
    CHECK(pair.answers() == "06c80a");
}

TEST_CASE("NewChannelReq adds a channel and DlChannelReq moves its answer", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("0703184f8450");  // channel 3, 867.1 MHz, DR0..5
    pair.asks("0a03e85684");    // its RX1 at 867.3 MHz
    REQUIRE(pair.device.radio().channels[3]);
    CHECK(pair.device.radio().channels[3]->frequency_hz == 867'100'000);
    CHECK(pair.device.radio().channels[3]->downlink_frequency_hz == 867'300'000);
    CHECK(pair.answers() == "0a030703");
    pair.asks("0700184f8450");  // a default channel stays
    CHECK(pair.answers() == "0700");
    pair.asks("0a09e85684");  // a channel that is not there
    CHECK(pair.answers() == "0a01");
}

TEST_CASE("commands of other regions and answers to us make no answer", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("0905");
    pair.asks("020a01");
    pair.asks("0d0102030405");
    CHECK(pair.answers().empty());
    CHECK(pair.device.mac_counts().malformed == 0);
}

TEST_CASE("behind an unknown or cut command nothing is read", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("800606");
    CHECK(pair.answers().empty());
    pair.asks("06030506");
    CHECK(pair.answers() == "06c80a");
    CHECK(pair.device.mac_counts().malformed == 2);
}

TEST_CASE("MAC commands on FPort 0 are those of FOpts", "[device]") {
    Pair pair = Pair::abp();
    CHECK(pair.hears({.fport = std::uint8_t{0}, .payload = {0x06}}).hearing == Hearing::data);
    CHECK(pair.answers() == "06c80a");
}

TEST_CASE("answers that leave no room for the payload go alone", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("06060606");  // twelve bytes of answers
    pair.sends(40);         // DR0 takes 51
    CHECK_FALSE(pair.device.carried_payload());
    CHECK(pair.frame().fport == std::uint8_t{0});
    CHECK(
        lns::decrypt_frm_payload(pair.frame(), lns::FCnt32{0}, pair.device.identity().nwk_s_key) ==
        *from_hex("06c80a06c80a06c80a06c80a"));
    pair.sends(40);
    CHECK(pair.device.carried_payload());
}

TEST_CASE("a confirmed uplink is repeated until it is acknowledged", "[device]") {
    Pair pair = Pair::abp();
    const auto first = pair.sends(5, true);
    REQUIRE(pair.device.wants_repeat());
    CHECK(pair.device.repeat().phy == first.phy);
    pair.hears({});
    CHECK(pair.device.wants_repeat());  // a downlink, but no ACK
    pair.hears({.ack = true});
    CHECK_FALSE(pair.device.wants_repeat());
    CHECK(pair.device.acknowledged());
}

TEST_CASE("a confirmed uplink is sent eight times at most", "[device]") {
    Pair pair = Pair::abp();
    pair.sends(5, true);
    unsigned sent = 1;
    for (; pair.device.wants_repeat(); ++sent) pair.device.repeat();
    CHECK(sent == 8);
    CHECK_FALSE(pair.device.acknowledged());
}

TEST_CASE("an unconfirmed uplink is sent NbTrans times, or until a downlink comes", "[device]") {
    Pair pair = Pair::abp();
    pair.asks("0350070003");
    pair.sends();
    REQUIRE(pair.device.wants_repeat());
    pair.device.repeat();
    REQUIRE(pair.device.wants_repeat());
    pair.device.repeat();
    CHECK_FALSE(pair.device.wants_repeat());
    pair.sends();
    pair.hears({});
    CHECK_FALSE(pair.device.wants_repeat());
}

TEST_CASE("a confirmed downlink is acknowledged in the next uplink, once", "[device]") {
    Pair pair = Pair::abp();
    const auto heard =
        pair.hears({.fport = std::uint8_t{10}, .payload = {1, 2, 3}, .confirmed = true});
    CHECK(heard.fport == 10);
    CHECK(heard.payload == Bytes{1, 2, 3});
    pair.sends();
    CHECK(pair.frame().ack);
    pair.sends();
    CHECK_FALSE(pair.frame().ack);
}

TEST_CASE("a downlink that is not new, not right or not ours is told apart", "[device]") {
    Pair pair = Pair::abp();
    const Bytes first = pair.downlink({}, 0);
    CHECK(pair.device.on_downlink(first).hearing == Hearing::data);
    CHECK(pair.device.on_downlink(first).hearing == Hearing::repeated);
    Bytes wrong = pair.downlink({}, 1);
    wrong.back() ^= 1;
    CHECK(pair.device.on_downlink(wrong).hearing == Hearing::bad_mic);
    Bytes foreign = pair.downlink({}, 1);
    foreign[1] ^= 1;
    CHECK(pair.device.on_downlink(foreign).hearing == Hearing::not_mine);
    CHECK(pair.device.on_downlink(Bytes{0x60, 1}).hearing == Hearing::malformed);
    CHECK(pair.device.on_downlink(Bytes{}).hearing == Hearing::malformed);
}

TEST_CASE("a device that hears nothing asks after 64 uplinks and then turns back", "[device]") {
    Pair pair({.region = &kEu868, .activation = Activation::abp, .data_rate = 5});
    pair.asks("0351070001");  // power 1
    const auto send = [&](int times) {
        for (int i = 0; i < times; ++i) pair.sends();
    };
    send(63);
    CHECK_FALSE(pair.frame().adr_ack_req);
    send(1);
    CHECK(pair.frame().adr_ack_req);
    send(31);
    CHECK(pair.device.radio().power_index == 1);
    send(1);
    CHECK(pair.device.radio().power_index == 0);
    send(32);
    CHECK(pair.device.radio().data_rate == 4);
    send(32);
    CHECK(pair.device.radio().data_rate == 3);
    pair.asks("");
    pair.sends();
    CHECK_FALSE(pair.frame().adr_ack_req);
}
