#include "bridge/mqtt/session/row_keys.h"

#include "bridge/mqtt/packet/wire.h"
#include "crypto/digest.h"

namespace helio::bridge::mqtt::row_keys {
namespace {

constexpr std::size_t kDigestSize = 16;

void put_digest(Bytes& out, std::string_view text) {
    const crypto::Sha256 digest = crypto::sha256(bytes_of(text));
    put_bytes(out, ByteView(digest).first(kDigestSize));
}

void put_u64(Bytes& out, std::uint64_t value) {
    put_u32(out, static_cast<std::uint32_t>(value >> 32));
    put_u32(out, static_cast<std::uint32_t>(value));
}

Bytes slot_bytes(std::string_view of) {
    Bytes out;
    put_u16(out, store::slot_of(bytes_of(of)));
    return out;
}

}  // namespace

Bytes client(std::string_view client_id) {
    Bytes out = slot_bytes(client_id);
    put_bytes(out, bytes_of(client_id));
    return out;
}

Bytes rows_of(std::string_view client_id) {
    Bytes out = slot_bytes(client_id);
    put_utf8(out, client_id);
    return out;
}

Bytes subscription(std::string_view client_id, std::string_view filter) {
    Bytes out = rows_of(client_id);
    put_digest(out, filter);
    return out;
}

Bytes queued(std::string_view client_id, std::uint64_t order) {
    Bytes out = rows_of(client_id);
    put_u64(out, order);
    return out;
}

Bytes inbound(std::string_view client_id, PacketId id) {
    Bytes out = rows_of(client_id);
    put_u16(out, id);
    return out;
}

Bytes retained(std::string_view topic) {
    Bytes out = slot_bytes(topic);
    put_digest(out, topic);
    return out;
}

store::Slot slot(ByteView key) { return static_cast<store::Slot>(key[0] << 8 | key[1]); }

std::optional<ClientRow> parse_rows_of(ByteView key) {
    Reader reader(key);
    reader.u16();
    const std::string_view client_id = text_of(reader.binary());
    if (reader.failed()) return std::nullopt;
    return ClientRow{client_id, reader.rest()};
}

}  // namespace helio::bridge::mqtt::row_keys
