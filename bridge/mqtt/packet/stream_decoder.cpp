#include "bridge/mqtt/packet/stream_decoder.h"

namespace helio::bridge::mqtt {

Result<std::optional<FrameAt>, ReasonCode> next_frame(ByteView bytes, std::size_t max_bytes) {
    std::size_t remaining = 0;
    std::size_t at = 1;
    while (true) {
        if (at >= bytes.size()) return std::nullopt;
        const std::uint8_t byte = bytes[at];
        remaining |= static_cast<std::size_t>(byte & 0x7f) << (7 * (at - 1));
        ++at;
        if ((byte & 0x80) == 0) {
            if (byte == 0 && at > 2) return fail(ReasonCode::malformed_packet);  // [MQTT-1.5.5-1]
            break;
        }
        if (at > 4) return fail(ReasonCode::malformed_packet);
    }
    if (at + remaining > max_bytes) return fail(ReasonCode::packet_too_large);
    if (bytes.size() - at < remaining) return std::nullopt;
    return FrameAt{Frame{bytes[0], bytes.subspan(at, remaining)}, at + remaining};
}

}  // namespace helio::bridge::mqtt
