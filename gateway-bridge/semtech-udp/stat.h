// A `stat` object: what a gateway says about itself, every 30 s by default.
//
//   time  "2026-11-21 09:30:00 GMT"      lati, long  degrees     alti  m
//   rxnb, rxok, rxfw  frames received, with a good CRC, forwarded         ackr  % of PUSH_DATA
//   acked dwnb, txnb        downlinks received, transmitted                     temp  °C    meta {}
//
// Source: Lora-net/sx1302_hal PROTOCOL.md §4.
#pragma once

#include "gateway-bridge/semtech-udp/json_reader.h"
#include "lns/proto/gateway_messages.h"

namespace helio::gateway_bridge::semtech_udp {

// Reads the members of an object that has been entered.  Each one that is not what it should be is
// left out, and so is the position of a receiver without a fix (all zero).
void read_stat(JsonReader& in, lns::GatewayStatus& out);

}  // namespace helio::gateway_bridge::semtech_udp
