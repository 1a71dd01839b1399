// The two ends of a downlink's road: the PULL_RESP and its TX_ACK.
#include "gateway-bridge/semtech-udp/tx_ack.h"
#include "gateway-bridge/semtech-udp/txpk.h"
#include "tests/gateway-bridge/semtech-udp/world.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;
using lns::TxAckStatus;

namespace {

std::string encoded(const lns::GatewayDownlink& downlink, float antenna_gain_dbi = 0) {
    Bytes out;
    REQUIRE(encode_pull_resp(Version::v2, 0xc0de, downlink, antenna_gain_dbi, out));
    REQUIRE(to_hex(ByteView(out).first(4)) == "02c0de03");
    return std::string(text_of(ByteView(out).subspan(4)));
}

bool has(const std::string& json, std::string_view part) {
    return json.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a class A downlink carries the concentrator's counter", "[semtech-udp]") {
    CHECK(encoded(World{}.downlink()) ==
          R"({"txpk":{"imme":false,"tmst":3517348611,"freq":868.1,"rfch":0,"powe":14,)"
          R"("modu":"LORA","datr":"SF7BW125","codr":"4/5","prea":8,"ipol":true,"ncrc":true,)"
          R"("size":17,"data":"IIIPM1SJquMYPAgvuqje5fM="}})");
}

TEST_CASE("a downlink says when in exactly one way", "[semtech-udp]") {
    lns::GatewayDownlink downlink = World{}.downlink();
    downlink.timing = lns::SendImmediately{};
    CHECK(has(encoded(downlink), R"({"imme":true,"freq")"));
    downlink.timing = lns::SendAtGpsTime{{std::chrono::milliseconds(1'479'288'618'123)}};
    CHECK(has(encoded(downlink), R"({"imme":false,"tmms":1479288618123,"freq")"));
}

TEST_CASE("an FSK downlink has a bit rate and a deviation", "[semtech-udp]") {
    lns::GatewayDownlink downlink = World{}.downlink();
    downlink.modulation = lns::FskModulation{.bit_rate = 50'000, .frequency_deviation_hz = 25'000};
    CHECK(has(encoded(downlink), R"("modu":"FSK","datr":50000,"fdev":25000,"prea":5,)"));
}

TEST_CASE("a frequency is written to the hertz and no further", "[semtech-udp]") {
    lns::GatewayDownlink downlink = World{}.downlink();
    downlink.frequency_hz = 869'525'000;
    CHECK(has(encoded(downlink), R"("freq":869.525,)"));
    downlink.frequency_hz = 923'000'000;
    CHECK(has(encoded(downlink), R"("freq":923.0,)"));
    downlink.frequency_hz = 868'000'001;
    CHECK(has(encoded(downlink), R"("freq":868.000001,)"));
}

TEST_CASE("the antenna's gain is taken off the power, rounded so that the limit holds",
          "[semtech-udp]") {
    lns::GatewayDownlink downlink = World{}.downlink();
    CHECK(has(encoded(downlink, 2.15f), R"("powe":11,)"));
    CHECK(has(encoded(downlink, 3), R"("powe":11,)"));
    CHECK(has(encoded(downlink, 16), R"("powe":-2,)"));
}

TEST_CASE("a board, an antenna and an uncommon frame are told", "[semtech-udp]") {
    lns::GatewayDownlink downlink = World{}.downlink();
    downlink.board = 1;
    downlink.antenna = 2;
    downlink.rf_chain = 1;
    downlink.polarization_inverted = false;
    downlink.payload_crc = true;
    const std::string json = encoded(downlink);
    CHECK(has(json, R"("rfch":1,)"));
    CHECK(has(json, R"("brd":1,"ant":2,)"));
    CHECK(has(json, R"("ipol":false,"ncrc":false,)"));
}

TEST_CASE("no gateway transmits LR-FHSS", "[semtech-udp]") {
    lns::GatewayDownlink downlink = World{}.downlink();
    downlink.modulation = lns::LrFhssModulation{.operating_channel_width_hz = 137'000};
    Bytes out;
    CHECK_FALSE(encode_pull_resp(Version::v2, 1, downlink, 0, out));
    CHECK(out.empty());
}

TEST_CASE("a TX_ACK is a success only where it says nothing else", "[semtech-udp]") {
    struct Row {
        const char* json;
        TxAckReport report;
    };
    const auto row = GENERATE(values<Row>({
        {"", {TxAckStatus::ok, {}}},
        {"{}", {TxAckStatus::ok, {}}},
        {R"({"txpk_ack":{}})", {TxAckStatus::ok, {}}},
        {R"({"txpk_ack":{"error":"NONE"}})", {TxAckStatus::ok, {}}},
        {R"({"txpk_ack":{"warn":"TX_POWER","value":20}})", {TxAckStatus::ok, 20}},
        {R"({"txpk_ack":{"error":"NONE","warn":"TX_POWER","value":-3}})", {TxAckStatus::ok, -3}},
        {R"({"txpk_ack":{"error":"TOO_LATE"}})", {TxAckStatus::too_late, {}}},
        {R"({"txpk_ack":{"error":"TX_POWER","value":20}})", {TxAckStatus::tx_power, {}}},
        {R"({"txpk_ack":{"error":"QUEUE_FULL"}})", {TxAckStatus::queue_full, {}}},
        {R"({"txpk_ack":{"error":"none"}})", {TxAckStatus::other, {}}},
        {R"({"txpk_ack":{"error":null}})", {TxAckStatus::other, {}}},
        {R"({"txpk_ack":null})", {TxAckStatus::other, {}}},
        {R"({"txpk_ack":)", {TxAckStatus::other, {}}},
        {"[]", {TxAckStatus::other, {}}},
    }));
    CAPTURE(row.json);
    CHECK(parse_tx_ack(bytes_of(row.json)) == row.report);
}
