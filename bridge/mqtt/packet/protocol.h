// The words that every MQTT packet is spelt with: versions, packet types, qualities of service.
//
// OASIS MQTT 3.1.1 and MQTT 5.0; section numbers in this folder are those of MQTT 5.0.
#pragma once

#include <cstddef>
#include <cstdint>

namespace helio::bridge::mqtt {

enum class Version : std::uint8_t { v3_1_1 = 4, v5 = 5 };

enum class PacketType : std::uint8_t {
    connect = 1,
    connack = 2,
    publish = 3,
    puback = 4,
    pubrec = 5,
    pubrel = 6,
    pubcomp = 7,
    subscribe = 8,
    suback = 9,
    unsubscribe = 10,
    unsuback = 11,
    pingreq = 12,
    pingresp = 13,
    disconnect = 14,
    auth = 15,
};

enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

// §2.2.1.  0 stands for "none" (QoS 0); no packet that needs one is parsed with 0.
using PacketId = std::uint16_t;

// §2.1.4: the largest remaining length that four bytes can spell, and the packet that has it.
inline constexpr std::size_t kMaxRemainingLength = 268'435'455;
inline constexpr std::size_t kMaxPacketBytes = kMaxRemainingLength + 5;

}  // namespace helio::bridge::mqtt
