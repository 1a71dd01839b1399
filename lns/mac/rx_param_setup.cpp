#include "lns/mac/rx_param_setup.h"

namespace helio::lns::mac {

std::array<std::uint8_t, 4> encode(const RxParamSetupReq& req, std::uint32_t step_hz) {
    std::array<std::uint8_t, 4> out{
        static_cast<std::uint8_t>((req.rx1_dr_offset & 0x07) << 4 | (req.rx2_data_rate & 0x0f))};
    put_frequency(&out[1], req.rx2_frequency_hz, step_hz);
    return out;
}

RxParamSetupReq parse_rx_param_setup_req(std::span<const std::uint8_t, 4> p,
                                         std::uint32_t step_hz) {
    return {static_cast<std::uint8_t>(p[0] >> 4 & 0x07),
            static_cast<std::uint8_t>(p[0] & 0x0f),
            get_frequency(&p[1], step_hz)};
}

std::array<std::uint8_t, 1> encode(const RxParamSetupAns& ans) {
    return {static_cast<std::uint8_t>((ans.channel_ack ? 1 : 0) | (ans.rx2_data_rate_ack ? 2 : 0) |
                                      (ans.rx1_dr_offset_ack ? 4 : 0))};
}

RxParamSetupAns parse_rx_param_setup_ans(std::span<const std::uint8_t, 1> p) {
    return {(p[0] & 1) != 0, (p[0] & 2) != 0, (p[0] & 4) != 0};
}

void plan_rx_param_setup(const PlanInput& in, RequestWriter& out) {
    const Parameters& want = in.desired;
    const Parameters& have = in.current;
    if (want.rx1_dr_offset == have.rx1_dr_offset && want.rx2_data_rate == have.rx2_data_rate &&
        want.rx2_frequency_hz == have.rx2_frequency_hz)
        return;
    const auto payload =
        encode(RxParamSetupReq{want.rx1_dr_offset, want.rx2_data_rate, want.rx2_frequency_hz},
               in.region.frequency_step_hz);
    if (!in.refused.contains(Cid::rx_param_setup, payload)) out.add(Cid::rx_param_setup, payload);
}

void apply_rx_param_setup(AnswerContext& context, const Answered& answered) {
    answered.each(context, [&](ByteView answer, ByteView request) {
        if (!parse_rx_param_setup_ans(answer.first<1>()).accepted())
            return context.refused.add(Cid::rx_param_setup, request);
        const RxParamSetupReq req =
            parse_rx_param_setup_req(request.first<4>(), context.region.frequency_step_hz);
        context.current.rx1_dr_offset = req.rx1_dr_offset;
        context.current.rx2_data_rate = req.rx2_data_rate;
        context.current.rx2_frequency_hz = req.rx2_frequency_hz;
    });
}

}  // namespace helio::lns::mac
