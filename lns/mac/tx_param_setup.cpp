#include "lns/mac/tx_param_setup.h"

namespace helio::lns::mac {

std::array<std::uint8_t, 1> encode(const TxParamSetupReq& req) {
    return {static_cast<std::uint8_t>((req.downlink_dwell_time ? 0x20 : 0) |
                                      (req.uplink_dwell_time ? 0x10 : 0) | (req.eirp_code & 0x0f))};
}

TxParamSetupReq parse_tx_param_setup_req(std::span<const std::uint8_t, 1> p) {
    return {(p[0] & 0x20) != 0, (p[0] & 0x10) != 0, static_cast<std::uint8_t>(p[0] & 0x0f)};
}

void plan_tx_param_setup(const PlanInput& in, RequestWriter& out) {
    if (!in.region.tx_param_setup || !in.version.since_1_0_2()) return;
    const auto request_of = [](const Parameters& p) {
        return TxParamSetupReq{
            p.downlink_dwell_time, p.uplink_dwell_time, eirp_code(p.max_eirp_dbm)};
    };
    const TxParamSetupReq want = request_of(in.desired);
    if (want == request_of(in.current)) return;
    out.add(Cid::tx_param_setup, encode(want));
}

void apply_tx_param_setup(AnswerContext& context, const Answered& answered) {
    answered.each(context, [&](ByteView, ByteView request) {
        const TxParamSetupReq req = parse_tx_param_setup_req(request.first<1>());
        context.current.downlink_dwell_time = req.downlink_dwell_time;
        context.current.uplink_dwell_time = req.uplink_dwell_time;
        context.current.max_eirp_dbm = kEirpDbm[req.eirp_code];
    });
}

}  // namespace helio::lns::mac
