#include "gateway-bridge/semtech-udp/tx_ack.h"

#include "gateway-bridge/semtech-udp/json_reader.h"

#include <algorithm>
#include <array>

namespace helio::gateway_bridge::semtech_udp {
namespace {

using lns::TxAckStatus;

constexpr std::array kRefusals = {TxAckStatus::too_late,
                                  TxAckStatus::too_early,
                                  TxAckStatus::collision_packet,
                                  TxAckStatus::collision_beacon,
                                  TxAckStatus::tx_freq,
                                  TxAckStatus::tx_power,
                                  TxAckStatus::gps_unlocked,
                                  TxAckStatus::queue_full};

TxAckStatus read_error(JsonReader& in) {
    const auto text = in.string();
    if (!text) return TxAckStatus::other;
    if (text->raw == "NONE") return TxAckStatus::ok;
    const auto* const known = std::ranges::find(kRefusals, text->raw, lns::name_of);
    return known == kRefusals.end() ? TxAckStatus::other : *known;
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
