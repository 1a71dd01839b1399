// Events as the network server leaves them in the log, for the tests of what they become.
#pragma once

#include "bridge/integration/device_info.h"
#include "lns/proto/event.pb.h"

namespace helio::test {

// 2026-01-01T00:00:00.5Z
inline constexpr std::int64_t kEventTimeUs = 1'767'225'600'500'000;

inline bridge::integration::DeviceInfo sensor_device() {
    return {
        .tenant_id = "123456789012",
        .tenant_name = "heliograph",
        .application_id = "meters",
        .application_name = "meters",
        .device_profile_id = "0d0dcbe6-55b1-4ccd-b4f8-0c9cf9b7d4ae",
        .device_profile_name = "Class A",
        .device_name = "roof \"north\"",
        .dev_eui = Eui64::from_value(0x0102030405060708),
        .tags = {{"floor", "3"}},
    };
}

inline constexpr std::string_view kSensorDevice =
    R"({"tenantId":"123456789012","tenantName":"heliograph","applicationId":"meters",)"
    R"("applicationName":"meters","deviceProfileId":"0d0dcbe6-55b1-4ccd-b4f8-0c9cf9b7d4ae",)"
    R"("deviceProfileName":"Class A","deviceName":"roof \"north\"","devEui":"0102030405060708",)"
    R"("deviceClassEnabled":"CLASS_A","tags":{"floor":"3"}})";

inline lns::proto::Event event_at(std::int64_t time_us) {
    lns::proto::Event event;
    event.set_dev_eui(0x0102030405060708);
    event.set_time_us(time_us);
    event.set_deduplication_id("\x3a\xc7\xe3\xc4\x44\x01\x4b\x8d\x93\x86\xa5\xc9\x02\xf9\xb2\xd8");
    return event;
}

// One reception by one gateway, LoRa SF7, as most uplinks are.
inline lns::proto::Event uplink_event() {
    auto event = event_at(kEventTimeUs);
    auto& up = *event.mutable_up();
    up.set_dev_addr(0x01020304);
    up.set_adr(true);
    up.set_data_rate(5);
    up.set_fcnt(7);
    up.set_fport(2);
    up.set_data("\x01\x02\xff");
    up.set_frequency_hz(868'100'000);
    up.set_mic(0x7255cb07);
    up.set_region("EU868");
    auto& lora = *up.mutable_modulation()->mutable_lora();
    lora.set_bandwidth_hz(125'000);
    lora.set_spreading_factor(7);
    lora.set_code_rate(5);
    auto& rx = *up.add_receptions();
    rx.set_gateway_eui(0x0016c001f153a14c);
    rx.set_uplink_id(42);
    rx.set_received_at_us(kEventTimeUs);
    rx.set_rssi_dbm(-60);
    rx.set_snr_db(9.5);
    rx.set_counter_us(0x01020304);
    return event;
}

}  // namespace helio::test
