// What a client has yet to receive or to acknowledge at QoS 1 and 2.
//
//   in the store only  ->  waiting (message in memory)  ->  sent (id in use)  ->  gone
//                                                             |  QoS 2: PUBREC
//                                                             v
//                                                           released (PUBREL sent)  ->  gone
//
// The client's quota is not a counter that could drift: it is its maximum less what is in flight.
// Waiting rows that are a resend come first and in order, because rows are kept in order.
#pragma once

#include "bridge/mqtt/packet/protocol.h"
#include "bridge/mqtt/session/message.h"
#include "bridge/mqtt/topic/shared_filter.h"

#include <deque>
#include <optional>
#include <vector>

namespace helio::bridge::mqtt {

// What is known of a message in whatever stage.
struct QueuedHead {
    std::uint64_t order = 0;  // its place in the queue, and the key of its row
    std::optional<MessageKey> stored_as;
    std::uint32_t size_bytes = 0;
    Qos qos = Qos::at_least_once;
    bool retain = false;
    PacketId packet_id = 0;  // 0: never sent
    SharedFilterPtr shared;  // of the shared subscription that it came by; null: by others

    // §4.8.2: whether another member gets it where this one ends without it.  A QoS 2 message that
    // was sent is this client's alone [MQTT-4.8.2-5].
    bool passes_on() const { return shared && (qos == Qos::at_least_once || packet_id == 0); }
};

struct WaitingMessage {
    QueuedHead head;
    MessagePtr message;  // null where it has been released: only the PUBREL is to be repeated
    std::vector<std::uint32_t> identifiers;
    bool released = false;
};

enum class SentState : std::uint8_t { storing, sent, released };

struct SentMessage {
    QueuedHead head;
    std::uint64_t serial = 0;
    SentState state = SentState::sent;
    MessagePtr message;  // where it may have to be passed on and is in no store
};

class OutboundQueue {
  public:
    // Everything that waits or is in flight, in memory or not.
    std::size_t messages() const { return sent_.size() + waiting_.size() + unloaded_; }
    std::size_t bytes() const { return bytes_; }
    std::size_t in_flight() const { return sent_.size(); }
    bool empty() const { return messages() == 0; }

    std::uint64_t next_order() { return next_order_++; }
    std::uint64_t last_order() const { return next_order_ - 1; }

    // Whether a new message could be sent now, ahead of nothing.
    bool may_pass(std::size_t window) const {
        return waiting_.empty() && unloaded_ == 0 && sent_.size() < window;
    }
    PacketId allocate_id();
    // `head.packet_id` is allocated, or that of a resend.
    SentMessage& push_sent(const QueuedHead& head, SentState state);
    void push_waiting(WaitingMessage message);
    // The row is in the store and nothing of it here.
    void push_unloaded(std::uint64_t order, std::uint32_t size_bytes);

    const WaitingMessage* next_waiting() const {
        return waiting_.empty() ? nullptr : &waiting_.front();
    }
    WaitingMessage pop_waiting();
    // The oldest of all that is here, in flight or waiting.
    std::optional<WaitingMessage> pop();
    // A waiting message that is dropped, not sent.
    void forget(const QueuedHead& head) { bytes_ -= head.size_bytes; }

    SentMessage* find_sent(PacketId id);
    QueuedHead remove_sent(SentMessage& sent);

    // Rows that are in the store only come after every loaded one.
    std::size_t unloaded() const { return unloaded_; }
    std::uint64_t load_from() const { return load_from_; }
    void push_loaded(WaitingMessage message);
    // A row that could not be loaded is gone.
    void drop_unloaded(std::uint64_t order, std::uint32_t size_bytes);
    // The rows ended sooner than the count said.
    void no_more_unloaded() { unloaded_ = 0; }
    // Of a durable queue: everything goes back to being rows.
    void unload();
    std::size_t waiting() const { return waiting_.size(); }

  private:
    std::deque<SentMessage> sent_;
    std::deque<WaitingMessage> waiting_;
    std::size_t unloaded_ = 0;
    std::uint64_t load_from_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t next_order_ = 1;
    // Packet ids go round; serials do not, and tell without a search that an id is free again.
    static constexpr std::uint64_t kIds = 65'535;
    std::uint64_t next_serial_ = kIds;
};

}  // namespace helio::bridge::mqtt
