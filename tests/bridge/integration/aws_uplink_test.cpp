#include "bridge/integration/aws_uplink.h"

#include "bridge/integration/aws_join_event.h"
#include "tests/bridge/integration/events.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::integration;
using namespace helio::test;

namespace {

std::string aws(const lns::proto::Event& event, bool gateway_metadata = false) {
    std::string out;
    append_aws_uplink(out,
                      event,
                      {.wireless_device_id = "b8a6a1ac-5e34-4c4b-8e3a-2e5b27f8a0c1",
                       .gateway_metadata = gateway_metadata});
    return out;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("a destination gets the uplink in the form of AWS IoT Core for LoRaWAN",
          "[integration]") {
    CHECK(aws(uplink_event(), true) ==
          R"({"WirelessDeviceId":"b8a6a1ac-5e34-4c4b-8e3a-2e5b27f8a0c1","PayloadData":"AQL/",)"
          R"("WirelessMetadata":{"LoRaWAN":{"ADR":true,"ClassB":false,"DataRate":"5",)"
          R"("DevAddr":"01020304","DevEui":"0102030405060708","FOptLen":0,"FCnt":7,"FPort":2,)"
          R"("Frequency":"868100000","Bandwidth":125,"SpreadingFactor":7,"CodeRate":"4/5",)"
          R"("Modulation":"LORA",)"
          R"("Gateways":[{"GatewayEui":"0016c001f153a14c","Rssi":-60,"Snr":9.5}],)"
          R"("MIC":"7255cb07","MType":"UnconfirmedDataUp","Major":"LoRaWANR1",)"
          R"("PolarizationInversion":false,"Timestamp":"2026-01-01T00:00:00Z"}}})");
}

TEST_CASE("gateways are named only where the service profile says AddGwMetadata", "[integration]") {
    CHECK_FALSE(contains(aws(uplink_event()), "Gateways"));
}

TEST_CASE("a frame without a port has FPort 225", "[integration]") {
    auto event = uplink_event();
    event.mutable_up()->clear_fport();
    event.mutable_up()->clear_data();
    CHECK(contains(aws(event), R"("PayloadData":"",)"));
    CHECK(contains(aws(event), R"("FPort":225,)"));
}

TEST_CASE("a confirmed uplink that acknowledges a downlink says both", "[integration]") {
    auto event = uplink_event();
    event.mutable_up()->set_confirmed(true);
    event.mutable_up()->set_acked_message_id("item-1");
    CHECK(contains(aws(event), R"("MType":"ConfirmedDataUp")"));
    CHECK(contains(aws(event), R"("AckedMessageId":"item-1"}}})"));
}

TEST_CASE("FSK and LR-FHSS uplinks have no spreading factor", "[integration]") {
    auto event = uplink_event();
    event.mutable_up()->mutable_modulation()->mutable_fsk()->set_bit_rate(50'000);
    CHECK(contains(aws(event), R"("Frequency":"868100000","Modulation":"FSK","MIC")"));
    event.mutable_up()->mutable_modulation()->mutable_lr_fhss()->set_code_rate(2);
    CHECK(contains(aws(event), R"("CodeRate":"2/6","Modulation":"LR_FHSS","MIC")"));
}

TEST_CASE("a join is told on the topics of all devices, of the id and of the EUI",
          "[integration]") {
    auto event = event_at(kEventTimeUs);
    event.mutable_join()->set_dev_addr(1);
    std::string out;
    append_aws_join_event(out, event, "device-id");
    CHECK(out == R"({"eventId":"3ac7e3c4-4401-4b8d-9386-a5c902f9b2d8","eventType":"join_accepted",)"
                 R"("wirelessDeviceId":"device-id","timestamp":"2026-01-01T00:00:00Z",)"
                 R"("LoRaWAN":{"DevEui":"0102030405060708"}})");
    const std::string all = "$aws/iotwireless/events/join/join_accepted/lorawan/wireless_devices";
    CHECK(aws_join_topics("device-id", event.dev_eui()) ==
          std::vector<std::string>{
              all, all + "/wireless_device_id/device-id", all + "/dev_eui/0102030405060708"});
}
