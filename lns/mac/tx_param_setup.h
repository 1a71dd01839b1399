// TxParamSetupReq / TxParamSetupAns (1.0.2 on, regions that have it): the device's greatest EIRP
// and the dwell time limits (TS001 §5.9).
//
//   Req:  | 2 bits: RFU | DownlinkDwellTime | UplinkDwellTime | 4 bits: EIRP code |     Ans: empty
#pragma once

#include "lns/mac/family.h"

#include <array>

namespace helio::lns::mac {

// By EIRP code.
inline constexpr std::array<std::uint8_t, 16> kEirpDbm = {
    8, 10, 12, 13, 14, 16, 18, 20, 21, 24, 26, 27, 29, 30, 33, 36};

// The greatest code that does not exceed `dbm`.
constexpr std::uint8_t eirp_code(unsigned dbm) {
    std::uint8_t code = 0;
    while (code + 1u < kEirpDbm.size() && kEirpDbm[code + 1] <= dbm) ++code;
    return code;
}

struct TxParamSetupReq {
    bool downlink_dwell_time = false;
    bool uplink_dwell_time = false;
    std::uint8_t eirp_code = 0;
    friend bool operator==(const TxParamSetupReq&, const TxParamSetupReq&) = default;
};
std::array<std::uint8_t, 1> encode(const TxParamSetupReq& req);
TxParamSetupReq parse_tx_param_setup_req(std::span<const std::uint8_t, 1> payload);

void plan_tx_param_setup(const PlanInput& in, RequestWriter& out);
void apply_tx_param_setup(AnswerContext& context, const Answered& answered);

}  // namespace helio::lns::mac
