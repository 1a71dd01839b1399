#include "lns/mac/dev_status.h"

namespace helio::lns::mac {

std::array<std::uint8_t, 2> encode(const DeviceStatus& status) {
    return {status.battery, static_cast<std::uint8_t>(status.margin_db & 0x3f)};
}

DeviceStatus parse_dev_status_ans(std::span<const std::uint8_t, 2> payload) {
    const int six_bits = payload[1] & 0x3f;
    return {payload[0], static_cast<std::int8_t>(six_bits < 32 ? six_bits : six_bits - 64)};
}

void plan_dev_status(const PlanInput& in, RequestWriter& out) {
    if (in.options.ask_device_status) out.add(Cid::dev_status, {});
}

void apply_dev_status(AnswerContext& context, const Answered& answered) {
    answered.each(context, [&](ByteView answer, ByteView) {
        context.outcome.status = parse_dev_status_ans(answer.first<2>());
    });
}

}  // namespace helio::lns::mac
