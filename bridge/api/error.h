// Why an API call was refused, in AWS's words: a status, a code, and a sentence that names the
// field and the fix.
#pragma once

#include "base/result.h"
#include "bridge/rules/rule_engine.h"
#include "crypto/sigv4.h"

#include <string>
#include <string_view>

namespace helio::bridge::api {

struct ApiError {
    int status = 400;
    std::string code;             // "ValidationException"
    std::string message;          // for a person
    std::string resource_type{};  // "WirelessDevice", where one is concerned
    std::string resource_id{};
    std::string resource_arn{};  // of iot, for what exists already
};

// iotwireless
ApiError validation(std::string message);
ApiError not_found(std::string_view resource_type, std::string_view id);
ApiError conflict(std::string message, std::string_view resource_type, std::string_view id);
ApiError too_many_tags(std::string message);

// iot
ApiError invalid_request(std::string message);
ApiError refusal(const rules::RuleError& error);

// Errors of iotwireless say "Message", those of iot and of every service "message".
std::string body_of(const ApiError& error, std::string_view message_member);

// every service
ApiError bad_json(std::string_view reason);
ApiError unknown_operation(std::string_view method, std::string_view path);
ApiError too_large(std::size_t limit_bytes);
ApiError unavailable(std::string message);
ApiError access_denied(std::string_view action, std::string_view resource);
ApiError unsigned_or_wrongly_signed(crypto::sigv4::SignatureError why);

}  // namespace helio::bridge::api
