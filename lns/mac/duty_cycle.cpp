#include "lns/mac/duty_cycle.h"

namespace helio::lns::mac {

std::array<std::uint8_t, 1> encode(const DutyCycleReq& req) {
    return {static_cast<std::uint8_t>(req.max_duty_cycle & 0x0f)};
}

DutyCycleReq parse_duty_cycle_req(std::span<const std::uint8_t, 1> payload) {
    return {static_cast<std::uint8_t>(payload[0] & 0x0f)};
}

void plan_duty_cycle(const PlanInput& in, RequestWriter& out) {
    if (in.desired.max_duty_cycle == in.current.max_duty_cycle) return;
    out.add(Cid::duty_cycle, encode(DutyCycleReq{in.desired.max_duty_cycle}));
}

void apply_duty_cycle(AnswerContext& context, const Answered& answered) {
    answered.each(context, [&](ByteView, ByteView request) {
        context.current.max_duty_cycle = parse_duty_cycle_req(request.first<1>()).max_duty_cycle;
    });
}

}  // namespace helio::lns::mac
