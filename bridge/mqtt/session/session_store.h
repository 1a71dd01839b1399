// The rows of sessions, queues, wills and retained messages: what must survive, written and read.
//
// Each change answers the position whose durability makes it permanent; who acknowledges something
// to a client waits for that.
#pragma once

#include "base/store/store.h"
#include "bridge/mqtt/session/session.h"
#include "bridge/mqtt/session/tables.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::mqtt {

namespace proto {
class QueueRecord;
}

class SessionStore {
  public:
    using Position = store::Position;

    SessionStore(store::Store& store, std::uint64_t& corrupt_rows)
        : store_(store), corrupt_rows_(corrupt_rows) {}

    Position put_session(const Session& session, std::optional<Instant> disconnected_at);
    // The session and its will.  From here on its other rows are nobody's, also after a crash:
    // erase_rows takes them, some at a time.
    Position erase_session(std::string_view client_id);
    struct LeftRows {
        std::string client_id;
        std::size_t table = 0;  // of those that have several rows a session
        Bytes from;             // the next row; empty: the first
    };
    // At most `steps` rows, and takes from it what it erased.  True: none is left.  Hears of the
    // messages that another member of a shared subscription is to get.
    using PassOn = FunctionRef<void(std::string_view shared_filter, const MessagePtr&)>;
    bool erase_rows(LeftRows& left, std::size_t& steps, PassOn pass_on);

    Position put_subscription(std::string_view client_id,
                              std::string_view filter,
                              const Subscription& subscription);
    Position erase_subscription(std::string_view client_id, std::string_view filter);

    Position put_inbound(std::string_view client_id, PacketId id);
    Position erase_inbound(std::string_view client_id, PacketId id);

    Position put_will(std::string_view client_id, const Will& will);
    Position erase_will(std::string_view client_id);

    Position put_retained(const Message& message, Instant stored_at);
    Position erase_retained(std::string_view topic);

    // The message is stored with the first row that names it and erased with the last.
    Position put_queued(std::string_view client_id,
                        QueuedHead& head,
                        const Message& message,
                        std::span<const std::uint32_t> identifiers);
    // The packet id or the state of a row has changed.
    Position update_queued(std::string_view client_id, const QueuedHead& head, bool released);
    Position erase_queued(std::string_view client_id, const QueuedHead& head);
    // Moves at most `count` rows of the session's queue into memory.
    void load_queue(Session& session, std::size_t count);

    // What was found at start.
    struct FoundSession {
        std::string client_id;
        std::uint32_t expiry_s;
        std::optional<Instant> disconnected_at;
        Version version;
    };
    struct FoundSubscription {
        std::string client_id;
        std::string filter;
        Subscription subscription;
    };
    void each_session(FunctionRef<void(FoundSession)> found) const;
    void each_subscription(FunctionRef<void(FoundSubscription)> found) const;
    void each_inbound(FunctionRef<void(std::string_view client_id, PacketId)> found) const;
    void each_will(FunctionRef<void(std::string_view client_id, Will)> found) const;
    void each_retained(FunctionRef<void(MessagePtr, Instant stored_at)> found) const;
    // Also counts which message is named how often; to be called once, before anything is changed.
    void each_queued(
        FunctionRef<void(std::string_view client_id, std::uint64_t order, std::uint32_t size_bytes)>
            found);
    // Messages that no row names; a sweep after each_queued.
    void erase_unnamed();

    std::size_t stored_messages() const { return references_.size(); }

  private:
    MessageKey store_message(const Message& message);
    void release_message(const MessageKey& key);
    MessagePtr load_message(const MessageKey& key) const;
    Position put(const TableSpec& table, ByteView key, ByteView value);
    Position erase(const TableSpec& table, ByteView key);
    struct Erased {
        Bytes key;
        std::optional<MessageKey> message{};
        std::string shared_filter{};  // where it is to be passed on
    };
    Erased to_erase(const TableSpec& table, ByteView key, ByteView value) const;
    void erase_all(const TableSpec& table, std::span<const Erased> rows);
    bool to_waiting(ByteView key, ByteView value, WaitingMessage& out) const;

    store::Store& store_;
    std::uint64_t& corrupt_rows_;
    struct KeyHash {
        std::size_t operator()(const MessageKey& key) const;
    };
    boost::unordered_flat_map<MessageKey, std::uint32_t, KeyHash> references_;
    Position index_position_ = 0;
    std::uint32_t next_index_ = 0;
    std::string scratch_;
};

}  // namespace helio::bridge::mqtt
