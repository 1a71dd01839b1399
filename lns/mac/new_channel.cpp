#include "lns/mac/new_channel.h"

namespace helio::lns::mac {

std::array<std::uint8_t, 5> encode(const NewChannelReq& req, std::uint32_t step_hz) {
    std::array<std::uint8_t, 5> out{req.index};
    put_frequency(&out[1], req.frequency_hz, step_hz);
    out[4] = static_cast<std::uint8_t>(req.max_data_rate << 4 | (req.min_data_rate & 0x0f));
    return out;
}

NewChannelReq parse_new_channel_req(std::span<const std::uint8_t, 5> p, std::uint32_t step_hz) {
    return {.index = p[0],
            .frequency_hz = get_frequency(&p[1], step_hz),
            .min_data_rate = static_cast<std::uint8_t>(p[4] & 0x0f),
            .max_data_rate = static_cast<std::uint8_t>(p[4] >> 4)};
}

std::array<std::uint8_t, 1> encode(const NewChannelAns& ans) {
    return {static_cast<std::uint8_t>((ans.frequency_ok ? 1 : 0) | (ans.data_rates_ok ? 2 : 0))};
}

NewChannelAns parse_new_channel_ans(std::span<const std::uint8_t, 1> p) {
    return {(p[0] & 1) != 0, (p[0] & 2) != 0};
}

void plan_new_channel(const PlanInput& in, RequestWriter& out) {
    if (!in.region.channels_can_be_added) return;
    for (std::size_t i = in.region.channels.size(); i < kFreeChannels; ++i) {
        const DeviceChannel& want = in.desired.channels[i];
        const DeviceChannel& have = in.current.channels[i];
        if (want.uplink_hz == have.uplink_hz && want.min_data_rate == have.min_data_rate &&
            want.max_data_rate == have.max_data_rate)
            continue;
        const auto payload = encode(NewChannelReq{static_cast<std::uint8_t>(i),
                                                  want.uplink_hz,
                                                  want.min_data_rate,
                                                  want.max_data_rate},
                                    in.region.frequency_step_hz);
        if (!in.refused.contains(Cid::new_channel, payload)) out.add(Cid::new_channel, payload);
    }
}

void apply_new_channel(AnswerContext& context, const Answered& answered) {
    answered.each(context, [&](ByteView answer, ByteView request) {
        if (!parse_new_channel_ans(answer.first<1>()).accepted())
            return context.refused.add(Cid::new_channel, request);
        const NewChannelReq req =
            parse_new_channel_req(request.first<5>(), context.region.frequency_step_hz);
        if (req.index >= kFreeChannels) return;
        const bool exists = req.frequency_hz != 0;
        context.current.channels[req.index] =
            exists ? DeviceChannel{req.frequency_hz, 0, req.min_data_rate, req.max_data_rate}
                   : DeviceChannel{};
        context.current.enabled.set(req.index, exists);
    });
}

}  // namespace helio::lns::mac
