// The client's side of a WebSocket for tests: frames as a client sends them, and what it hears.
#pragma once

#include "base/bytes.h"

#include <string>
#include <string_view>
#include <vector>

namespace helio::net {

struct TestFrame {
    std::uint8_t opcode = 2;
    std::string payload;
    bool fin = true;
    bool masked = true;
    std::uint8_t rsv = 0;

    Bytes bytes() const {
        Bytes out{static_cast<std::uint8_t>((fin ? 0x80 : 0) | rsv << 4 | opcode)};
        const std::uint8_t mask_bit = masked ? 0x80 : 0;
        const auto number = [&](unsigned size) {
            for (unsigned i = size; i-- > 0;) {
                out.push_back(static_cast<std::uint8_t>(payload.size() >> (8 * i)));
            }
        };
        if (payload.size() < 126) {
            out.push_back(static_cast<std::uint8_t>(mask_bit | payload.size()));
        } else if (payload.size() <= 0xffff) {
            out.push_back(mask_bit | 126);
            number(2);
        } else {
            out.push_back(mask_bit | 127);
            number(8);
        }
        constexpr std::uint8_t kKey[] = {0x37, 0xfa, 0x21, 0x3d};  // of RFC 6455 §5.7
        if (masked) out.insert(out.end(), std::begin(kKey), std::end(kKey));
        for (std::size_t i = 0; i < payload.size(); ++i) {
            const auto byte = static_cast<std::uint8_t>(payload[i]);
            out.push_back(masked ? byte ^ kKey[i % 4] : byte);
        }
        return out;
    }
};

// The frames in what a server sent; whole ones only.
inline std::vector<TestFrame> frames_of(ByteView sent) {
    std::vector<TestFrame> out;
    while (sent.size() >= 2) {
        const std::size_t code = sent[1] & 0x7f;
        const std::size_t extended = code == 126 ? 2 : code == 127 ? 8 : 0;
        if (sent.size() < 2 + extended) break;
        std::size_t size = extended == 0 ? code : 0;
        for (std::size_t i = 0; i < extended; ++i) size = size << 8 | sent[2 + i];
        if (sent.size() - 2 - extended < size) break;
        out.push_back({.opcode = static_cast<std::uint8_t>(sent[0] & 0x0f),
                       .payload = std::string(text_of(sent.subspan(2 + extended, size))),
                       .fin = (sent[0] & 0x80) != 0,
                       .masked = (sent[1] & 0x80) != 0,
                       .rsv = static_cast<std::uint8_t>(sent[0] >> 4 & 7)});
        sent = sent.subspan(2 + extended + size);
    }
    return out;
}

// Of a close frame: 1003 is "\x03\xeb".
inline unsigned close_code(const TestFrame& frame) {
    if (frame.payload.size() < 2) return 0;
    return static_cast<std::uint8_t>(frame.payload[0]) * 256u +
           static_cast<std::uint8_t>(frame.payload[1]);
}

}  // namespace helio::net
