// One `rxpk` object: a frame as a gateway heard it.
//
//   tmst  u32 µs    concentrator counter at the end of the frame   freq  MHz      stat  1: CRC ok
//   time  UTC       modu  LORA, FSK, LR-FHSS                       data  base64
//   tmms  GPS ms    datr  SF7BW125, 50000, M0CW137                 rssi  dBm      lsnr  dB
//   ftime ns        codr  4/5, 2/6                                 chan, rfch, brd
//   rsig  [{ant, chan, rssic, lsnr, ftime}]   a reception for each antenna, in place of the above
//   meta  {text: text}                        an extension of ChirpStack's
//
// Source: Lora-net/sx1302_hal PROTOCOL.md §4, and the fields of gateways in the field.
#pragma once

#include "gateway-bridge/semtech-udp/json_reader.h"
#include "gateway-bridge/semtech-udp/push_data.h"

namespace helio::gateway_bridge::semtech_udp {

// Reads the next element and adds its uplinks, or the reason why there are none, to `out`.  A fault
// in what is only good to know (time, tmms, ftime, rsig, meta) leaves that out; any other drops the
// frame.  Without `tmst` a frame is taken, but no class A downlink can follow it.
void read_rxpk(JsonReader& in, PushData& out);

}  // namespace helio::gateway_bridge::semtech_udp
