#include "bridge/api/registry_common.h"

#include "base/base64.h"

#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPageSize = 250;
constexpr std::size_t kDefaultMarkerPage = 25;  // AWS's, of lists with a marker

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Result<std::size_t, ApiError> size_of(const Call& call,
                                      std::string_view name,
                                      std::size_t otherwise) {
    const auto text = call.parameter(name);
    if (!text) return otherwise;
    const auto size = parse_number(*text);
    if (!size || *size == 0 || *size > kMaxPageSize) {
        return fail(invalid_request(
            fmt::format("{} must be a whole number from 1 to {}.", name, kMaxPageSize)));
    }
    return static_cast<std::size_t>(*size);
}

bool is_tag_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c & 0x80) != 0 || std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
}
bool is_printable(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; }
bool is_thing_name_character(char c) { return registry::is_thing_name({&c, 1}); }
bool is_policy_name_character(char c) { return registry::is_policy_name({&c, 1}); }

}  // namespace

const TextRule kThingNameRule{.min = 1,
                              .max = 128,
                              .allowed = is_thing_name_character,
                              .alphabet = "letters, digits and :_-"};
const TextRule kPolicyNameRule{.min = 1,
                               .max = 128,
                               .allowed = is_policy_name_character,
                               .alphabet = "letters, digits and _+=,.@-"};

// AWS's alphabet: letters, numbers and blanks of any language, and these.
const TextRule kTagKeyRule{.min = 1,
                           .max = 128,
                           .allowed = is_tag_key_character,
                           .alphabet = "letters, digits, blanks and _.:/=+-@"};

const TextRule kRegistryDescriptionRule{
    .max = 2028, .allowed = is_printable, .alphabet = "printable characters"};

ApiError refusal(const registry::Error& error) {
    using enum registry::Error::Kind;
    const auto as = [&](int status, const char* code) {
        return ApiError{.status = status,
                        .code = code,
                        .message = error.message,
                        .resource_id = error.resource_id,
                        .resource_arn = error.resource_arn};
    };
    switch (error.kind) {
        case not_found:
            return as(404, "ResourceNotFoundException");
        case already_exists:
            return as(409, "ResourceAlreadyExistsException");
        case malformed_policy:
            return as(400, "MalformedPolicyException");
        case too_many_versions:
            return as(409, "VersionsLimitExceededException");
        case limit_exceeded:
            return as(410, "LimitExceededException");
        case in_use:
            return as(409, "DeleteConflictException");
        case certificate_state:
            return as(406, "CertificateStateException");
        case certificate_invalid:
            return as(400, "CertificateValidationException");
        case certificate_conflict:
            return as(409, "CertificateConflictException");
        case registration_code:
            return as(400, "RegistrationCodeValidationException");
        case version_conflict:
            return as(409, "VersionConflictException");
        case bad_request:
            break;
    }
    return as(400, "InvalidRequestException");
}

Outcome outcome_of(const Result<store::Position, registry::Error>& change) {
    if (!change) return fail(refusal(change.error()));
    return Reply{.wait_for = *change};
}

double epoch_seconds(std::int64_t us) { return static_cast<double>(us / 1000) / 1000; }

Result<bool, ApiError> flag_of(const Call& call, std::string_view name, bool otherwise) {
    const auto text = call.parameter(name);
    if (!text) return otherwise;
    if (*text == "true") return true;
    if (*text == "false") return false;
    return fail(invalid_request(fmt::format("{} must be true or false.", name)));
}

Result<std::optional<std::uint64_t>, ApiError> number_of(const Call& call, std::string_view name) {
    const auto text = call.parameter(name);
    if (!text) return std::optional<std::uint64_t>();
    const auto number = parse_number(*text);
    if (!number) return fail(invalid_request(fmt::format("{} must be a whole number.", name)));
    return number;
}

Result<std::string, ApiError> header_of(const Call& call, std::string_view name) {
    const auto value = call.request.header(name);
    if (!value || value->empty()) {
        return fail(invalid_request(fmt::format("The header {} is missing.", name)));
    }
    return std::string(*value);
}

