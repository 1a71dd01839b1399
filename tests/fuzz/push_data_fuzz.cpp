// Whatever is read out of a PUSH_DATA keeps the promises of GatewayUplink; and what a general JSON
// parser takes for an object, ours does too.
#include "gateway-bridge/semtech-udp/push_data.h"

#include <boost/json.hpp>

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;

namespace {

void check(bool holds) {
    if (!holds) __builtin_trap();
}

void check_uplink(const lns::GatewayUplink& uplink, const PushData& data) {
    check(!uplink.phy_payload.empty() && uplink.phy_payload.size() <= 255);
    check(uplink.phy_payload.data() >= data.payloads.data());
    check(uplink.phy_payload.data() + uplink.phy_payload.size() <=
          data.payloads.data() + data.payloads_used);
    check(uplink.frequency_hz >= 100'000'000 && uplink.frequency_hz <= 3'000'000'000u);
    check(uplink.fine_time_ns.value_or(0) < 1'000'000'000);
    if (const auto* const lora = std::get_if<lns::LoraModulation>(&uplink.modulation)) {
        check(lora->spreading_factor >= 5 && lora->spreading_factor <= 12);
        check(lora->code_rate >= 5 && lora->code_rate <= 8);
    }
}

bool is_object_to_boost(ByteView json) {
    boost::system::error_code error;
    const boost::json::parse_options options{.max_depth = 24};
    const auto value = boost::json::parse(
        boost::json::string_view(text_of(json).data(), json.size()), error, {}, options);
    return !error && value.is_object();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static PushData out;  // reused, as the server does
    const ByteView json(data, size);
    const bool parsed = parse_push_data(json, out).has_value();
    check(out.uplinks.size() <= PushData::kMaxUplinks);
    check(parsed || (out.uplinks.empty() && !out.status));
    check(parsed || !is_object_to_boost(json));
    for (const lns::GatewayUplink& uplink : out.uplinks) check_uplink(uplink, out);
    return 0;
}
