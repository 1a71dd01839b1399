#include "bridge/integration/aws_join_event.h"

#include "bridge/integration/json_text.h"

namespace helio::bridge::integration {

std::vector<std::string> aws_join_topics(std::string_view wireless_device_id,
                                         std::uint64_t dev_eui) {
    const std::string all = "$aws/iotwireless/events/join/join_accepted/lorawan/wireless_devices";
    std::vector<std::string> topics(3, all);
    topics[1] += "/wireless_device_id/";
    topics[1] += wireless_device_id;
    topics[2] += "/dev_eui/";
    append_hex64(topics[2], dev_eui);
    return topics;
}

void append_aws_join_event(std::string& out,
                           const lns::proto::Event& event,
                           std::string_view wireless_device_id) {
    out += R"({"eventId":")";
    append_uuid(out, bytes_of(event.deduplication_id()));
    out += R"(","eventType":"join_accepted","wirelessDeviceId":)";
    append_json_string(out, wireless_device_id);
    out += R"(,"timestamp":")";
    append_time_seconds(out, from_unix_us(event.time_us()));
    out += R"(","LoRaWAN":{"DevEui":")";
    append_hex64(out, event.dev_eui());
    out += R"("}})";
}

}  // namespace helio::bridge::integration
