#include "gateway-bridge/semtech-udp/push_data.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;

namespace {

constexpr std::string_view kFull =
    R"({"tmst":3512348611,"time":"2026-11-21T09:30:00.123456Z","tmms":1479288618123,"chan":2,)"
    R"("rfch":1,"freq":868.1,"mid":8,"stat":1,"modu":"LORA","datr":"SF7BW125","codr":"4/5",)"
    R"("rssi":-35,"rssis":-36,"lsnr":5.1,"foff":-412,"ftime":987654321,"brd":3,)"
    R"("data":"AAEBAQEBAQEBAgICAgICAgIDAwm5ezI=","size":23})";

// kFull with one member's value replaced, or the member left out.
std::string with(std::string_view name, std::string_view value) {
    std::string out(kFull);
    const std::size_t at = out.find("\"" + std::string(name) + "\":");
    std::size_t from = at + name.size() + 3;
    std::size_t to = out.find_first_of(",}", from);
    if (value.empty()) {
        from = at;
        if (out[to] == ',') ++to;
    }
    out.replace(from, to - from, value);
    return out;
}

struct Parsed {
    PushData data;
    explicit Parsed(std::string_view rxpk) {
        const std::string json = R"({"rxpk":[)" + std::string(rxpk) + "]}";
        ok = parse_push_data(bytes_of(json), data).has_value();
    }
    bool ok;
    const lns::GatewayUplink& only() const {
        REQUIRE(data.uplinks.size() == 1);
        return data.uplinks[0];
    }
    std::uint32_t dropped(RxpkFlaw flaw) const {
        return data.dropped[static_cast<std::size_t>(flaw)];
    }
};

}  // namespace

