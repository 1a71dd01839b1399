#include "lns/downlink/compose.h"

#include "lns/frame/data_frame.h"

#include <algorithm>

namespace helio::lns {
namespace {

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

}  // namespace

std::size_t DownlinkContent::size() const { return fopts.size() + mac_payload.size(); }

std::optional<DownlinkContent> compose(const DownlinkNeeds& needs,
                                       std::size_t max_payload,
                                       const PlanRequests& plan_requests) {
    DownlinkContent out{.ack = needs.ack};
    const std::size_t answers = needs.answers.size();
    const std::size_t item_size = needs.item ? needs.item->data().size() : 0;
    const bool item_fits = needs.item && answers <= kMaxFOpts && answers + item_size <= max_payload;
    if (item_fits) {
        const std::size_t room = std::min(kMaxFOpts, max_payload - item_size) - answers;
        out.requests = plan_requests(room);
        out.with_item = true;
        out.fport = static_cast<std::uint8_t>(needs.item->fport());
        out.fopts = needs.answers;
        append(out.fopts, out.requests.bytes);
        out.fpending = needs.more_items || out.requests.more;
        return out;
    }

    const std::size_t room = max_payload > answers ? max_payload - answers : 0;
    out.requests = plan_requests(room);
    const bool worth = needs.ack || needs.any || answers > 0 || needs.item != nullptr ||
                       out.requests.worth_a_downlink;
    if (!worth) return std::nullopt;
    Bytes commands = needs.answers;
    append(commands, out.requests.bytes);
    if (commands.size() <= kMaxFOpts) {
        out.fopts = std::move(commands);
    } else {
        out.fport = 0;
        out.mac_payload = std::move(commands);
    }
    out.fpending = needs.item != nullptr || needs.more_items || out.requests.more;
    return out;
}

}  // namespace helio::lns
