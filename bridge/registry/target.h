// To whom a policy can be attached, and who can be attached to a thing: a certificate, a group of
// things, an access key or a user.
//
// People name it by an ARN or what stands behind the account in it ("user/anna"), and an access key
// by its bare id.
#pragma once

#include "base/result.h"
#include "bridge/registry/error.h"

#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::registry {

struct Target {
    enum class Kind : std::uint8_t {  // stored: never renumbered
        certificate = 1,              // name: its id, 64 lower-case hexadecimal digits
        thing_group = 2,
        access_key = 3,
        user = 4,
    };
    Kind kind = Kind::certificate;
    std::string name;
    friend auto operator<=>(const Target&, const Target&) = default;
};

// The region and account of every ARN of this server.
struct Place {
    std::string region = "us-east-1";
    std::string account = "123456789012";

    std::string arn_prefix() const;  // "arn:aws:iot:us-east-1:123456789012:"
    // "arn:aws:iot:us-east-1:123456789012:thing/" + name
    std::string arn(std::string_view type, std::string_view name) const;
    // The name in an ARN of this place and type.
    std::optional<std::string> name_in(std::string_view arn, std::string_view type) const;
};

std::string arn_of(const Place& place, const Target& target);
// bad_request where the text names nothing that can be a target.
Result<Target, Error> target_of(const Place& place, std::string_view arn);

// Names of things, groups, types: [a-zA-Z0-9:_-]{1,128}.
bool is_thing_name(std::string_view name);
// [\w+=,.@-]{1,128}
bool is_policy_name(std::string_view name);

}  // namespace helio::bridge::registry
