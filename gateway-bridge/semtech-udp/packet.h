// The Semtech UDP packet forwarder's datagrams, protocol versions 1 and 2.  An answer carries the
// version and the token of what it answers, because forwarders compare both.
//
//   +---------+-------+------------+-----------------------+--------------+
//   |    1    |   2   |     1      |          8            |     0..N     |  bytes
//   +---------+-------+------------+-----------------------+--------------+
//   | version | token | identifier | gateway EUI, big      | JSON         |
//   |         |       |            | endian (only upwards) | (see below)  |
//   +---------+-------+------------+-----------------------+--------------+
//
//   0 PUSH_DATA  up    rxpk, stat        1 PUSH_ACK   down  -
//   2 PULL_DATA  up    -                 4 PULL_ACK   down  -
//   3 PULL_RESP  down  txpk              5 TX_ACK     up    txpk_ack, or nothing (version 2 only)
//
// Source: Lora-net/packet_forwarder PROTOCOL.TXT §3..§6.
#pragma once

#include "base/bytes.h"
#include "base/eui64.h"
#include "base/result.h"

#include <array>

namespace helio::gateway_bridge::semtech_udp {

enum class Version : std::uint8_t { v1 = 1, v2 = 2 };

// Opaque sixteen bits: the sender's, or ours in a PULL_RESP.
using Token = std::uint16_t;

enum class PacketKind : std::uint8_t { push_data, pull_data, tx_ack };

struct Packet {
    Version version;
    PacketKind kind;
    Token token;
    Eui64 gateway;
    ByteView json;  // of the datagram; trailing NULs are left out, as some forwarders send them
};

enum class PacketError : std::uint8_t { too_short, unsupported_version, not_for_a_server };

Result<Packet, PacketError> parse_packet(ByteView datagram);

using AckBytes = std::array<std::uint8_t, 4>;

// What a PUSH_DATA (PUSH_ACK) or a PULL_DATA (PULL_ACK) is answered with.  TX_ACK has no answer.
AckBytes encode_ack(const Packet& answered);

// The four bytes before the JSON of a PULL_RESP.  Version 1 knows no token there: it is sent as 0.
AckBytes encode_pull_resp_header(Version version, Token token);

}  // namespace helio::gateway_bridge::semtech_udp
