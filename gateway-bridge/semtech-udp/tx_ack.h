// The JSON of a TX_ACK: whether the gateway has taken a downlink.  It says so when the frame enters
// its queue, which is before the transmission.
//
//   nothing, or {"txpk_ack": {"error": "NONE"}}                    taken
//   {"txpk_ack": {"error": "TOO_LATE"}}                            refused
//   {"txpk_ack": {"warn": "TX_POWER", "value": 20}}                taken, sent with 20 dBm
//
// Source: Lora-net/sx1302_hal PROTOCOL.md §6 and §7.
#pragma once

#include "base/bytes.h"
#include "lns/proto/gateway_messages.h"

namespace helio::gateway_bridge::semtech_udp {

struct TxAckReport {
    lns::TxAckStatus status = lns::TxAckStatus::ok;
    std::optional<std::int8_t> used_power_dbm;
    friend bool operator==(const TxAckReport&, const TxAckReport&) = default;
};

// An error that we do not know, or JSON that we cannot read, is a refusal (`other`): the frame can
// then still be tried elsewhere, and sending it twice does no harm.
TxAckReport parse_tx_ack(ByteView json);

}  // namespace helio::gateway_bridge::semtech_udp
