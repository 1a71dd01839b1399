// What gateways and the network server say to each other, as plain values.  Any gateway protocol
// (Semtech UDP, Basics Station, gateway MQTT) is turned into these and back by gateway-bridge/.
#pragma once

#include "base/bytes.h"
#include "base/eui64.h"
#include "base/time.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace helio::lns {

struct LoraModulation {
    std::uint32_t bandwidth_hz;
    std::uint8_t spreading_factor;
    std::uint8_t code_rate = 5;  // the x of 4/x
    friend bool operator==(const LoraModulation&, const LoraModulation&) = default;
};
struct FskModulation {
    std::uint32_t bit_rate;
    std::uint32_t frequency_deviation_hz = 25'000;
    friend bool operator==(const FskModulation&, const FskModulation&) = default;
};
struct LrFhssModulation {
    std::uint32_t operating_channel_width_hz;
    std::uint8_t code_rate;  // numerator over 6: 2 (= 1/3) or 4 (= 2/3)
    std::uint16_t grid_steps = 0;
    friend bool operator==(const LrFhssModulation&, const LrFhssModulation&) = default;
};
using Modulation = std::variant<LoraModulation, FskModulation, LrFhssModulation>;

// The connection that a message came by; a downlink for an older epoch has nowhere to go.
struct GatewayPath {
    Eui64 gateway;
    std::uint32_t epoch = 0;
    friend bool operator==(const GatewayPath&, const GatewayPath&) = default;
};

// One frame as one antenna of one gateway heard it.  `phy_payload` is valid during the call only.
struct GatewayUplink {
    GatewayPath path;
    std::uint32_t uplink_id = 0;
    ByteView phy_payload;  // 1..255 bytes
    std::uint32_t frequency_hz = 0;
    Modulation modulation;
    std::int16_t rssi_dbm = 0;
    float snr_db = 0;
    std::optional<std::uint32_t> counter_us;  // tmst at the end of the frame; wraps every 2^32 us
    std::optional<Instant> gateway_time;
    std::optional<GpsTime> gps_time;
    std::optional<std::uint32_t> fine_time_ns;
    std::uint16_t channel = 0;
    std::uint8_t rf_chain = 0;
    std::uint8_t board = 0;
    std::uint8_t antenna = 0;
    const std::map<std::string, std::string>* metadata = nullptr;  // may be absent
};

struct SendImmediately {
    friend bool operator==(const SendImmediately&, const SendImmediately&) = default;
};
struct SendAtCounter {  // concentrator counter of the gateway, microseconds, modulo 2^32
    std::uint32_t counter_us;
    friend bool operator==(const SendAtCounter&, const SendAtCounter&) = default;
};
struct SendAtGpsTime {
    GpsTime at;
    friend bool operator==(const SendAtGpsTime&, const SendAtGpsTime&) = default;
};
using SendTiming = std::variant<SendImmediately, SendAtCounter, SendAtGpsTime>;

struct GatewayDownlink {
    std::uint64_t downlink_id = 0;  // comes back in the GatewayTxAck
    GatewayPath path;
    SendTiming timing;
    std::uint32_t frequency_hz = 0;
    Modulation modulation;
    std::int8_t eirp_dbm = 14;
    bool polarization_inverted = true;
    bool payload_crc = false;
    std::uint8_t board = 0;
    std::uint8_t antenna = 0;
    std::uint8_t rf_chain = 0;
    Bytes phy_payload;
    Instant send_by;  // later than this it cannot reach its window
    friend bool operator==(const GatewayDownlink&, const GatewayDownlink&) = default;
};

enum class TxAckStatus : std::uint8_t {
    ok,
    too_late,
    too_early,
    collision_packet,
    collision_beacon,
    tx_freq,
    tx_power,
    gps_unlocked,
    queue_full,
    gateway_gone,  // no path to the gateway: said by the gateway bridge itself
    other,
};
// As packet forwarders and ChirpStack spell it.
constexpr std::string_view name_of(TxAckStatus status) {
    switch (status) {
        case TxAckStatus::ok:
            return "OK";
        case TxAckStatus::too_late:
            return "TOO_LATE";
        case TxAckStatus::too_early:
            return "TOO_EARLY";
        case TxAckStatus::collision_packet:
            return "COLLISION_PACKET";
        case TxAckStatus::collision_beacon:
            return "COLLISION_BEACON";
        case TxAckStatus::tx_freq:
            return "TX_FREQ";
        case TxAckStatus::tx_power:
            return "TX_POWER";
        case TxAckStatus::gps_unlocked:
            return "GPS_UNLOCKED";
        case TxAckStatus::queue_full:
            return "QUEUE_FULL";
        case TxAckStatus::gateway_gone:
            return "GATEWAY_GONE";
        case TxAckStatus::other:
            break;
    }
    return "INTERNAL_ERROR";
}
struct GatewayTxAck {
    Eui64 gateway;
    std::uint64_t downlink_id = 0;
    TxAckStatus status = TxAckStatus::ok;
    std::optional<std::int8_t> used_power_dbm;
};

struct GatewayStatus {
    GatewayPath path;
    std::optional<Instant> gateway_time;
    std::optional<double> latitude, longitude, altitude_m;
    std::optional<std::uint32_t> rx_received, rx_ok, rx_forwarded;
    std::optional<std::uint32_t> downlinks_received, tx_emitted;
    std::optional<double> ack_percent, temperature_c;
    std::map<std::string, std::string> metadata;
};

}  // namespace helio::lns
