// What the broker asks policies about, and the ARNs of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace helio::bridge::policy {

enum class Action : std::uint8_t { connect, publish, retain_publish, receive, subscribe };
inline constexpr std::size_t kActions = 5;

std::string_view name_of(Action action);           // "iot:Publish"
std::string_view lower_name_of(Action action);     // "iot:publish"
std::string_view resource_type_of(Action action);  // "topic"

// "aws", or what China and the US government have.
std::string_view partition_of(std::string_view region);

// "arn:aws:iot:eu-west-1:123456789012:topic/" and what stands behind it.
class Arns {
  public:
    Arns(std::string_view region, std::string_view account);

    // "thing/pump" -> its ARN; an ARN and "*" are left as they are.
    std::string of(std::string_view resource) const;
    // Valid until the next call.
    std::string_view of(Action action, std::string_view name) const;

  private:
    std::string prefix_;
    std::array<std::string, kActions> prefixes_;
    mutable std::string scratch_;
};

}  // namespace helio::bridge::policy
