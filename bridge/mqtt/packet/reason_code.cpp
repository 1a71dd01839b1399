#include "bridge/mqtt/packet/reason_code.h"

#include <array>

namespace helio::bridge::mqtt {
namespace {

struct Row {
    ReasonCode code;
    std::string_view name;
};

// clang-format off
constexpr Row kRows[] = {
    {ReasonCode::success, "success"},
    {ReasonCode::granted_qos_1, "granted QoS 1"},
    {ReasonCode::granted_qos_2, "granted QoS 2"},
    {ReasonCode::disconnect_with_will, "disconnect with will message"},
    {ReasonCode::no_matching_subscribers, "no matching subscribers"},
    {ReasonCode::no_subscription_existed, "no subscription existed"},
    {ReasonCode::continue_authentication, "continue authentication"},
    {ReasonCode::re_authenticate, "re-authenticate"},
    {ReasonCode::unspecified_error, "unspecified error"},
    {ReasonCode::malformed_packet, "malformed packet"},
    {ReasonCode::protocol_error, "protocol error"},
    {ReasonCode::implementation_specific_error, "implementation specific error"},
    {ReasonCode::unsupported_protocol_version, "unsupported protocol version"},
    {ReasonCode::client_identifier_not_valid, "client identifier not valid"},
    {ReasonCode::bad_user_name_or_password, "bad user name or password"},
    {ReasonCode::not_authorized, "not authorized"},
    {ReasonCode::server_unavailable, "server unavailable"},
    {ReasonCode::server_busy, "server busy"},
    {ReasonCode::banned, "banned"},
    {ReasonCode::server_shutting_down, "server shutting down"},
    {ReasonCode::bad_authentication_method, "bad authentication method"},
    {ReasonCode::keep_alive_timeout, "keep alive timeout"},
    {ReasonCode::session_taken_over, "session taken over"},
    {ReasonCode::topic_filter_invalid, "topic filter invalid"},
    {ReasonCode::topic_name_invalid, "topic name invalid"},
    {ReasonCode::packet_identifier_in_use, "packet identifier in use"},
    {ReasonCode::packet_identifier_not_found, "packet identifier not found"},
    {ReasonCode::receive_maximum_exceeded, "receive maximum exceeded"},
    {ReasonCode::topic_alias_invalid, "topic alias invalid"},
    {ReasonCode::packet_too_large, "packet too large"},
    {ReasonCode::message_rate_too_high, "message rate too high"},
    {ReasonCode::quota_exceeded, "quota exceeded"},
    {ReasonCode::administrative_action, "administrative action"},
    {ReasonCode::payload_format_invalid, "payload format invalid"},
    {ReasonCode::retain_not_supported, "retain not supported"},
    {ReasonCode::qos_not_supported, "QoS not supported"},
    {ReasonCode::use_another_server, "use another server"},
    {ReasonCode::server_moved, "server moved"},
    {ReasonCode::shared_subscriptions_not_supported, "shared subscriptions not supported"},
    {ReasonCode::connection_rate_exceeded, "connection rate exceeded"},
    {ReasonCode::maximum_connect_time, "maximum connect time"},
    {ReasonCode::subscription_identifiers_not_supported, "subscription identifiers not supported"},
    {ReasonCode::wildcard_subscriptions_not_supported, "wildcard subscriptions not supported"},
};
// clang-format on

constexpr auto kNames = [] {
    std::array<std::string_view, 256> names{};
    for (const Row& row : kRows) names[static_cast<std::uint8_t>(row.code)] = row.name;
    return names;
}();

}  // namespace

std::string_view name_of(ReasonCode code) { return kNames[static_cast<std::uint8_t>(code)]; }

bool is_reason_code(std::uint8_t byte) { return !kNames[byte].empty(); }

std::optional<std::uint8_t> connect_return_code_3_1_1(ReasonCode code) {
    switch (code) {
        case ReasonCode::success:
            return 0;
        case ReasonCode::unsupported_protocol_version:
            return 1;
        case ReasonCode::client_identifier_not_valid:
            return 2;
        case ReasonCode::server_unavailable:
        case ReasonCode::server_busy:
        case ReasonCode::quota_exceeded:
        case ReasonCode::connection_rate_exceeded:
            return 3;
        case ReasonCode::bad_user_name_or_password:
            return 4;
        case ReasonCode::not_authorized:
        case ReasonCode::banned:
        case ReasonCode::bad_authentication_method:
            return 5;
        default:
            return std::nullopt;
    }
}

}  // namespace helio::bridge::mqtt