TEST_CASE("a received LoRa frame is taken apart into its fields", "[semtech-udp]") {
    const Parsed parsed(kFull);
    const lns::GatewayUplink& uplink = parsed.only();
    CHECK(to_hex(uplink.phy_payload) == "0001010101010101010202020202020202030309b97b32");
    CHECK(uplink.frequency_hz == 868'100'000);
    CHECK(uplink.modulation == lns::Modulation(lns::LoraModulation{125'000, 7, 5}));
    CHECK(uplink.rssi_dbm == -35);
    CHECK(uplink.snr_db == 5.1f);
    CHECK(uplink.counter_us == 3'512'348'611u);
    REQUIRE(uplink.gateway_time);
    CHECK(to_unix_us(*uplink.gateway_time) == 1'795'253'400'123'456);
    CHECK(uplink.gps_time == GpsTime{std::chrono::milliseconds(1'479'288'618'123)});
    CHECK(uplink.fine_time_ns == 987'654'321u);
    CHECK(uplink.channel == 2);
    CHECK(uplink.rf_chain == 1);
    CHECK(uplink.board == 3);
    CHECK(uplink.antenna == 0);
    CHECK(uplink.metadata == nullptr);
}

TEST_CASE("each modulation of the protocol is understood", "[semtech-udp]") {
    struct Row {
        const char* modu;
        const char* datr;
        const char* codr;
        lns::Modulation modulation;
    };
    const auto row = GENERATE(values<Row>({
        {R"("LORA")", R"("SF12BW500")", R"("4/8")", lns::LoraModulation{500'000, 12, 8}},
        {R"("LORA")", R"("SF5BW125")", R"("4/5")", lns::LoraModulation{125'000, 5, 5}},
        {R"("LORA")", R"("SF12BW812")", R"("4/8LI")", lns::LoraModulation{812'500, 12, 8}},
        {R"("FSK")", "50000", R"("4/5")", lns::FskModulation{50'000, 25'000}},
        {R"("LR-FHSS")", R"("M0CW137")", R"("4/6")", lns::LrFhssModulation{137'000, 4, 0}},
        {R"("LR-FHSS")", R"("M0CW1523")", R"("2/6")", lns::LrFhssModulation{1'523'000, 2, 0}},
    }));
    std::string rxpk = with("modu", row.modu);
    rxpk.replace(rxpk.find(R"("SF7BW125")"), 10, row.datr);
    rxpk.replace(rxpk.find(R"("4/5")"), 5, row.codr);
    CAPTURE(rxpk);
    CHECK(Parsed(rxpk).only().modulation == row.modulation);
}

TEST_CASE("an LR-FHSS frame tells its hopping grid", "[semtech-udp]") {
    const Parsed parsed(
        R"({"tmst":1,"freq":868.1,"stat":1,"modu":"LR-FHSS","datr":"M0CW336","codr":"2/6","hpw":52,)"
        R"("rssi":-35,"data":"QAQDAgGAAQABppRkJhXWw7WC"})");
    CHECK(parsed.only().modulation == lns::Modulation(lns::LrFhssModulation{336'000, 2, 52}));
}

TEST_CASE("an FSK frame needs no signal-to-noise ratio, a LoRa frame does", "[semtech-udp]") {
    const Parsed fsk(
        R"({"tmst":1,"freq":868.8,"stat":1,"modu":"FSK","datr":50000,"rssi":-35,"data":"QAQD"})");
    CHECK(fsk.data.uplinks.size() == 1);
    const Parsed lora(with("lsnr", ""));
    CHECK(lora.data.uplinks.empty());
    CHECK(lora.dropped(RxpkFlaw::bad_member) == 1);
}

TEST_CASE("a frame is dropped for the reason that it is counted under", "[semtech-udp]") {
    struct Row {
        const char* member;
        const char* value;
        RxpkFlaw flaw;
    };
    const auto row = GENERATE(values<Row>({
        {"tmst", "-1", RxpkFlaw::bad_member},
        {"tmst", "4294967296", RxpkFlaw::bad_member},
        {"tmst", "1.5", RxpkFlaw::bad_member},
        {"freq", "", RxpkFlaw::bad_member},
        {"freq", "868100000", RxpkFlaw::bad_member},
        {"freq", "\"868.1\"", RxpkFlaw::bad_member},
        {"rssi", "-100000", RxpkFlaw::bad_member},
        {"rssi", "", RxpkFlaw::bad_member},
        {"chan", "-1", RxpkFlaw::bad_member},
        {"rfch", "256", RxpkFlaw::bad_member},
        {"stat", "2", RxpkFlaw::bad_member},
        {"stat", "-1", RxpkFlaw::crc},
        {"stat", "0", RxpkFlaw::crc},
        {"modu", "\"OOK\"", RxpkFlaw::bad_modulation},
        {"datr", "\"SF13BW125\"", RxpkFlaw::bad_modulation},
        {"datr", "\"SF7BW125x\"", RxpkFlaw::bad_modulation},
        {"datr", "50000", RxpkFlaw::bad_modulation},
        {"codr", "\"OFF\"", RxpkFlaw::bad_modulation},
        {"data", "\"\"", RxpkFlaw::bad_payload},
        {"data", "\"!!!!\"", RxpkFlaw::bad_payload},
        {"data", "5", RxpkFlaw::bad_payload},
        {"data", "", RxpkFlaw::bad_payload},
        {"size", R"(18,"data":"AAAA!!!!")", RxpkFlaw::bad_payload},  // a second one
    }));
    CAPTURE(row.member, row.value);
    std::string both = with(row.member, row.value);
    both += ",";
    both += kFull;
    const Parsed parsed(both);
    CHECK(parsed.ok);
    CHECK(parsed.dropped(row.flaw) == 1);
    CHECK(parsed.data.uplinks.size() == 1);  // the other one
}

TEST_CASE("what is only good to know is left out where it is wrong", "[semtech-udp]") {
    CHECK_FALSE(Parsed(with("time", "\"not a time\"")).only().gateway_time);
    CHECK_FALSE(Parsed(with("tmms", "-1")).only().gps_time);
    CHECK_FALSE(Parsed(with("ftime", "10000000000")).only().fine_time_ns);
    CHECK_FALSE(Parsed(with("tmst", "")).only().counter_us);
}

TEST_CASE("a payload is read in every spelling of base64 that forwarders use", "[semtech-udp]") {
    struct Row {
        const char* text;
        const char* hex;
    };
    const auto row = GENERATE(values<Row>({
        {"AAEBAQE=", "0001010101"},
        {"AAEBAQE", "0001010101"},
        {"-_-_", "fbffbf"},
        {"+/+/", "fbffbf"},
        {R"(+\/+\/)", "fbffbf"},
    }));
    CAPTURE(row.text);
    CHECK(to_hex(Parsed(with("data", "\"" + std::string(row.text) + "\"")).only().phy_payload) ==
          row.hex);
}

TEST_CASE("a payload has at most 255 bytes", "[semtech-udp]") {
    const std::string most(340, 'A');  // 255 bytes
    CHECK(Parsed(with("data", "\"" + most + "\"")).only().phy_payload.size() == 255);
    CHECK(Parsed(with("data", "\"" + most + "AA\"")).dropped(RxpkFlaw::bad_payload) == 1);
}

TEST_CASE("each antenna's reception is an uplink of its own", "[semtech-udp]") {
    std::string rxpk(kFull);
    rxpk.pop_back();
    rxpk += R"(,"rsig":[{"ant":0,"chan":7,"rssic":-70,"lsnr":10.0,"ftime":123456789},)"
            R"({"ant":1,"chan":23,"rssic":-69,"lsnr":9.8},{"ant":2},7]})";
    const Parsed parsed(rxpk);
    REQUIRE(parsed.data.uplinks.size() == 2);
    const auto& first = parsed.data.uplinks[0];
    const auto& second = parsed.data.uplinks[1];
    CHECK(first.antenna == 0);
    CHECK(first.channel == 7);
    CHECK(first.rssi_dbm == -70);
    CHECK(first.snr_db == 10.0f);
    CHECK(first.fine_time_ns == 123'456'789u);
    CHECK(second.antenna == 1);
    CHECK(second.channel == 23);
    CHECK(second.rssi_dbm == -69);
    CHECK(second.fine_time_ns == 987'654'321u);
    CHECK(first.phy_payload.data() == second.phy_payload.data());
}

TEST_CASE("a forwarder's metadata goes with its frames, as text and within bounds",
          "[semtech-udp]") {
    std::string rxpk(kFull);
    rxpk.pop_back();
    rxpk += R"(,"meta":{"site":"roof","n":5,"bad":")"
            "\xff"
            R"(","long":")" +
            std::string(300, 'x') + R"("}})";
    const Parsed parsed(rxpk);
    REQUIRE(parsed.only().metadata != nullptr);
    CHECK(*parsed.only().metadata == std::map<std::string, std::string>{{"site", "roof"}});
}

TEST_CASE("a datagram with a fault in its syntax counts for nothing", "[semtech-udp]") {
    const Parsed parsed(std::string(kFull) + R"(,{"tmst":1)");
    CHECK_FALSE(parsed.ok);
    CHECK(parsed.data.uplinks.empty());
}

TEST_CASE("one datagram brings a bounded number of uplinks", "[semtech-udp]") {
    std::string many(kFull);
    for (std::size_t i = 0; i < PushData::kMaxUplinks; ++i) many += "," + std::string(kFull);
    const Parsed parsed(many);
    CHECK(parsed.data.uplinks.size() == PushData::kMaxUplinks);
    CHECK(parsed.dropped(RxpkFlaw::too_many) == 1);
}

TEST_CASE("nothing of one datagram is left in the next", "[semtech-udp]") {
    PushData data;
    const std::string both = R"({"rxpk":[)" + std::string(kFull) + R"(,1],"stat":{"rxnb":1}})";
    REQUIRE(parse_push_data(bytes_of(both), data));
    REQUIRE(data.status);
    REQUIRE(parse_push_data(bytes_of("{}"), data));
    CHECK(data.uplinks.empty());
    CHECK_FALSE(data.status);
    CHECK(data.dropped == decltype(data.dropped){});
}

TEST_CASE("statistics are taken apart into their fields", "[semtech-udp]") {
    PushData data;
    REQUIRE(parse_push_data(
        bytes_of(R"({"stat":{"time":"2026-11-21 09:30:00 GMT","lati":46.24,"long":3.2523,)"
                 R"("alti":145,"rxnb":5,"rxok":4,"rxfw":3,"ackr":99.5,"dwnb":2,"txnb":1,)"
                 R"("temp":23.2,"hver":{"fpga":1},"meta":{"model":"x"}}})"),
        data));
    REQUIRE(data.status);
    CHECK(data.status->gateway_time == from_unix_us(1'795'253'400'000'000));
    CHECK(data.status->latitude == 46.24);
    CHECK(data.status->longitude == 3.2523);
    CHECK(data.status->altitude_m == 145);
    CHECK(data.status->rx_received == 5u);
    CHECK(data.status->rx_ok == 4u);
    CHECK(data.status->rx_forwarded == 3u);
    CHECK(data.status->ack_percent == 99.5);
    CHECK(data.status->downlinks_received == 2u);
    CHECK(data.status->tx_emitted == 1u);
    CHECK(data.status->temperature_c == 23.2);
    CHECK(data.status->metadata == std::map<std::string, std::string>{{"model", "x"}});
}

TEST_CASE("a position of zeros is no position", "[semtech-udp]") {
    PushData data;
    REQUIRE(parse_push_data(bytes_of(R"({"stat":{"lati":0.0,"long":0.0,"alti":0}})"), data));
    CHECK_FALSE(data.status->latitude);
    CHECK_FALSE(data.status->altitude_m);
}

TEST_CASE("a wrong member of the statistics is left out, the others stay", "[semtech-udp]") {
    PushData data;
    REQUIRE(parse_push_data(
        bytes_of(R"({"stat":{"time":"x","rxnb":-1,"lati":1000,"long":2,"alti":"a","txnb":3}})"),
        data));
    CHECK_FALSE(data.status->gateway_time);
    CHECK_FALSE(data.status->rx_received);
    CHECK_FALSE(data.status->latitude);
    CHECK(data.status->tx_emitted == 3u);
}
