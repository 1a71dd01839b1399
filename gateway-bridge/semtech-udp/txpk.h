// The PULL_RESP that carries a downlink to a gateway.
//
//   {"txpk": {"imme": false, "tmst": 3517348611, "freq": 868.1, "rfch": 0, "powe": 14,
//             "modu": "LORA", "datr": "SF7BW125", "codr": "4/5", "ipol": true, "prea": 8,
//             "ncrc": true, "size": 17, "data": "ICPPM1SJquMYPAvguqje5fM="}}
//
// Source: Lora-net/sx1302_hal PROTOCOL.md §5 and §6.
#pragma once

#include "base/bytes.h"
#include "gateway-bridge/semtech-udp/packet.h"
#include "lns/proto/gateway_messages.h"

namespace helio::gateway_bridge::semtech_udp {

// Appends the datagram to `out`.  `powe` is the conducted power: the EIRP less the antenna's gain,
// rounded down so that the permitted EIRP is not passed.  False, and nothing appended, for LR-FHSS,
// which no gateway transmits.
bool encode_pull_resp(Version version,
                      Token token,
                      const lns::GatewayDownlink& downlink,
                      float antenna_gain_dbi,
                      Bytes& out);

}  // namespace helio::gateway_bridge::semtech_udp
