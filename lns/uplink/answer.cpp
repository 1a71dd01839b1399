// The second half of AcceptedUplink: what the device is sent in return.
#include "lns/downlink/queue.h"
#include "lns/frame/mic.h"
#include "lns/frame/payload_crypto.h"
#include "lns/mac/command_table.h"
#include "lns/uplink/accepted_uplink.h"
#include "lns/uplink/events.h"

#include <algorithm>

namespace helio::lns {
namespace {

// A counter is never used twice under the same keys.
constexpr std::uint32_t kNoCounterLeft = 0xffff'ffffu;

// MHDR, DevAddr, FCtrl, FCnt, MIC and an FPort where there is a payload.
std::size_t phy_size_of(const DownlinkContent& content, const proto::QueueItem* item) {
    const std::size_t payload =
        content.with_item ? item->data().size() : content.mac_payload.size();
    return kEmptyDataFrame + content.fopts.size() + (content.fport ? 1 + payload : 0);
}

std::optional<Instant> expiry_of(const proto::QueueItem& item) {
    if (!item.has_expires_at_us()) return std::nullopt;
    return from_unix_us(item.expires_at_us());
}

}  // namespace

// The device speaks of the confirmed downlink that it received last: there is only one at a time.
void AcceptedUplink::take_in_ack() {
    if (!state_.awaiting_ack) return;
    state_.awaiting_ack = false;
    queue_ = queued_items(core_.store, found_.dev_eui);
    queue_read_ = true;
    const auto at = std::ranges::find_if(queue_, &proto::QueueItem::awaiting_ack);
    if (at == queue_.end()) return;
    if (in_.frame.ack) {
        acked_message_id_ = at->message_id();
        end_confirmed(*at, true);
        erase_item(*tx_, found_.dev_eui, *at);
        queue_.erase(at);
    } else {
        at->set_awaiting_ack(false);
        put_item(*tx_, found_.dev_eui, *at);
    }
}

void AcceptedUplink::end_confirmed(const proto::QueueItem& item, bool acknowledged) {
    proto::Event event;
    begin_event(found_.dev_eui, time_of(in_.set), salt_of(in_.set) + 2, event);
    event.mutable_ack()->set_message_id(item.message_id());
    event.mutable_ack()->set_acknowledged(acknowledged);
    event.mutable_ack()->set_fcnt_down(item.fcnt_down());
    core_.publish(*tx_, std::move(event));
}

void AcceptedUplink::drop_item(const proto::QueueItem& item,
                               std::string_view code,
                               std::string_view text) {
    proto::Event event = log_event(found_.dev_eui, in_.now, proto::LogEvent::ERROR, code, text);
    (*event.mutable_log()->mutable_context())["queue_item_id"] = item.message_id();
    core_.publish(*tx_, std::move(event));
    erase_item(*tx_, found_.dev_eui, item);
}

// The first item that is still wanted and that some window can carry.
void AcceptedUplink::choose_item(const std::vector<Window>& windows) {
    if (!state_.queue_waiting || !is_new()) return;
    if (!queue_read_) queue_ = queued_items(core_.store, found_.dev_eui);
    std::size_t largest = 0;
    for (const Window& w : windows) largest = std::max<std::size_t>(largest, w.max_payload);
    for (; queue_begin_ < queue_.size(); ++queue_begin_) {
        proto::QueueItem& item = queue_[queue_begin_];
        const auto expiry = expiry_of(item);
        const std::uint32_t most = item.confirmed() ? core_.config.max_attempts_confirmed
                                                    : core_.config.max_attempts_unconfirmed;
        if (expiry && *expiry <= in_.now) {
            ++core_.stats.queue_expired;
            drop_item(item, "EXPIRED", "the message expired before it could be sent");
        } else if (item.attempts() >= most) {
            ++core_.stats.queue_dropped;
            if (item.confirmed()) end_confirmed(item, false);
            drop_item(item,
                      item.confirmed() ? "F_CNT_DOWN" : "DOWNLINK_GATEWAY",
                      item.confirmed() ? "the device did not acknowledge the message"
                                       : "no gateway could send the message");
        } else if (item.data().size() > largest) {
            ++core_.stats.queue_too_large;
            drop_item(item,
                      "DOWNLINK_PAYLOAD_SIZE",
                      "the message has " + std::to_string(item.data().size()) +
                          " bytes; the present data rate carries " + std::to_string(largest));
        } else {
            item_ = &item;
            return;
        }
    }
    state_.queue_waiting = false;
}

void AcceptedUplink::answer() {
    if (!session_) return;
    const mac::Parameters current = mac::from_proto(session_->current());
    std::vector<Window> windows =
        windows_after_data(region(), current, in_.set.best().frequency_hz, in_.data_rate);
    choose_item(windows);
    if (item_) {
        std::erase_if(windows,
                      [&](const Window& w) { return w.max_payload < item_->data().size(); });
    }
    if (windows.empty()) return;

    bool nothing_asked = false;
    DownlinkNeeds needs{
        .ack = in_.frame.confirmed,
        .any = in_.frame.adr_ack_req || outcome_.downlink_needed,
        .answers = outcome_.answers,
        .item = item_,
        .more_items = item_ ? queue_begin_ + 1 < queue_.size() : state_.queue_waiting};
    auto content = compose(needs, windows.front().max_payload, [&](std::size_t budget) {
        mac::Requests requests = plan_requests(budget);
        nothing_asked = !requests.worth_a_downlink && !requests.more;
        return requests;
    });
    // What a device never answers is not worth a downlink any more either: it rides along with
    // others, and quiet uplinks need not read the session for it.
    const std::uint64_t settled_with = nothing_asked ? policy_.digest ^ in_.region.digest : 0;
    if (session_->settled_with() != settled_with) {
        session_->set_settled_with(settled_with);
        session_changed_ = true;
    }
    if (!content) return;
    emit(std::move(*content), routes_of(in_.set, windows, core_.config.gateway_lead));
}

void AcceptedUplink::emit(DownlinkContent content, std::vector<Route> routes) {
    if (state_.fcnt_down_next == kNoCounterLeft) {
        ++core_.stats.downlinks_failed;
        return core_.publish(*tx_,
                             log_event(found_.dev_eui,
                                       in_.now,
                                       proto::LogEvent::ERROR,
                                       "F_CNT_DOWN",
                                       "all downlink counters have been used: the device needs new "
                                       "keys before it can be answered"));
    }
    if (core_.flights.full()) {
        ++core_.stats.downlinks_failed;
        return;
    }
    const std::size_t size = phy_size_of(content, item_);
    const std::uint64_t id = core_.next_downlink_id();
    reserved_ = sender_.reserve(region(), routes, 0, size, id, in_.now);
    if (!reserved_) {
        ++core_.stats.downlinks_failed;
        return;
    }
    const FCnt32 fcnt{state_.fcnt_down_next++};
    flight_ = Flight{.dev_eui = found_.dev_eui,
                     .fcnt_down = fcnt.value,
                     .region = &region(),
                     .phy_payload = encode(content, fcnt),
                     .routes = std::move(routes)};
    if (content.with_item) {
        proto::QueueItem& item = queue_[queue_begin_];
        item.set_fcnt_down(fcnt.value);
        item.set_attempts(item.attempts() + 1);
        item.set_awaiting_ack(item.confirmed());
        state_.awaiting_ack = item.confirmed();
        state_.fcnt_down_awaited = item.confirmed() ? fcnt.value : 0;
        put_item(*tx_, found_.dev_eui, item);
        flight_->message_id = item.message_id();
    }
    if (!content.requests.planned.empty()) {
        const bool status = std::ranges::any_of(content.requests.planned, [](const auto& r) {
            return r.cid == static_cast<std::uint8_t>(mac::Cid::dev_status);
        });
        if (status) {
            state_.last_status_request_s =
                static_cast<std::uint32_t>(to_unix_us(in_.now) / 1'000'000);
        }
        mac::remember_sent(content.requests, fcnt.value, *session_);
        session_changed_ = true;
    }
    ++core_.stats.downlinks_planned;
}

Bytes AcceptedUplink::encode(const DownlinkContent& content, FCnt32 fcnt) const {
    const FCnt32 counter = found_.session.supports_32bit_fcnt ? fcnt : FCnt32{fcnt.value & 0xffff};
    const auto nwk_s_key = *crypto::Key128::from_bytes(found_.session.nwk_s_key);
    Bytes payload;
    if (content.fport) {
        const ByteView plain =
            content.with_item ? helio::bytes_of(item_->data()) : ByteView(content.mac_payload);
        const auto key = content.with_item ? crypto::Key128::from_bytes(found_.session.app_s_key)
                                           : std::optional(nwk_s_key);
        payload.resize(plain.size());
        if (key) crypt_frm_payload(*key, {Direction::down, addr(), counter}, plain, payload);
    }
    const DataFrame frame{.direction = Direction::down,
                          .confirmed = content.with_item && item_->confirmed(),
                          .dev_addr = addr(),
                          .adr = in_.frame.adr && policy_.adr_enabled,
                          .ack = content.ack,
                          .fpending = content.fpending,
                          .fcnt = wire_of(fcnt),
                          .fopts = content.fopts,
                          .fport = content.fport,
                          .frm_payload = {payload}};
    Bytes phy;
    encode_unsigned(frame, phy);
    append_mic(data_mic(nwk_s_key, {Direction::down, addr(), counter}, phy), phy);
    return phy;
}

}  // namespace helio::lns
