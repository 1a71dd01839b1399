// A packet forwarder's side of the Semtech UDP protocol, version 2: the datagrams that it sends and
// the PULL_RESP that it gets.  Written apart from the server's, so that the two check each other.
#pragma once

#include "base/bytes.h"
#include "base/eui64.h"
#include "base/time.h"
#include "lns/proto/gateway_messages.h"
#include "tools/helio-sim/link.h"

#include <optional>
#include <string_view>

namespace helio::sim {

struct ReceivedFrame {
    ByteView phy;
    std::uint32_t counter_us;  // at its end
    Instant time;
    std::uint32_t frequency_hz;
    lns::Modulation modulation;
    Level level;
};
Bytes push_data(std::uint16_t token, Eui64 gateway, const ReceivedFrame& frame);

struct ForwarderStats {
    std::uint32_t received = 0;
    std::uint32_t forwarded = 0;
    std::uint32_t acknowledged = 0;  // PUSH_ACK
    std::uint32_t downlinks = 0;
    std::uint32_t transmitted = 0;
};
Bytes push_stat(std::uint16_t token, Eui64 gateway, const ForwarderStats& stats, Instant now);

Bytes pull_data(std::uint16_t token, Eui64 gateway);

// `error` as in the protocol: "NONE", "TOO_LATE" ...
Bytes tx_ack(std::uint16_t token, Eui64 gateway, std::string_view error);

// What a PULL_RESP orders.
struct TxRequest {
    lns::SendTiming timing;
    std::uint32_t frequency_hz = 0;
    lns::Modulation modulation;
    int power_dbm = 0;
    bool polarization_inverted = false;
    Bytes phy;
};

// What a server may send to a gateway; the token is that of the answer, or of the order.
struct FromServer {
    enum class Kind : std::uint8_t { push_ack, pull_ack, pull_resp };
    Kind kind;
    std::uint16_t token;
    std::optional<TxRequest> request;  // of a PULL_RESP that makes sense
};
std::optional<FromServer> parse_from_server(ByteView datagram);

}  // namespace helio::sim
