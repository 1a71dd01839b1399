// Reading and writing the data types of MQTT (§1.5): big-endian integers, variable byte integers,
// strings and binary data with a two-byte length.
//
// A Reader fails once and stays failed: read everything, then ask for error().  What is read after
// a failure is empty or 0 and must not be used.
#pragma once

#include "base/bytes.h"
#include "bridge/mqtt/packet/protocol.h"
#include "bridge/mqtt/packet/reason_code.h"
#include "bridge/mqtt/packet/utf8.h"

#include <cassert>
#include <cstring>
#include <optional>

namespace helio::bridge::mqtt {

class Reader {
  public:
    explicit Reader(ByteView bytes) : rest_(bytes) {}

    std::uint8_t u8() {
        if (!need(1)) return 0;
        const std::uint8_t value = rest_[0];
        rest_ = rest_.subspan(1);
        return value;
    }
    std::uint16_t u16() {
        if (!need(2)) return 0;
        const auto value = static_cast<std::uint16_t>(rest_[0] << 8 | rest_[1]);
        rest_ = rest_.subspan(2);
        return value;
    }
    std::uint32_t u32() {
        const std::uint32_t high = u16();
        return high << 16 | u16();
    }
    // §1.5.5; the encoding must be the shortest [MQTT-1.5.5-1].
    std::uint32_t variable() {
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            const std::uint8_t byte = u8();
            if (failed()) return 0;
            value |= static_cast<std::uint32_t>(byte & 0x7f) << (7 * i);
            if ((byte & 0x80) == 0) {
                if (i > 0 && byte == 0) fail_with(ReasonCode::malformed_packet);
                return value;
            }
        }
        fail_with(ReasonCode::malformed_packet);
        return 0;
    }
    ByteView bytes(std::size_t size) {
        if (!need(size)) return {};
        const ByteView out = rest_.first(size);
        rest_ = rest_.subspan(size);
        return out;
    }
    ByteView binary() { return bytes(u16()); }
    std::string_view utf8() {
        const std::string_view text = text_of(binary());
        if (!is_mqtt_utf8(text)) fail_with(ReasonCode::malformed_packet);
        return text;
    }
    ByteView rest() {
        const ByteView out = rest_;
        rest_ = {};
        return out;
    }

    std::size_t size() const { return rest_.size(); }
    bool at_end() const { return rest_.empty(); }
    bool failed() const { return error_ != ReasonCode::success; }
    ReasonCode error() const { return error_; }
    // The first failure counts.
    void fail_with(ReasonCode code) {
        if (!failed()) error_ = code;
        rest_ = {};
    }

  private:
    bool need(std::size_t size) {
        if (rest_.size() >= size) return true;
        fail_with(ReasonCode::malformed_packet);
        return false;
    }

    ByteView rest_;
    ReasonCode error_ = ReasonCode::success;
};

inline void put_u8(Bytes& out, std::uint8_t value) { out.push_back(value); }
inline void put_u16(Bytes& out, std::uint16_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}
inline void put_u32(Bytes& out, std::uint32_t value) {
    put_u16(out, static_cast<std::uint16_t>(value >> 16));
    put_u16(out, static_cast<std::uint16_t>(value));
}
inline void put_bytes(Bytes& out, ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}
// Longer than two bytes can say is our own mistake: limits stand in front.
inline void put_binary(Bytes& out, ByteView bytes) {
    assert(bytes.size() <= 0xffff);
    put_u16(out, static_cast<std::uint16_t>(bytes.size()));
    put_bytes(out, bytes);
}
inline void put_utf8(Bytes& out, std::string_view text) { put_binary(out, bytes_of(text)); }

constexpr std::size_t variable_size(std::size_t value) {
    return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}
inline void put_variable(Bytes& out, std::size_t value) {
    assert(value <= kMaxRemainingLength);
    while (value >= 128) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

// Writes a packet whose length is known only at its end: the body is appended behind room for the
// longest fixed header, and finish() closes the gap.
class PacketWriter {
  public:
    PacketWriter(Bytes& out, PacketType type, std::uint8_t flags = 0) : out_(out), at_(out.size()) {
        out_.push_back(static_cast<std::uint8_t>(static_cast<std::uint8_t>(type) << 4 | flags));
        out_.resize(out_.size() + 4);
    }
    PacketWriter(const PacketWriter&) = delete;
    PacketWriter& operator=(const PacketWriter&) = delete;

    void finish() {
        const std::size_t body = at_ + 5;
        const std::size_t remaining = out_.size() - body;
        Bytes length;
        put_variable(length, remaining);
        std::memcpy(out_.data() + at_ + 1, length.data(), length.size());
        out_.erase(out_.begin() + static_cast<std::ptrdiff_t>(at_ + 1 + length.size()),
                   out_.begin() + static_cast<std::ptrdiff_t>(body));
    }

  private:
    Bytes& out_;
    std::size_t at_;
};

}  // namespace helio::bridge::mqtt
