#include "bridge/mqtt/session/outbound_queue.h"

#include <algorithm>
#include <cassert>

namespace helio::bridge::mqtt {

PacketId OutboundQueue::allocate_id() {
    while (true) {
        const auto id = static_cast<PacketId>(next_serial_ % kIds + 1);
        ++next_serial_;
        // The oldest in flight is less than a round away (resends have serial 0): no id is in use.
        if (sent_.empty() || next_serial_ - sent_.front().serial < kIds) return id;
        if (find_sent(id) == nullptr) return id;
    }
}

SentMessage& OutboundQueue::push_sent(const QueuedHead& head, SentState state) {
    const std::uint64_t serial =
        head.packet_id == (next_serial_ - 1) % kIds + 1 ? next_serial_ - 1 : 0;
    sent_.push_back({head, serial, state, nullptr});
    bytes_ += head.size_bytes;
    return sent_.back();
}

void OutboundQueue::push_waiting(WaitingMessage message) {
    bytes_ += message.head.size_bytes;
    load_from_ = message.head.order + 1;
    waiting_.push_back(std::move(message));
}

void OutboundQueue::push_unloaded(std::uint64_t order, std::uint32_t size_bytes) {
    bytes_ += size_bytes;
    ++unloaded_;
    next_order_ = std::max(next_order_, order + 1);
}

WaitingMessage OutboundQueue::pop_waiting() {
    WaitingMessage out = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= out.head.size_bytes;
    return out;
}

std::optional<WaitingMessage> OutboundQueue::pop() {
    if (!sent_.empty()) {
        SentMessage& sent = sent_.front();
        WaitingMessage out{
            .head = sent.head, .message = std::move(sent.message), .identifiers = {}};
        remove_sent(sent);
        return out;
    }
    if (waiting_.empty()) return std::nullopt;
    return pop_waiting();
}

SentMessage* OutboundQueue::find_sent(PacketId id) {
    const auto at = std::find_if(
        sent_.begin(), sent_.end(), [&](const SentMessage& s) { return s.head.packet_id == id; });
    return at == sent_.end() ? nullptr : &*at;
}

QueuedHead OutboundQueue::remove_sent(SentMessage& sent) {
    const QueuedHead head = sent.head;
    const auto at =
        std::find_if(sent_.begin(), sent_.end(), [&](const SentMessage& s) { return &s == &sent; });
    sent_.erase(at);
    bytes_ -= head.size_bytes;
    return head;
}

void OutboundQueue::push_loaded(WaitingMessage message) {
    assert(unloaded_ > 0);
    --unloaded_;
    load_from_ = message.head.order + 1;
    waiting_.push_back(std::move(message));
}

void OutboundQueue::drop_unloaded(std::uint64_t order, std::uint32_t size_bytes) {
    assert(unloaded_ > 0);
    --unloaded_;
    bytes_ -= size_bytes;
    load_from_ = order + 1;
}

void OutboundQueue::unload() {
    unloaded_ += sent_.size() + waiting_.size();
    load_from_ = 0;
    sent_.clear();
    waiting_.clear();
}

}  // namespace helio::bridge::mqtt
