// What SessionStore finds at start.  A row that cannot be read is counted and left where it is: a
// damaged row costs its own content and never the start.
#include "base/big_endian.h"
#include "bridge/mqtt/proto/session.pb.h"
#include "bridge/mqtt/session/message_record.h"
#include "bridge/mqtt/session/row_keys.h"
#include "bridge/mqtt/session/session_store.h"

namespace helio::bridge::mqtt {
namespace {

template <class Record>
void each_record(const store::Store& store,
                 const TableSpec& table,
                 std::uint64_t& corrupt_rows,
                 FunctionRef<void(ByteView key, const Record&)> found) {
    Record record;
    store.scan(table, {}, {}, [&](ByteView key, ByteView value) {
        if (record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
            found(key, record);
        } else {
            ++corrupt_rows;
        }
        return true;
    });
}

}  // namespace

void SessionStore::each_session(FunctionRef<void(FoundSession)> found) const {
    each_record<proto::SessionRecord>(
        store_, kSessionTable, corrupt_rows_, [&](ByteView, const proto::SessionRecord& record) {
            FoundSession session{record.client_id(),
                                 record.expiry_s(),
                                 std::nullopt,
                                 record.mqtt_3() ? Version::v3_1_1 : Version::v5};
            if (record.disconnected_at_us() != 0) {
                session.disconnected_at = from_unix_us(record.disconnected_at_us());
            }
            found(std::move(session));
        });
}

void SessionStore::each_subscription(FunctionRef<void(FoundSubscription)> found) const {
    each_record<proto::SubscriptionRecord>(
        store_,
        kSubscriptionTable,
        corrupt_rows_,
        [&](ByteView, const proto::SubscriptionRecord& record) {
            found({record.client_id(),
                   record.filter(),
                   {.identifier = record.identifier(),
                    .options = static_cast<std::uint8_t>(record.options())}});
        });
}

void SessionStore::each_inbound(FunctionRef<void(std::string_view, PacketId)> found) const {
    store_.scan(kInboundTable, {}, {}, [&](ByteView key, ByteView) {
        const auto row = row_keys::parse_rows_of(key);
        if (row && row->rest.size() == 2) {
            found(row->client_id, load_big_endian<std::uint16_t>(row->rest.data()));
        } else {
            ++corrupt_rows_;
        }
        return true;
    });
}

void SessionStore::each_will(FunctionRef<void(std::string_view, Will)> found) const {
    each_record<proto::WillRecord>(
        store_, kWillTable, corrupt_rows_, [&](ByteView, const proto::WillRecord& record) {
            Will will{.message = Message::copy_of(view_of(record.message())),
                      .delay_s = record.delay_s()};
            if (record.has_expiry_s()) will.expiry_s = record.expiry_s();
            found(record.client_id(), std::move(will));
        });
}

void SessionStore::each_retained(FunctionRef<void(MessagePtr, Instant)> found) const {
    each_record<proto::MessageRecord>(
        store_, kRetainedTable, corrupt_rows_, [&](ByteView, const proto::MessageRecord& record) {
            found(Message::copy_of(view_of(record)), from_unix_us(record.stored_at_us()));
        });
}

void SessionStore::each_queued(
    FunctionRef<void(std::string_view, std::uint64_t, std::uint32_t)> found) {
    each_record<proto::QueueRecord>(
        store_, kQueueTable, corrupt_rows_, [&](ByteView key, const proto::QueueRecord& record) {
            const auto row = row_keys::parse_rows_of(key);
            MessageKey message{};
            if (!row || row->rest.size() != 8 || record.message_key().size() != message.size()) {
                ++corrupt_rows_;
                return;
            }
            std::copy(record.message_key().begin(), record.message_key().end(), message.begin());
            ++references_[message];
            found(row->client_id,
                  load_big_endian<std::uint64_t>(row->rest.data()),
                  record.size_bytes());
        });
}

void SessionStore::erase_unnamed() {
    std::vector<Bytes> unnamed;
    store_.scan(kMessageTable, {}, {}, [&](ByteView key, ByteView) {
        MessageKey message{};
        const bool ours = key.size() == message.size();
        if (ours) std::copy(key.begin(), key.end(), message.begin());
        if (!ours || !references_.contains(message)) unnamed.emplace_back(key.begin(), key.end());
        return true;
    });
    for (const Bytes& key : unnamed) erase(kMessageTable, key);
}

}  // namespace helio::bridge::mqtt
