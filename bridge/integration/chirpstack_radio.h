// ChirpStack's gateway messages inside events: rxInfo[], txInfo.  Default values are left out.
#pragma once

#include "base/time.h"
#include "lns/proto/event.pb.h"

#include <string>

namespace helio::bridge::integration {

// The array of `rxInfo`.
void append_rx_info(std::string& out,
                    const google::protobuf::RepeatedPtrField<lns::proto::Reception>& receptions,
                    std::string_view region);

// {"frequency":868100000,"modulation":{...}}
void append_uplink_tx_info(std::string& out,
                           std::uint32_t frequency_hz,
                           const lns::proto::Modulation& modulation);
void append_downlink_tx_info(std::string& out, const lns::proto::TxAckEvent& ack);

// When the frame was on the air: GPS time of any copy, else a gateway's time that is within 30 s of
// the server's, else the server's.
Instant time_on_air(const google::protobuf::RepeatedPtrField<lns::proto::Reception>& receptions,
                    Instant server_time);

// "EU868" -> "eu868": the region as ChirpStack's configuration names it.
void append_region_config_id(std::string& out, std::string_view region);

}  // namespace helio::bridge::integration
