#include "bridge/mqtt/packet/subscribe.h"

namespace helio::bridge::mqtt {
namespace {

constexpr std::uint8_t kFlags = 2;
constexpr std::uint8_t kNoLocal = 0x04;
constexpr std::uint8_t kRetainAsPublished = 0x08;
constexpr std::uint8_t kReserved5 = 0xc0;
constexpr std::uint8_t kReserved311 = 0xfc;

SubscribeOptions read_options(Reader& r, Version version) {
    const std::uint8_t byte = r.u8();
    // [MQTT-3.8.3-5]; 3.1.1 [MQTT-3-8.3-4]
    if ((byte & (version == Version::v5 ? kReserved5 : kReserved311)) != 0) {
        r.fail_with(ReasonCode::malformed_packet);
        return {};
    }
    const auto options = subscribe_options_from_byte(byte);
    if (!options) r.fail_with(ReasonCode::protocol_error);
    return options.value_or(SubscribeOptions{});
}

}  // namespace

std::uint8_t to_byte(const SubscribeOptions& options) {
    unsigned byte = static_cast<unsigned>(options.qos);
    if (options.no_local) byte |= kNoLocal;
    if (options.retain_as_published) byte |= kRetainAsPublished;
    byte |= static_cast<unsigned>(options.retain_handling) << 4;
    return static_cast<std::uint8_t>(byte);
}

std::optional<SubscribeOptions> subscribe_options_from_byte(std::uint8_t byte) {
    const unsigned qos = byte & 3;
    const unsigned handling = byte >> 4 & 3;
    if (qos == 3 || handling == 3 || (byte & kReserved5) != 0) return std::nullopt;
    return SubscribeOptions{
        .qos = static_cast<Qos>(qos),
        .no_local = (byte & kNoLocal) != 0,
        .retain_as_published = (byte & kRetainAsPublished) != 0,
        .retain_handling = static_cast<RetainHandling>(handling),
    };
}

Result<Subscribe, ReasonCode> parse_subscribe(const Frame& frame, Version version) {
    if (frame.flags() != kFlags) return fail(ReasonCode::malformed_packet);  // [MQTT-3.8.1-1]
    Reader r(frame.body);
    Subscribe out;
    out.packet_id = r.u16();
    if (out.packet_id == 0) r.fail_with(ReasonCode::protocol_error);
    if (version == Version::v5) out.properties = Properties::read(r, PropertyOwner::subscribe);
    if (r.failed()) return fail(r.error());
    if (r.at_end()) return fail(ReasonCode::protocol_error);  // [MQTT-3.8.3-2]
    while (!r.at_end()) {
        const std::string_view filter = r.utf8();
        const SubscribeOptions options = read_options(r, version);
        if (r.failed()) return fail(r.error());
        out.entries.push_back({filter, options});
    }
    return out;
}

void encode_subscribe(const Subscribe& subscribe, Version version, Bytes& out) {
    PacketWriter packet(out, PacketType::subscribe, kFlags);
    put_u16(out, subscribe.packet_id);
    if (version == Version::v5) put_properties(out, subscribe.properties);
    for (const SubscribeEntry& entry : subscribe.entries) {
        put_utf8(out, entry.filter);
        put_u8(out,
               version == Version::v5 ? to_byte(entry.options)
                                      : static_cast<std::uint8_t>(entry.options.qos));
    }
    packet.finish();
}

}  // namespace helio::bridge::mqtt
