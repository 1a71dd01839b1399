#include "gateway-bridge/semtech-udp/tx_ack.h"

#include "gateway-bridge/semtech-udp/json_reader.h"

#include <algorithm>
#include <array>

namespace helio::gateway_bridge::semtech_udp {
namespace {

using lns::TxAckStatus;

struct ErrorName {
    std::string_view name;
    TxAckStatus status;
};
constexpr std::array<ErrorName, 9> kErrorNames = {{
    {"NONE", TxAckStatus::ok},
    {"TOO_LATE", TxAckStatus::too_late},
    {"TOO_EARLY", TxAckStatus::too_early},
    {"COLLISION_PACKET", TxAckStatus::collision_packet},
    {"COLLISION_BEACON", TxAckStatus::collision_beacon},
    {"TX_FREQ", TxAckStatus::tx_freq},
    {"TX_POWER", TxAckStatus::tx_power},
    {"GPS_UNLOCKED", TxAckStatus::gps_unlocked},
    {"QUEUE_FULL", TxAckStatus::queue_full},
}};

TxAckStatus read_error(JsonReader& in) {
    const auto text = in.string();
    if (!text) return TxAckStatus::other;
    const auto* const known = std::ranges::find(kErrorNames, text->raw, &ErrorName::name);
    return known == kErrorNames.end() ? TxAckStatus::other : known->status;
}

std::optional<std::int8_t> read_power(JsonReader& in) {
    const auto number = in.number();
    if (!number || !number->integer || *number->integer < -128 || *number->integer > 127) {
        return std::nullopt;
    }
    return static_cast<std::int8_t>(*number->integer);
}

TxAckReport read_txpk_ack(JsonReader& in) {
    if (!in.enter_object()) return in.skip(), TxAckReport{.status = TxAckStatus::other};
    TxAckReport out;
    std::string_view key;
    while (in.next_member(key)) {
        if (key == "error") {
            out.status = read_error(in);
        } else if (key == "value") {
            out.used_power_dbm = read_power(in);
        } else {
            in.skip();
        }
    }
    if (out.status != TxAckStatus::ok) out.used_power_dbm.reset();
    return out;
}

}  // namespace

TxAckReport parse_tx_ack(ByteView json) {
    JsonReader in(text_of(json));
    if (in.at_end()) return {};
    TxAckReport out;
    if (!in.enter_object()) return {.status = TxAckStatus::other};
    std::string_view key;
    while (in.next_member(key)) {
        if (key == "txpk_ack") {
            out = read_txpk_ack(in);
        } else {
            in.skip();
        }
    }
    if (in.failed() || !in.at_end()) return {.status = TxAckStatus::other};
    return out;
}

}  // namespace helio::gateway_bridge::semtech_udp
