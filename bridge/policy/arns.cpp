#include "bridge/policy/arns.h"

namespace helio::bridge::policy {
namespace {

struct ActionRow {
    std::string_view name;
    std::string_view lower_name;
    std::string_view resource_type;
};
constexpr ActionRow kRows[] = {
    {"iot:Connect", "iot:connect", "client"},
    {"iot:Publish", "iot:publish", "topic"},
    {"iot:RetainPublish", "iot:retainpublish", "topic"},
    {"iot:Receive", "iot:receive", "topic"},
    {"iot:Subscribe", "iot:subscribe", "topicfilter"},
};
static_assert(std::size(kRows) == kActions);

const ActionRow& row_of(Action action) { return kRows[static_cast<std::size_t>(action)]; }

}  // namespace

std::string_view name_of(Action action) { return row_of(action).name; }
std::string_view lower_name_of(Action action) { return row_of(action).lower_name; }
std::string_view resource_type_of(Action action) { return row_of(action).resource_type; }

std::string_view partition_of(std::string_view region) {
    if (region.starts_with("cn-")) return "aws-cn";
    return region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

Arns::Arns(std::string_view region, std::string_view account) {
    prefix_.append("arn:").append(partition_of(region)).append(":iot:");
    prefix_.append(region).append(":").append(account).append(":");
    for (std::size_t i = 0; i < kActions; ++i) {
        prefixes_[i] = prefix_;
        prefixes_[i].append(kRows[i].resource_type).append("/");
    }
}

std::string Arns::of(std::string_view resource) const {
    if (resource == "*" || resource.starts_with("arn:")) return std::string(resource);
    return prefix_ + std::string(resource);
}

std::string_view Arns::of(Action action, std::string_view name) const {
    scratch_.assign(prefixes_[static_cast<std::size_t>(action)]).append(name);
    return scratch_;
}

}  // namespace helio::bridge::policy
