#include "gateway-bridge/semtech-udp/txpk.h"

#include "base/base64.h"
#include "gateway-bridge/semtech-udp/modulation_text.h"

#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <string>

namespace helio::gateway_bridge::semtech_udp {
namespace {

constexpr int kLoraPreambleSymbols = 8;
constexpr int kFskPreambleBytes = 5;

template <class... Args>
void put(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void put_timing(std::string& out, const lns::SendTiming& timing) {
    if (const auto* const at = std::get_if<lns::SendAtCounter>(&timing)) {
        put(out, R"("imme":false,"tmst":{})", at->counter_us);
    } else if (const auto* const gps = std::get_if<lns::SendAtGpsTime>(&timing)) {
        const auto ms = std::chrono::floor<std::chrono::milliseconds>(gps->at.since_epoch);
        put(out, R"("imme":false,"tmms":{})", ms.count());
    } else {
        out += R"("imme":true)";
    }
}

// Megahertz without a detour by floating point: 869525000 -> 869.525
void put_frequency(std::string& out, std::uint32_t hz) {
    put(out, R"(,"freq":{}.{:06})", hz / 1'000'000, hz % 1'000'000);
    while (out.back() == '0' && out[out.size() - 2] != '.') out.pop_back();
}

void put_modulation(std::string& out, const lns::Modulation& modulation) {
    if (const auto* const lora = std::get_if<lns::LoraModulation>(&modulation)) {
        put(out,
            R"(,"modu":"LORA","datr":"{}","codr":"4/{}","prea":{})",
            lora_datr(*lora),
            lora->code_rate,
            kLoraPreambleSymbols);
    } else if (const auto* const fsk = std::get_if<lns::FskModulation>(&modulation)) {
        put(out,
            R"(,"modu":"FSK","datr":{},"fdev":{},"prea":{})",
            fsk->bit_rate,
            fsk->frequency_deviation_hz,
            kFskPreambleBytes);
    }
}

}  // namespace

bool encode_pull_resp(Version version,
                      Token token,
                      const lns::GatewayDownlink& downlink,
                      float antenna_gain_dbi,
                      Bytes& out) {
    if (std::holds_alternative<lns::LrFhssModulation>(downlink.modulation)) return false;
    const int power =
        static_cast<int>(std::floor(static_cast<float>(downlink.eirp_dbm) - antenna_gain_dbi));

    std::string json;
    json.reserve(640);
    json += R"({"txpk":{)";
    put_timing(json, downlink.timing);
    put_frequency(json, downlink.frequency_hz);
    put(json, R"(,"rfch":{},"powe":{})", downlink.rf_chain, power);
    put_modulation(json, downlink.modulation);
    if (downlink.board != 0) put(json, R"(,"brd":{})", downlink.board);
    if (downlink.antenna != 0) put(json, R"(,"ant":{})", downlink.antenna);
    put(json,
        R"(,"ipol":{},"ncrc":{},"size":{},"data":"{}"}}}})",
        downlink.polarization_inverted,
        !downlink.payload_crc,
        downlink.phy_payload.size(),
        to_base64(downlink.phy_payload));

    const AckBytes header = encode_pull_resp_header(version, token);
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), json.begin(), json.end());
    return true;
}

}  // namespace helio::gateway_bridge::semtech_udp
