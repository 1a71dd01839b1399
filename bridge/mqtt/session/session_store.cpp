#include "bridge/mqtt/session/session_store.h"

#include "base/big_endian.h"
#include "bridge/mqtt/proto/session.pb.h"
#include "bridge/mqtt/session/message_record.h"
#include "bridge/mqtt/session/row_keys.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// Those that hold several rows of a session.
constexpr const TableSpec* kManyRowTables[] = {&kSubscriptionTable, &kQueueTable, &kInboundTable};

bool parse(google::protobuf::MessageLite& out, ByteView bytes) {
    return out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

MessageKey key_from(std::string_view bytes) {
    MessageKey key{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
    return key;
}

proto::QueueRecord record_of(const QueuedHead& head) {
    proto::QueueRecord record;
    record.set_message_key(head.stored_as->data(), head.stored_as->size());
    record.set_size_bytes(head.size_bytes);
    record.set_qos(static_cast<std::uint32_t>(head.qos));
    record.set_retain(head.retain);
    record.set_packet_id(head.packet_id);
    if (head.shared) record.set_shared_filter(head.shared->text());
    return record;
}

// All but its place in the queue.
QueuedHead head_of(const proto::QueueRecord& record) {
    QueuedHead head{.stored_as = key_from(record.message_key()),
                    .size_bytes = record.size_bytes(),
                    .qos = record.qos() == 2 ? Qos::exactly_once : Qos::at_least_once,
                    .retain = record.retain(),
                    .packet_id = static_cast<PacketId>(record.packet_id())};
    if (!record.shared_filter().empty()) head.shared = SharedFilter::of(record.shared_filter());
    return head;
}

}  // namespace

std::size_t SessionStore::KeyHash::operator()(const MessageKey& key) const {
    return std::hash<std::string_view>{}(text_of(key));
}

SessionStore::Position SessionStore::put(const TableSpec& table, ByteView key, ByteView value) {
    store::Transaction change = store_.begin(row_keys::slot(key));
    change.put(table, key, value);
    return change.commit();
}

SessionStore::Position SessionStore::erase(const TableSpec& table, ByteView key) {
    store::Transaction change = store_.begin(row_keys::slot(key));
    change.erase(table, key);
    return change.commit();
}

SessionStore::Position SessionStore::put_session(const Session& session,
                                                 std::optional<Instant> disconnected_at) {
    proto::SessionRecord record;
    record.set_client_id(session.client_id);
    record.set_expiry_s(session.expiry_s);
    record.set_mqtt_3(session.version == Version::v3_1_1);
    if (disconnected_at) record.set_disconnected_at_us(to_unix_us(*disconnected_at));
    record.SerializeToString(&scratch_);
    return put(kSessionTable, row_keys::client(session.client_id), bytes_of(scratch_));
}

SessionStore::Position SessionStore::erase_session(std::string_view client_id) {
    const Bytes key = row_keys::client(client_id);
    store::Transaction change = store_.begin(row_keys::slot(key));
    change.erase(kSessionTable, key);
    change.erase(kWillTable, key);
    return change.commit();
}

bool SessionStore::erase_rows(LeftRows& left, std::size_t& steps, PassOn pass_on) {
    const Bytes prefix = row_keys::rows_of(left.client_id);
    for (; left.table < std::size(kManyRowTables); ++left.table, left.from.clear()) {
        const TableSpec& table = *kManyRowTables[left.table];
        std::vector<Erased> rows;
        bool ended = true;
        store_.scan(table, prefix, left.from, [&](ByteView key, ByteView value) {
            if (rows.size() == steps) {
                left.from.assign(key.begin(), key.end());
                ended = false;
                return false;
            }
            rows.push_back(to_erase(table, key, value));
            return true;
        });
        erase_all(table, rows);
        steps -= rows.size();
        for (const Erased& row : rows) {
            if (!row.message) continue;
            // Before it is let go of: it may go on to a queue that names it again.
            const MessagePtr message =
                row.shared_filter.empty() ? nullptr : load_message(*row.message);
            if (message) pass_on(row.shared_filter, message);
            release_message(*row.message);
        }
        if (!ended) return false;
    }
    return true;
}

SessionStore::Erased SessionStore::to_erase(const TableSpec& table,
                                            ByteView key,
                                            ByteView value) const {
    Erased out{.key = Bytes(key.begin(), key.end())};
    proto::QueueRecord record;
    if (table.id != kQueueTable.id || !parse(record, value)) return out;
    const QueuedHead head = head_of(record);
    out.message = head.stored_as;
    if (head.passes_on()) out.shared_filter = head.shared->text();
    return out;
}

void SessionStore::erase_all(const TableSpec& table, std::span<const Erased> rows) {
    if (rows.empty()) return;
    store::Transaction change = store_.begin(row_keys::slot(rows.front().key));
    for (const Erased& row : rows) change.erase(table, row.key);
    change.commit();
}

SessionStore::Position SessionStore::put_subscription(std::string_view client_id,
                                                      std::string_view filter,
                                                      const Subscription& subscription) {
    proto::SubscriptionRecord record;
    record.set_client_id(std::string(client_id));
    record.set_filter(std::string(filter));
    record.set_options(subscription.options);
    record.set_identifier(subscription.identifier);
    record.SerializeToString(&scratch_);
    return put(kSubscriptionTable, row_keys::subscription(client_id, filter), bytes_of(scratch_));
}

SessionStore::Position SessionStore::erase_subscription(std::string_view client_id,
                                                        std::string_view filter) {
    return erase(kSubscriptionTable, row_keys::subscription(client_id, filter));
}

SessionStore::Position SessionStore::put_inbound(std::string_view client_id, PacketId id) {
    return put(kInboundTable, row_keys::inbound(client_id, id), {});
}

SessionStore::Position SessionStore::erase_inbound(std::string_view client_id, PacketId id) {
    return erase(kInboundTable, row_keys::inbound(client_id, id));
}

SessionStore::Position SessionStore::put_will(std::string_view client_id, const Will& will) {
    proto::WillRecord record;
    record.set_client_id(std::string(client_id));
    to_record(will.message->view(), *record.mutable_message());
    if (will.expiry_s) record.set_expiry_s(*will.expiry_s);
    record.set_delay_s(will.delay_s);
    record.SerializeToString(&scratch_);
    return put(kWillTable, row_keys::client(client_id), bytes_of(scratch_));
}

SessionStore::Position SessionStore::erase_will(std::string_view client_id) {
    return erase(kWillTable, row_keys::client(client_id));
}

SessionStore::Position SessionStore::put_retained(const Message& message, Instant stored_at) {
    proto::MessageRecord record;
    to_record(message.view(), record);
    record.set_stored_at_us(to_unix_us(stored_at));
    record.SerializeToString(&scratch_);
    return put(kRetainedTable, row_keys::retained(message.view().topic), bytes_of(scratch_));
}

SessionStore::Position SessionStore::erase_retained(std::string_view topic) {
    return erase(kRetainedTable, row_keys::retained(topic));
}

MessageKey SessionStore::store_message(const Message& message) {
    if (message.stored_as()) {
        // A retained message lives on when the last queue that it stood in has let it go.
        const auto it = references_.find(*message.stored_as());
        if (it != references_.end()) {
            ++it->second;
            return it->first;
        }
    }
    if (const Position filling = store_.filling(); filling != index_position_) {
        index_position_ = filling;
        next_index_ = 0;
    }
    MessageKey key;
    store_big_endian<std::uint16_t>(key.data(), store::slot_of(bytes_of(message.view().topic)));
    store_big_endian<std::uint64_t>(key.data() + 2, index_position_);
    store_big_endian<std::uint32_t>(key.data() + 10, next_index_++);
    serialize(message.view(), scratch_);
    put(kMessageTable, key, bytes_of(scratch_));
    message.set_stored_as(key);
    references_[key] = 1;
    return key;
}

void SessionStore::release_message(const MessageKey& key) {
    const auto it = references_.find(key);
    if (it == references_.end() || --it->second > 0) return;
    references_.erase(it);
    erase(kMessageTable, key);
}

MessagePtr SessionStore::load_message(const MessageKey& key) const {
    const auto bytes = store_.get(kMessageTable, key);
    if (!bytes) return nullptr;
    const MessagePtr message = parse_message(*bytes);
    if (message) message->set_stored_as(key);
    return message;
}

SessionStore::Position SessionStore::put_queued(std::string_view client_id,
                                                QueuedHead& head,
                                                const Message& message,
                                                std::span<const std::uint32_t> identifiers) {
    head.stored_as = store_message(message);
    proto::QueueRecord record = record_of(head);
    record.mutable_identifiers()->Add(identifiers.begin(), identifiers.end());
    record.SerializeToString(&scratch_);
    return put(kQueueTable, row_keys::queued(client_id, head.order), bytes_of(scratch_));
}

SessionStore::Position SessionStore::update_queued(std::string_view client_id,
                                                   const QueuedHead& head,
                                                   bool released) {
    proto::QueueRecord record;
    const Bytes key = row_keys::queued(client_id, head.order);
    const auto old = store_.get(kQueueTable, key);
    if (!old || !parse(record, *old)) record = record_of(head);
    record.set_packet_id(head.packet_id);
    record.set_released(released);
    record.SerializeToString(&scratch_);
    return put(kQueueTable, key, bytes_of(scratch_));
}

SessionStore::Position SessionStore::erase_queued(std::string_view client_id,
                                                  const QueuedHead& head) {
    const Position position = erase(kQueueTable, row_keys::queued(client_id, head.order));
    if (head.stored_as) release_message(*head.stored_as);
    return position;
}

// False where the row or its message cannot be read.
bool SessionStore::to_waiting(ByteView key, ByteView value, WaitingMessage& out) const {
    const auto row = row_keys::parse_rows_of(key);
    const auto order = load_big_endian<std::uint64_t>(row->rest.data());
    out.head.order = order;
    proto::QueueRecord record;
    if (!parse(record, value)) return false;
    out.head = head_of(record);
    out.head.order = order;
    out.released = record.released();
    out.identifiers.assign(record.identifiers().begin(), record.identifiers().end());
    if (!out.released) out.message = load_message(*out.head.stored_as);
    return out.released || out.message != nullptr;
}

void SessionStore::load_queue(Session& session, std::size_t count) {
    OutboundQueue& queue = *session.queue;
    const Bytes prefix = row_keys::rows_of(session.client_id);
    const Bytes from = row_keys::queued(session.client_id, queue.load_from());
    std::vector<std::pair<Bytes, WaitingMessage>> broken;
    bool ended = true;
    store_.scan(kQueueTable, prefix, from, [&](ByteView key, ByteView value) {
        if (count == 0 || queue.unloaded() == 0) {
            ended = false;
            return false;
        }
        --count;
        WaitingMessage row;
        if (to_waiting(key, value, row)) {
            queue.push_loaded(std::move(row));
        } else {
            queue.drop_unloaded(row.head.order, row.head.size_bytes);
            broken.emplace_back(Bytes(key.begin(), key.end()), std::move(row));
        }
        return true;
    });
    if (ended) queue.no_more_unloaded();
    for (const auto& [key, row] : broken) {
        ++corrupt_rows_;
        erase(kQueueTable, key);
        if (row.head.stored_as) release_message(*row.head.stored_as);
    }
}

}  // namespace helio::bridge::mqtt
