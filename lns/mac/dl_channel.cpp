#include "lns/mac/dl_channel.h"

namespace helio::lns::mac {
namespace {

// RX1's frequency, whether it was moved or follows the uplink.
std::uint32_t downlink_hz(const PlanInput& in, const Parameters& p, std::size_t index) {
    if (p.channels[index].downlink_hz != 0) return p.channels[index].downlink_hz;
    return index < in.region.channels.size() ? in.region.channels[index].frequency_hz
                                             : in.current.channels[index].uplink_hz;
}

}  // namespace

std::array<std::uint8_t, 4> encode(const DlChannelReq& req, std::uint32_t step_hz) {
    std::array<std::uint8_t, 4> out{req.index};
    put_frequency(&out[1], req.frequency_hz, step_hz);
    return out;
}

DlChannelReq parse_dl_channel_req(std::span<const std::uint8_t, 4> p, std::uint32_t step_hz) {
    return {p[0], get_frequency(&p[1], step_hz)};
}

std::array<std::uint8_t, 1> encode(const DlChannelAns& ans) {
    return {static_cast<std::uint8_t>((ans.frequency_ok ? 1 : 0) | (ans.uplink_exists ? 2 : 0))};
}

DlChannelAns parse_dl_channel_ans(std::span<const std::uint8_t, 1> p) {
    return {(p[0] & 1) != 0, (p[0] & 2) != 0};
}

void plan_dl_channel(const PlanInput& in, RequestWriter& out) {
    if (!in.region.downlink_channels_can_be_moved || !in.version.since_1_0_2()) return;
    const ChannelSet defined = defined_channels(in.region, in.current);
    for (std::size_t i = 0; i < kFreeChannels; ++i) {
        // A channel that is to be added or changed comes first; its answer brings us back here.
        const bool same = i < in.region.channels.size() ||
                          in.desired.channels[i].uplink_hz == in.current.channels[i].uplink_hz;
        if (!defined.test(i) || !same) continue;
        const std::uint32_t want = downlink_hz(in, in.desired, i);
        if (want == downlink_hz(in, in.current, i)) continue;
        const auto payload =
            encode(DlChannelReq{static_cast<std::uint8_t>(i), want}, in.region.frequency_step_hz);
        if (!in.refused.contains(Cid::dl_channel, payload)) out.add(Cid::dl_channel, payload);
    }
}

void apply_dl_channel(AnswerContext& context, const Answered& answered) {
    answered.each(context, [&](ByteView answer, ByteView request) {
        if (!parse_dl_channel_ans(answer.first<1>()).accepted())
            return context.refused.add(Cid::dl_channel, request);
        const DlChannelReq req =
            parse_dl_channel_req(request.first<4>(), context.region.frequency_step_hz);
        if (req.index >= kFreeChannels) return;
        context.current.channels[req.index].downlink_hz = req.frequency_hz;
    });
}

}  // namespace helio::lns::mac
