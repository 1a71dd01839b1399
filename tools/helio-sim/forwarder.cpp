#include "tools/helio-sim/forwarder.h"

#include "base/base64.h"

#include <boost/json.hpp>
#include <cmath>
#include <fmt/format.h>

namespace helio::sim {
namespace {

Bytes packet(std::uint8_t identifier, std::uint16_t token, Eui64 gateway, std::string_view json) {
    Bytes out = {
        2, static_cast<std::uint8_t>(token >> 8), static_cast<std::uint8_t>(token), identifier};
    const auto eui = gateway.big_endian();
    out.insert(out.end(), eui.begin(), eui.end());
    out.insert(out.end(), json.begin(), json.end());
    return out;
}

std::string modulation_members(const lns::Modulation& modulation) {
    if (const auto* const lora = std::get_if<lns::LoraModulation>(&modulation)) {
        return fmt::format(R"("modu":"LORA","datr":"SF{}BW{}","codr":"4/{}")",
                           lora->spreading_factor,
                           lora->bandwidth_hz / 1000,
                           lora->code_rate);
    }
    if (const auto* const fsk = std::get_if<lns::FskModulation>(&modulation)) {
        return fmt::format(R"("modu":"FSK","datr":{})", fsk->bit_rate);
    }
    const auto& lr_fhss = std::get<lns::LrFhssModulation>(modulation);
    return fmt::format(R"("modu":"LR-FHSS","datr":"M0CW{}","codr":"{}/6","hpw":8)",
                       lr_fhss.operating_channel_width_hz / 1000,
                       lr_fhss.code_rate);
}

lns::Modulation modulation_of(const boost::json::object& txpk) {
    if (txpk.at("modu").as_string() == "FSK") {
        return lns::FskModulation{
            .bit_rate = txpk.at("datr").to_number<std::uint32_t>(),
            .frequency_deviation_hz = txpk.at("fdev").to_number<std::uint32_t>()};
    }
    const std::string datr(txpk.at("datr").as_string());
    const std::string codr(txpk.at("codr").as_string());
    const std::size_t bw = datr.find("BW");
    if (txpk.at("modu").as_string() != "LORA" || !datr.starts_with("SF") ||
        bw == std::string::npos || !codr.starts_with("4/")) {
        throw std::invalid_argument("modulation");
    }
    return lns::LoraModulation{
        .bandwidth_hz = static_cast<std::uint32_t>(std::stoul(datr.substr(bw + 2))) * 1000,
        .spreading_factor = static_cast<std::uint8_t>(std::stoul(datr.substr(2, bw - 2))),
        .code_rate = static_cast<std::uint8_t>(std::stoul(codr.substr(2)))};
}

lns::SendTiming timing_of(const boost::json::object& txpk) {
    const auto* const imme = txpk.if_contains("imme");
    if (imme != nullptr && imme->as_bool()) return lns::SendImmediately{};
    if (const auto* const tmst = txpk.if_contains("tmst")) {
        return lns::SendAtCounter{tmst->to_number<std::uint32_t>()};
    }
    return lns::SendAtGpsTime{
        {std::chrono::milliseconds(txpk.at("tmms").to_number<std::int64_t>())}};
}

// Throws where a member is missing or of the wrong type: a real forwarder refuses such an order.
TxRequest request_of(ByteView json) {
    const auto root = boost::json::parse(std::string(text_of(json)));
    const boost::json::object& txpk = root.at("txpk").as_object();
    const auto phy = from_base64(std::string_view(txpk.at("data").as_string()));
    if (!phy || phy->size() != txpk.at("size").to_number<std::size_t>()) {
        throw std::invalid_argument("data");
    }
    return {.timing = timing_of(txpk),
            .frequency_hz =
                static_cast<std::uint32_t>(std::llround(txpk.at("freq").to_number<double>() * 1e6)),
            .modulation = modulation_of(txpk),
            .power_dbm = txpk.at("powe").to_number<int>(),
            .polarization_inverted = txpk.at("ipol").as_bool(),
            .phy = *phy};
}

}  // namespace

Bytes push_data(std::uint16_t token, Eui64 gateway, const ReceivedFrame& frame) {
    return packet(
        0,
        token,
        gateway,
        fmt::format(
            R"({{"rxpk":[{{"tmst":{},"time":"{}","chan":0,"rfch":0,"freq":{:.6f},"stat":1,{},)"
            R"("rssi":{},"lsnr":{:.1f},"size":{},"data":"{}"}}]}})",
            frame.counter_us,
            to_rfc3339(frame.time),
            frame.frequency_hz / 1e6,
            modulation_members(frame.modulation),
            frame.level.rssi_dbm,
            frame.level.snr_db,
            frame.phy.size(),
            to_base64(frame.phy)));
}

Bytes push_stat(std::uint16_t token, Eui64 gateway, const ForwarderStats& stats, Instant now) {
    std::string time = to_rfc3339(now, 0);
    time[10] = ' ';
    time.pop_back();
    const double ratio =
        stats.forwarded == 0 ? 100.0 : 100.0 * stats.acknowledged / stats.forwarded;
    return packet(
        0,
        token,
        gateway,
        fmt::format(R"({{"stat":{{"time":"{} GMT","lati":0.0,"long":0.0,"alti":0,"rxnb":{},)"
                    R"("rxok":{},"rxfw":{},"ackr":{:.1f},"dwnb":{},"txnb":{}}}}})",
                    time,
                    stats.received,
                    stats.received,
                    stats.forwarded,
                    std::min(ratio, 100.0),
                    stats.downlinks,
                    stats.transmitted));
}

Bytes pull_data(std::uint16_t token, Eui64 gateway) { return packet(2, token, gateway, ""); }

Bytes tx_ack(std::uint16_t token, Eui64 gateway, std::string_view error) {
    return packet(5, token, gateway, fmt::format(R"({{"txpk_ack":{{"error":"{}"}}}})", error));
}

std::optional<FromServer> parse_from_server(ByteView datagram) {
    if (datagram.size() < 4 || datagram[0] != 2) return std::nullopt;
    const auto token = static_cast<std::uint16_t>(datagram[1] << 8 | datagram[2]);
    switch (datagram[3]) {
        case 1:
            return FromServer{FromServer::Kind::push_ack, token, {}};
        case 4:
            return FromServer{FromServer::Kind::pull_ack, token, {}};
        case 3:
            break;
        default:
            return std::nullopt;
    }
    FromServer out{FromServer::Kind::pull_resp, token, {}};
    try {
        out.request = request_of(datagram.subspan(4));
    } catch (const std::exception&) {
        out.request.reset();  // counted as an order that makes no sense
    }
    return out;
}

}  // namespace helio::sim
