// Every MQTT 5 property, one row each (§2.2.2.2): its number, its type, the packets that may carry
// it, and what its value must be.  Nothing else in the tree knows any of that.
#pragma once

#include "bridge/mqtt/packet/protocol.h"

#include <array>
#include <string_view>

namespace helio::bridge::mqtt {

enum class PropertyType : std::uint8_t { byte, u16, u32, variable, utf8, binary, utf8_pair };

// What a property section belongs to: a packet, or the will inside a CONNECT.
enum class PropertyOwner : std::uint8_t {
    connect,
    connack,
    publish,
    will,
    puback,
    pubrec,
    pubrel,
    pubcomp,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    disconnect,
    auth,
};

enum class PropertyId : std::uint8_t {
    payload_format_indicator = 0x01,
    message_expiry_interval = 0x02,
    content_type = 0x03,
    response_topic = 0x08,
    correlation_data = 0x09,
    subscription_identifier = 0x0b,
    session_expiry_interval = 0x11,
    assigned_client_identifier = 0x12,
    server_keep_alive = 0x13,
    authentication_method = 0x15,
    authentication_data = 0x16,
    request_problem_information = 0x17,
    will_delay_interval = 0x18,
    request_response_information = 0x19,
    response_information = 0x1a,
    server_reference = 0x1c,
    reason_string = 0x1f,
    receive_maximum = 0x21,
    topic_alias_maximum = 0x22,
    topic_alias = 0x23,
    maximum_qos = 0x24,
    retain_available = 0x25,
    user_property = 0x26,
    maximum_packet_size = 0x27,
    wildcard_subscription_available = 0x28,
    subscription_identifier_available = 0x29,
    shared_subscription_available = 0x2a,
};

enum class ValueRule : std::uint8_t {
    any,
    zero_or_one,   // else a protocol error
    not_zero,      // 0 is a protocol error
    alias,         // 0 is an invalid topic alias
    no_wildcards,  // a topic name
};

using OwnerSet = std::uint16_t;
template <class... Owners>
constexpr OwnerSet owners(Owners... owner) {
    return static_cast<OwnerSet>((0u | ... | (1u << static_cast<unsigned>(owner))));
}

struct PropertyRow {
    PropertyId id;
    std::string_view name;
    PropertyType type;
    OwnerSet in;
    OwnerSet several_in;  // where it may stand more than once
    ValueRule rule;
};

namespace property_table {
using enum PropertyOwner;
inline constexpr OwnerSet kNone = 0;
inline constexpr OwnerSet kMessage = owners(publish, will);
inline constexpr OwnerSet kAnswers =
    owners(connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth);
inline constexpr OwnerSet kAll = kAnswers | kMessage | owners(connect, subscribe, unsubscribe);

// clang-format off
inline constexpr PropertyRow kRows[] = {
    {PropertyId::payload_format_indicator, "payload format indicator", PropertyType::byte, kMessage, kNone, ValueRule::zero_or_one},
    {PropertyId::message_expiry_interval, "message expiry interval", PropertyType::u32, kMessage, kNone, ValueRule::any},
    {PropertyId::content_type, "content type", PropertyType::utf8, kMessage, kNone, ValueRule::any},
    {PropertyId::response_topic, "response topic", PropertyType::utf8, kMessage, kNone, ValueRule::no_wildcards},
    {PropertyId::correlation_data, "correlation data", PropertyType::binary, kMessage, kNone, ValueRule::any},
    {PropertyId::subscription_identifier, "subscription identifier", PropertyType::variable, owners(publish, subscribe), owners(publish), ValueRule::not_zero},
    {PropertyId::session_expiry_interval, "session expiry interval", PropertyType::u32, owners(connect, connack, disconnect), kNone, ValueRule::any},
    {PropertyId::assigned_client_identifier, "assigned client identifier", PropertyType::utf8, owners(connack), kNone, ValueRule::any},
    {PropertyId::server_keep_alive, "server keep alive", PropertyType::u16, owners(connack), kNone, ValueRule::any},
    {PropertyId::authentication_method, "authentication method", PropertyType::utf8, owners(connect, connack, auth), kNone, ValueRule::any},
    {PropertyId::authentication_data, "authentication data", PropertyType::binary, owners(connect, connack, auth), kNone, ValueRule::any},
    {PropertyId::request_problem_information, "request problem information", PropertyType::byte, owners(connect), kNone, ValueRule::zero_or_one},
    {PropertyId::will_delay_interval, "will delay interval", PropertyType::u32, owners(will), kNone, ValueRule::any},
    {PropertyId::request_response_information, "request response information", PropertyType::byte, owners(connect), kNone, ValueRule::zero_or_one},
    {PropertyId::response_information, "response information", PropertyType::utf8, owners(connack), kNone, ValueRule::any},
    {PropertyId::server_reference, "server reference", PropertyType::utf8, owners(connack, disconnect), kNone, ValueRule::any},
    {PropertyId::reason_string, "reason string", PropertyType::utf8, kAnswers, kNone, ValueRule::any},
    {PropertyId::receive_maximum, "receive maximum", PropertyType::u16, owners(connect, connack), kNone, ValueRule::not_zero},
    {PropertyId::topic_alias_maximum, "topic alias maximum", PropertyType::u16, owners(connect, connack), kNone, ValueRule::any},
    {PropertyId::topic_alias, "topic alias", PropertyType::u16, owners(publish), kNone, ValueRule::alias},
    {PropertyId::maximum_qos, "maximum QoS", PropertyType::byte, owners(connack), kNone, ValueRule::zero_or_one},
    {PropertyId::retain_available, "retain available", PropertyType::byte, owners(connack), kNone, ValueRule::zero_or_one},
    {PropertyId::user_property, "user property", PropertyType::utf8_pair, kAll, kAll, ValueRule::any},
    {PropertyId::maximum_packet_size, "maximum packet size", PropertyType::u32, owners(connect, connack), kNone, ValueRule::not_zero},
    {PropertyId::wildcard_subscription_available, "wildcard subscription available", PropertyType::byte, owners(connack), kNone, ValueRule::zero_or_one},
    {PropertyId::subscription_identifier_available, "subscription identifier available", PropertyType::byte, owners(connack), kNone, ValueRule::zero_or_one},
    {PropertyId::shared_subscription_available, "shared subscription available", PropertyType::byte, owners(connack), kNone, ValueRule::zero_or_one},
};
// clang-format on

// Row number + 1 by property number; 0 where there is no such property.
inline constexpr auto kIndex = [] {
    std::array<std::uint8_t, 0x2b> index{};
    std::uint8_t row = 0;
    for (const PropertyRow& r : kRows) index[static_cast<std::uint8_t>(r.id)] = ++row;
    return index;
}();

constexpr bool is_sound() {
    int previous = 0;
    for (const PropertyRow& row : kRows) {
        if (static_cast<int>(row.id) <= previous) return false;  // ascending, so none twice
        if (row.name.empty() || row.in == 0) return false;       // each has a home
        if ((row.several_in & ~row.in) != 0) return false;       // several only where allowed
        previous = static_cast<int>(row.id);
    }
    return true;
}
static_assert(is_sound());
static_assert(std::size(kRows) == 27, "MQTT 5 has 27 properties");
static_assert(std::size(kRows) <= 32, "Properties keeps one bit a row");
}  // namespace property_table

constexpr const PropertyRow* find_property(std::uint32_t number) {
    if (number >= property_table::kIndex.size()) return nullptr;
    const std::uint8_t row = property_table::kIndex[number];
    return row == 0 ? nullptr : &property_table::kRows[row - 1];
}
constexpr const PropertyRow& row_of(PropertyId id) {
    return *find_property(static_cast<std::uint32_t>(id));
}
constexpr std::uint32_t bit_of(PropertyId id) {
    return 1u << (property_table::kIndex[static_cast<std::uint8_t>(id)] - 1);
}
constexpr bool allowed(const PropertyRow& row, PropertyOwner owner) {
    return (row.in & owners(owner)) != 0;
}

}  // namespace helio::bridge::mqtt