Result<ListPage, ApiError> token_page(const Call& call) {
    const auto size = size_of(call, "maxResults", kMaxPageSize);
    if (!size) return fail(size.error());
    return ListPage{.size = *size,
                    .after = std::string(call.parameter("nextToken").value_or("")),
                    .next_name = "nextToken"};
}

Result<ListPage, ApiError> marker_page(const Call& call) {
    const auto size = size_of(call, "pageSize", kDefaultMarkerPage);
    if (!size) return fail(size.error());
    const auto ascending = flag_of(call, "isAscendingOrder", true);
    if (!ascending) return fail(ascending.error());
    const auto after = from_base64(call.parameter("marker").value_or(""));
    if (!after) return fail(invalid_request("marker must be one that this server has given."));
    return ListPage{.size = *size,
                    .after = std::string(text_of(*after)),
                    .next_name = "nextMarker",
                    .ascending = *ascending};
}

void set_next(json::object& body, const ListPage& page, std::string_view last_key) {
    const bool marker = page.next_name == "nextMarker";
    body[page.next_name] = marker ? to_base64(bytes_of(last_key)) : std::string(last_key);
}

registry::Direction direction_of(const ListPage& page) {
    return page.ascending ? registry::Direction::oldest_first : registry::Direction::newest_first;
}

Result<std::optional<registry::CreationPlace>, ApiError> place_after(const ListPage& page) {
    if (page.after.empty()) return std::optional<registry::CreationPlace>();
    const std::size_t bar = page.after.find('/');
    const auto time = parse_number(std::string_view(page.after).substr(0, bar));
    if (bar == std::string::npos || !time) {
        return fail(
            invalid_request(fmt::format("{} must be one that this server has given.",
                                        page.next_name == "nextMarker" ? "marker" : "nextToken")));
    }
    return std::optional(
        registry::CreationPlace{static_cast<std::int64_t>(*time), page.after.substr(bar + 1)});
}

void set_next(json::object& body,
              const ListPage& page,
              const std::optional<registry::CreationPlace>& place) {
    if (place) set_next(body, page, fmt::format("{}/{}", place->created_at_us, place->name));
}

Result<registry::CertificateId, ApiError> certificate_id(const Call& call, std::string_view label) {
    std::string_view text = call.label(label);
    if (text.starts_with("0x")) text.remove_prefix(2);
    const auto id = registry::CertificateId::from_hex(text);
    if (!id) return fail(invalid_request(fmt::format("{} must be 64 hexadecimal digits.", label)));
    return *id;
}

Result<registry::Target, ApiError> target_of(const Context& context, std::string_view arn) {
    auto target = registry::target_of(context.iot.place(), arn);
    if (!target) return fail(refusal(target.error()));
    return *std::move(target);
}

registry::Tags iot_tags(const Fields& body) {
    registry::Tags tags;
    for (const Fields& tag : body.objects("tags", kMaxTagsOfResource)) {
        const std::string key = tag.required(tag.text("Key", kTagKeyRule), "Key", "must be a text");
        tags[key] = tag.text("Value", {.max = 256}).value_or("");
    }
    return tags;
}

registry::AttributesChange attribute_payload(const Fields& body) {
    const auto payload = body.object("attributePayload");
    if (!payload) return {};
    registry::AttributesChange out{.attributes = registry::Attributes(),
                                   .merge = payload->flag("merge").value_or(false)};
    const auto attributes = payload->object("attributes");
    if (!attributes) return out;
    for (const auto& [name, value] : attributes->json()) {
        const auto text = attributes->text(name, {.max = 800});
        if (value.is_null()) attributes->wrong(name, "must be a text");
        (*out.attributes)[std::string(name)] = text.value_or("");
    }
    return out;
}

json::object json_of(const google::protobuf::Map<std::string, std::string>& texts) {
    const std::map<std::string, std::string> sorted(texts.begin(), texts.end());
    json::object out;
    for (const auto& [name, value] : sorted) out[name] = value;
    return out;
}

}  // namespace helio::bridge::api
