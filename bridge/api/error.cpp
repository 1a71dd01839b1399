#include "bridge/api/error.h"

#include "bridge/mqtt/packet/utf8.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace helio::bridge::api {

using crypto::sigv4::SignatureError;

ApiError validation(std::string message) {
    return {.status = 400, .code = "ValidationException", .message = std::move(message)};
}

ApiError not_found(std::string_view resource_type, std::string_view id) {
    return {.status = 404,
            .code = "ResourceNotFoundException",
            .message = fmt::format("There is no {} \"{}\".", resource_type, id),
            .resource_type = std::string(resource_type),
            .resource_id = std::string(id)};
}

ApiError conflict(std::string message, std::string_view resource_type, std::string_view id) {
    return {.status = 409,
            .code = "ConflictException",
            .message = std::move(message),
            .resource_type = std::string(resource_type),
            .resource_id = std::string(id)};
}

ApiError too_many_tags(std::string message) {
    return {.status = 400, .code = "TooManyTagsException", .message = std::move(message)};
}

ApiError invalid_request(std::string message) {
    return {.status = 400, .code = "InvalidRequestException", .message = std::move(message)};
}

ApiError refusal(const rules::RuleError& error) {
    using Kind = rules::RuleError::Kind;
    const auto as = [&](int status, const char* code) {
        return ApiError{.status = status, .code = code, .message = error.message};
    };
    switch (error.kind) {
        case Kind::not_found:
            return as(404, "ResourceNotFoundException");
        case Kind::already_exists:
            return as(409, "ResourceAlreadyExistsException");
        case Kind::bad_sql:
            return as(400, "SqlParseException");
        case Kind::limit_exceeded:
            return as(410, "LimitExceededException");
        case Kind::bad_request:
            break;
    }
    return as(400, "InvalidRequestException");
}

namespace {

// A message may quote a path or a query, which need not be UTF-8; JSON must.
std::string printable(std::string text) {
    if (!mqtt::is_mqtt_utf8(text)) {
        std::ranges::replace_if(text, [](char c) { return (c & 0x80) != 0; }, '?');
    }
    return text;
}

}  // namespace

std::string body_of(const ApiError& error, std::string_view message_member) {
    boost::json::object body{{message_member, printable(error.message)}};
    if (!error.resource_type.empty()) {
        body["ResourceType"] = error.resource_type;
        body["ResourceId"] = printable(error.resource_id);
    }
    if (!error.resource_arn.empty()) {
        body["resourceArn"] = error.resource_arn;
        body["resourceId"] = error.resource_id;
    }
    return boost::json::serialize(body);
}

ApiError bad_json(std::string_view reason) {
    return {.status = 400,
            .code = "SerializationException",
            .message = fmt::format("The body must be one JSON object: {}.", reason)};
}

ApiError unknown_operation(std::string_view method, std::string_view path) {
    return {.status = 404,
            .code = "UnknownOperationException",
            .message = fmt::format("{} {} is no operation of this server.", method, path)};
}

ApiError too_large(std::size_t limit_bytes) {
    return {
        .status = 413,
        .code = "RequestEntityTooLargeException",
        .message = fmt::format("The body is larger than {} bytes: send it in parts.", limit_bytes)};
}

ApiError unavailable(std::string message) {
    return {.status = 503, .code = "ServiceUnavailableException", .message = std::move(message)};
}

ApiError access_denied(std::string_view action, std::string_view resource) {
    return {.status = 403,
            .code = "AccessDeniedException",
            .message = fmt::format("The access key's policies do not allow {} on {}.",
                                   action,
                                   resource)};
}

ApiError unsigned_or_wrongly_signed(SignatureError why) {
    const auto refuse = [](const char* code, const char* message) {
        return ApiError{.status = 403, .code = code, .message = message};
    };
    switch (why) {
        case SignatureError::missing:
            return refuse("MissingAuthenticationTokenException",
                          "The request is not signed: sign it with AWS Signature Version 4 and the "
                          "access key in the server's credentials file.");
        case SignatureError::incomplete:
            return refuse("IncompleteSignatureException",
                          "The signature cannot be read: Credential, SignedHeaders, Signature and "
                          "the X-Amz-Date header are needed.");
        case SignatureError::unknown_key:
            return refuse("UnrecognizedClientException",
                          "The access key id is not known here: use the one in the server's "
                          "credentials file.");
        case SignatureError::expired:
            return refuse("RequestExpired",
                          "The signature is too old or from the future: set the client's clock, it "
                          "may differ from the server's by 15 minutes.");
        case SignatureError::header_not_signed:
            return refuse("InvalidSignatureException",
                          "The host header and every x-amz- header must be signed.");
        case SignatureError::payload_not_signed:
            return refuse("InvalidSignatureException",
                          "The body must be signed: UNSIGNED-PAYLOAD is not accepted.");
        case SignatureError::mismatch:
            break;
    }
    return refuse("InvalidSignatureException",
                  "The request signature we calculated does not match the signature you provided. "
                  "Check the secret access key and the signing method.");
}

}  // namespace helio::bridge::api
