#include "bridge/integration/chirpstack_event.h"

#include "bridge/integration/event_topic.h"
#include "tests/bridge/integration/events.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::integration;
using namespace helio::test;

namespace {

const std::string kDevice = R"("deviceInfo":)" + std::string(kSensorDevice);
const std::string kHead = R"({"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9b2d8",)"
                          R"("time":"2026-01-01T00:00:00.500+00:00",)" +
                          kDevice;

std::string chirpstack(const lns::proto::Event& event, std::string_view object = {}) {
    std::string out;
    append_chirpstack_event(out, event, kSensorDevice, object);
    return out;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("deviceInfo names the device, its profile and its application, with all tags",
          "[integration]") {
    CHECK(render_device_info(sensor_device()) == kSensorDevice);
    CHECK(contains(render_device_info({}), R"("deviceClassEnabled":"CLASS_A","tags":{}})"));
}

TEST_CASE("an uplink event carries all fields of ChirpStack's `up`", "[integration]") {
    CHECK(chirpstack(uplink_event(), R"({"t":21.5})") ==
          kHead + R"(,"devAddr":"01020304","adr":true,"dr":5,"fCnt":7,"fPort":2,"confirmed":false,)"
                  R"("data":"AQL/","object":{"t":21.5},)"
                  R"("rxInfo":[{"gatewayId":"0016c001f153a14c","uplinkId":42,)"
                  R"("nsTime":"2026-01-01T00:00:00.500+00:00","rssi":-60,"snr":9.5,)"
                  R"("context":"AQIDBA==",)"
                  R"("metadata":{"region_config_id":"eu868","region_common_name":"EU868"},)"
                  R"("crcStatus":"CRC_OK"}],)"
                  R"("txInfo":{"frequency":868100000,"modulation":{"lora":{"bandwidth":125000,)"
                  R"("spreadingFactor":7,"codeRate":"CR_4_5"}}},"regionConfigId":"eu868"})");
}

TEST_CASE("integration fields are written at their default, gateway fields are left out",
          "[integration]") {
    auto event = event_at(kEventTimeUs);
    event.mutable_up()->add_receptions();
    CHECK(
        chirpstack(event) ==
        kHead +
            R"(,"devAddr":"00000000","adr":false,"dr":0,"fCnt":0,"fPort":0,"confirmed":false,)"
            R"("data":"","rxInfo":[{"gatewayId":"0000000000000000",)"
            R"("metadata":{"region_config_id":"","region_common_name":""},"crcStatus":"CRC_OK"}],)"
            R"("txInfo":{"modulation":{}},"regionConfigId":""})");
    event.mutable_up()->clear_receptions();
    CHECK(contains(chirpstack(event), R"("rxInfo":[],)"));
}

TEST_CASE("a reception tells times, concentrator and metadata where they are known",
          "[integration]") {
    auto event = uplink_event();
    auto& rx = *event.mutable_up()->mutable_receptions(0);
    rx.set_gateway_time_us(kEventTimeUs + 123);
    rx.set_gps_time_us(1'451'260'818'250'000);
    rx.set_fine_time_ns(250'000'123);
    rx.set_snr_db(-7.25);
    rx.set_channel(3);
    rx.set_rf_chain(1);
    rx.set_board(2);
    rx.set_antenna(1);
    (*rx.mutable_metadata())["b"] = "2";
    (*rx.mutable_metadata())["a"] = "1";
    CHECK(contains(
        chirpstack(event),
        R"("gwTime":"2026-01-01T00:00:00.500123+00:00","nsTime":"2026-01-01T00:00:00.500+00:00",)"
        R"("timeSinceGpsEpoch":"1451260818.250s","fineTimeSinceGpsEpoch":"1451260818.250000123s",)"
        R"("rssi":-60,"snr":-7.25,"channel":3,"rfChain":1,"board":2,"antenna":1,)"
        R"("context":"AQIDBA==","metadata":{"region_config_id":"eu868",)"
        R"("region_common_name":"EU868","a":"1","b":"2"},"crcStatus":"CRC_OK")"));
}

TEST_CASE("an uplink's time is GPS time, else a gateway's that is near ours, else ours",
          "[integration]") {
    auto event = uplink_event();
    auto& gateway_clock = *event.mutable_up()->mutable_receptions(0);
    gateway_clock.set_gateway_time_us(kEventTimeUs - 30'000'000);
    CHECK(contains(chirpstack(event), R"("time":"2025-12-31T23:59:30.500+00:00")"));
    gateway_clock.set_gateway_time_us(kEventTimeUs - 30'000'001);
    CHECK(contains(chirpstack(event), R"("time":"2026-01-01T00:00:00.500+00:00")"));
    // 18 leap seconds before 2026-01-01T00:00:01Z in GPS time.
    event.mutable_up()->add_receptions()->set_gps_time_us(1'451'260'819'000'000);
    CHECK(contains(chirpstack(event), R"("time":"2026-01-01T00:00:01+00:00")"));
}

TEST_CASE("each modulation has its own object in txInfo", "[integration]") {
    auto event = uplink_event();
    auto& modulation = *event.mutable_up()->mutable_modulation();
    modulation.mutable_fsk()->set_bit_rate(50'000);
    modulation.mutable_fsk()->set_frequency_deviation_hz(25'000);
    CHECK(contains(chirpstack(event),
                   R"("modulation":{"fsk":{"frequencyDeviation":25000,"datarate":50000}}})"));
    modulation.mutable_lr_fhss()->set_operating_channel_width_hz(137'000);
    modulation.mutable_lr_fhss()->set_code_rate(2);
    modulation.mutable_lr_fhss()->set_grid_steps(8);
    CHECK(contains(
        chirpstack(event),
        R"("lrFhss":{"operatingChannelWidth":137000,"codeRate":"CR_2_6","gridSteps":8}})"));
}

TEST_CASE("a join event names the new address", "[integration]") {
    auto event = event_at(kEventTimeUs);
    event.mutable_join()->set_dev_addr(0x00abcdef);
    event.mutable_join()->set_region("US915");
    CHECK(chirpstack(event) == kHead + R"(,"devAddr":"00abcdef","regionConfigId":"us915"})");
}

TEST_CASE("an ack event names the queue item and says whether the device confirmed it",
          "[integration]") {
    auto event = event_at(kEventTimeUs);
    event.mutable_ack()->set_message_id("item-1");
    CHECK(chirpstack(event) ==
          kHead + R"(,"queueItemId":"item-1","acknowledged":false,"fCntDown":0})");
    event.mutable_ack()->set_acknowledged(true);
    event.mutable_ack()->set_fcnt_down(4'294'967'295);
    CHECK(chirpstack(event) ==
          kHead + R"(,"queueItemId":"item-1","acknowledged":true,"fCntDown":4294967295})");
}

TEST_CASE("a txack event tells how the downlink went out", "[integration]") {
    auto event = event_at(kEventTimeUs);
    auto& txack = *event.mutable_txack();
    txack.set_downlink_id(99);
    txack.set_message_id("item-1");
    txack.set_fcnt_down(3);
    txack.set_gateway_eui(0x0016c001f153a14c);
    txack.set_frequency_hz(869'525'000);
    txack.set_power_dbm(27);
    auto& lora = *txack.mutable_modulation()->mutable_lora();
    lora.set_bandwidth_hz(125'000);
    lora.set_spreading_factor(12);
    lora.set_code_rate(5);
    CHECK(chirpstack(event) ==
          R"({"downlinkId":99,"time":"2026-01-01T00:00:00.500+00:00",)" + kDevice +
              R"(,"queueItemId":"item-1","fCntDown":3,"gatewayId":"0016c001f153a14c",)"
              R"("txInfo":{"frequency":869525000,"power":27,"modulation":{"lora":)"
              R"({"bandwidth":125000,"spreadingFactor":12,"codeRate":"CR_4_5",)"
              R"("polarizationInversion":true}}}})");

    txack.set_delay_us(2'000'000);
    txack.set_uplink_counter_us(0x01020304);
    const auto timed = chirpstack(event);
    CHECK_THAT(
        timed,
        Catch::Matchers::EndsWith(R"("timing":{"delay":{"delay":"2s"}},"context":"AQIDBA=="}})"));
    txack.clear_uplink_counter_us();
    txack.set_gps_time_us(1'400'000'000'500'000);
    const auto at_gps_time = chirpstack(event);
    CHECK_THAT(at_gps_time,
               Catch::Matchers::EndsWith(
                   R"("timing":{"gpsEpoch":{"timeSinceGpsEpoch":"1400000000.500s"}}}})"));
}

TEST_CASE("a status event turns the raw battery into percent, external power or unknown",
          "[integration]") {
    struct Row {
        std::uint32_t raw;
        const char* expected;
    };
    const auto row = GENERATE(values<Row>({
        {0, R"("externalPowerSource":true,"batteryLevelUnavailable":false,"batteryLevel":0})"},
        {127, R"("externalPowerSource":false,"batteryLevelUnavailable":false,"batteryLevel":50})"},
        {254, R"("externalPowerSource":false,"batteryLevelUnavailable":false,"batteryLevel":100})"},
        {255, R"("externalPowerSource":false,"batteryLevelUnavailable":true,"batteryLevel":0})"},
    }));
    auto event = event_at(kEventTimeUs);
    event.mutable_status()->set_margin_db(-5);
    event.mutable_status()->set_battery(row.raw);
    CHECK(chirpstack(event) == kHead + R"(,"margin":-5,)" + row.expected);
}

TEST_CASE("a log event has level, code, description and context", "[integration]") {
    auto event = event_at(kEventTimeUs);
    auto& log = *event.mutable_log();
    CHECK(contains(chirpstack(event),
                   R"("level":"INFO","code":"UNKNOWN","description":"","context":{}})"));
    log.set_level(lns::proto::LogEvent::ERROR);
    log.set_code("UPLINK_CODEC");
    log.set_description("TypeError: x is\nundefined");
    (*log.mutable_context())["line"] = "3";
    (*log.mutable_context())["file"] = "codec.js";
    CHECK(
        chirpstack(event) ==
        R"({"time":"2026-01-01T00:00:00.500+00:00",)" + kDevice +
            R"(,"level":"ERROR","code":"UPLINK_CODEC","description":"TypeError: x is\nundefined",)"
            R"("context":{"file":"codec.js","line":"3"}})");
}

TEST_CASE("an event's topic names destination, device and kind", "[integration]") {
    std::string topic;
    append_event_topic(topic,
                       "meters",
                       Eui64::from_value(0x0102030405060708),
                       event_name(uplink_event().kind_case()));
    CHECK(topic == "application/meters/device/0102030405060708/event/up");
    CHECK(event_name(lns::proto::Event::KIND_NOT_SET).empty());
}

TEST_CASE("a command topic is taken apart, anything else is none", "[integration]") {
    const auto topic =
        parse_command_topic("application/meters/device/0102030405060708/command/down");
    REQUIRE(topic);
    CHECK(topic->destination == "meters");
    CHECK(topic->dev_eui == Eui64::from_value(0x0102030405060708));
    for (const char* other : {
             "",
             "application/command/down",
             "application//device/0102030405060708/command/down",
             "application/meters/device/01020304050607/command/down",
             "application/meters/device/0102030405060708/event/up",
             "application/meters/gateway/0102030405060708/command/down",
             "application/meters/device/0102030405060708/x/command/down",
         }) {
        CAPTURE(other);
        CHECK_FALSE(parse_command_topic(other));
    }
}
