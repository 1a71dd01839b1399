// What an upstream broker may send: the bridge takes it or leaves the connection, and what it sends
// itself stays MQTT.
#include "bridge/edge/upstream_client.h"
#include "tests/fuzz/property.h"

using namespace helio;
using namespace helio::bridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const auto version = (data[0] & 1) != 0 ? mqtt::Version::v5 : mqtt::Version::v3_1_1;
    const Instant now = from_unix_us(1'700'000'000'000'000);
    edge::UpstreamClient* self = nullptr;
    edge::UpstreamClient client({.version = version, .client_id = "c"},
                                {{"a/#", mqtt::Qos::at_least_once}},
                                {.online = [](bool, Instant) {},
                                 .message =
                                     [&](const mqtt::Publish& message, Instant) {
                                         fuzz::require(!message.topic.empty());
                                         fuzz::require(message.qos != mqtt::Qos::exactly_once);
                                         if (message.packet_id != 0)
                                             self->acknowledge(message.packet_id);
                                     },
                                 .acknowledged = [](mqtt::PacketId, mqtt::ReasonCode, Instant) {}});
    self = &client;
    client.on_open(now);
    // The CONNACK first, half of the time: else nothing more is looked at.
    const Bytes hello =
        version == mqtt::Version::v5 ? Bytes{0x20, 3, 0, 0, 0} : Bytes{0x20, 2, 0, 0};
    if ((data[0] & 2) != 0) client.on_bytes(hello, now);
    client.on_bytes({data + 1, size - 1}, now);
    (void)client.on_time(now + std::chrono::hours(1));
    mqtt::StreamDecoder decoder(1u << 20);
    const auto read = decoder.feed(client.output, [&](const mqtt::Frame& frame) {
        fuzz::require(mqtt::parse_packet(frame, version).has_value());
        return mqtt::Next::more;
    });
    fuzz::require(read.has_value() && decoder.kept_bytes() == 0);
    return 0;
}
