#include "gateway-bridge/semtech-udp/packet.h"

#include <cassert>
#include <optional>

namespace helio::gateway_bridge::semtech_udp {
namespace {

enum class Identifier : std::uint8_t {
    push_data = 0,
    push_ack = 1,
    pull_data = 2,
    pull_resp = 3,
    pull_ack = 4,
    tx_ack = 5,
};

constexpr std::size_t kHeaderSize = 12;

std::optional<PacketKind> kind_of(std::uint8_t identifier) {
    switch (static_cast<Identifier>(identifier)) {
        case Identifier::push_data:
            return PacketKind::push_data;
        case Identifier::pull_data:
            return PacketKind::pull_data;
        case Identifier::tx_ack:
            return PacketKind::tx_ack;
        default:
            return std::nullopt;
    }
}

AckBytes header(Version version, Token token, Identifier identifier) {
    return {static_cast<std::uint8_t>(version),
            static_cast<std::uint8_t>(token >> 8),
            static_cast<std::uint8_t>(token),
            static_cast<std::uint8_t>(identifier)};
}

}  // namespace

Result<Packet, PacketError> parse_packet(ByteView datagram) {
    if (datagram.size() < kHeaderSize) return fail(PacketError::too_short);
    if (datagram[0] != 1 && datagram[0] != 2) return fail(PacketError::unsupported_version);
    const auto kind = kind_of(datagram[3]);
    if (!kind) return fail(PacketError::not_for_a_server);

    ByteView json = datagram.subspan(kHeaderSize);
    while (!json.empty() && json.back() == 0) json = json.first(json.size() - 1);
    return Packet{
        .version = static_cast<Version>(datagram[0]),
        .kind = *kind,
        .token = static_cast<Token>(datagram[1] << 8 | datagram[2]),
        .gateway = Eui64::from_big_endian(datagram.subspan<4, 8>()),
        .json = json,
    };
}

AckBytes encode_ack(const Packet& answered) {
    assert(answered.kind != PacketKind::tx_ack);
    return header(
        answered.version,
        answered.token,
        answered.kind == PacketKind::push_data ? Identifier::push_ack : Identifier::pull_ack);
}

AckBytes encode_pull_resp_header(Version version, Token token) {
    return header(version, version == Version::v1 ? Token{0} : token, Identifier::pull_resp);
}

}  // namespace helio::gateway_bridge::semtech_udp
