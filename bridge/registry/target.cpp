#include "bridge/registry/target.h"

#include "bridge/policy/arns.h"
#include "bridge/registry/keys.h"

#include <algorithm>
#include <fmt/format.h>

namespace helio::bridge::registry {
namespace {

constexpr std::size_t kMaxName = 128;

struct KindName {
    Target::Kind kind;
    std::string_view in_arn;
};
constexpr KindName kKinds[] = {{Target::Kind::certificate, "cert"},
                               {Target::Kind::thing_group, "thinggroup"},
                               {Target::Kind::access_key, "accesskey"},
                               {Target::Kind::user, "user"}};

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name_of(std::string_view name, std::string_view more) {
    return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, [&](char c) {
        return is_letter_or_digit(c) || more.find(c) != std::string_view::npos;
    });
}

// As AccessKeys makes them.
bool is_access_key_id(std::string_view text) { return text.size() >= 16 && is_name_of(text, ""); }

bool is_name_of_kind(Target::Kind kind, std::string_view name) {
    switch (kind) {
        case Target::Kind::certificate:
            return CertificateId::from_hex(name).has_value();
        case Target::Kind::thing_group:
            return is_thing_name(name);
        case Target::Kind::access_key:
            return is_access_key_id(name);
        case Target::Kind::user:
            return !name.empty() && name.size() <= kMaxName &&
                   std::ranges::none_of(name,
                                        [](char c) { return static_cast<unsigned char>(c) < 32; });
    }
    return false;
}

}  // namespace

bool is_thing_name(std::string_view name) { return is_name_of(name, ":_-"); }
bool is_policy_name(std::string_view name) { return is_name_of(name, "_+=,.@-"); }

std::string Place::arn_prefix() const {
    return fmt::format("arn:{}:iot:{}:{}:", policy::partition_of(region), region, account);
}

std::string Place::arn(std::string_view type, std::string_view name) const {
    return fmt::format("{}{}/{}", arn_prefix(), type, name);
}

std::optional<std::string> Place::name_in(std::string_view arn, std::string_view type) const {
    const std::string prefix = this->arn(type, "");
    if (!arn.starts_with(prefix)) return std::nullopt;
    return std::string(arn.substr(prefix.size()));
}

std::string arn_of(const Place& place, const Target& target) {
    const auto* const kind = std::ranges::find(kKinds, target.kind, &KindName::kind);
    return place.arn(kind->in_arn, target.name);
}

Result<Target, Error> target_of(const Place& place, std::string_view arn) {
    const std::string whole =
        arn.starts_with("arn:") ? std::string(arn) : place.arn_prefix() + std::string(arn);
    for (const auto& [kind, in_arn] : kKinds) {
        auto name = place.name_in(whole, in_arn);
        if (!name || !is_name_of_kind(kind, *name)) continue;
        if (kind == Target::Kind::certificate) name = CertificateId::from_hex(*name)->hex();
        return Target{kind, *std::move(name)};
    }
    if (is_access_key_id(arn)) return Target{Target::Kind::access_key, std::string(arn)};
    return fail(Error{Error::Kind::bad_request,
                      fmt::format("\"{}\" names no certificate, thing group, access key or user of "
                                  "this server: give the ARN, {}.",
                                  arn.substr(0, 256),
                                  place.arn("cert", "ID"))});
}

}  // namespace helio::bridge::registry
