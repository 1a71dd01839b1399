#include "lns/mac/rx_timing_setup.h"

#include <algorithm>

namespace helio::lns::mac {

std::array<std::uint8_t, 1> encode(const RxTimingSetupReq& req) {
    return {static_cast<std::uint8_t>(req.delay_s & 0x0f)};
}

RxTimingSetupReq parse_rx_timing_setup_req(std::span<const std::uint8_t, 1> payload) {
    return {std::max<std::uint8_t>(1, payload[0] & 0x0f)};
}

void plan_rx_timing_setup(const PlanInput& in, RequestWriter& out) {
    if (in.desired.rx_delay_1_s == in.current.rx_delay_1_s) return;
    out.add(Cid::rx_timing_setup, encode(RxTimingSetupReq{in.desired.rx_delay_1_s}));
}

void apply_rx_timing_setup(AnswerContext& context, const Answered& answered) {
    answered.each(context, [&](ByteView, ByteView request) {
        context.current.rx_delay_1_s = parse_rx_timing_setup_req(request.first<1>()).delay_s;
    });
}

}  // namespace helio::lns::mac
