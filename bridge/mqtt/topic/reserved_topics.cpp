#include "bridge/mqtt/topic/reserved_topics.h"

#include "bridge/mqtt/topic/topic_filter.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

constexpr std::string_view kAws = "$aws/";
constexpr std::string_view kBasicIngest = "$aws/rules/";

// The requests of the device protocols; their answers are the server's to publish.
constexpr std::string_view kRequests[] = {
    "$aws/things/+/shadow/get",
    "$aws/things/+/shadow/update",
    "$aws/things/+/shadow/delete",
    "$aws/things/+/shadow/name/+/get",
    "$aws/things/+/shadow/name/+/update",
    "$aws/things/+/shadow/name/+/delete",
    "$aws/things/+/jobs/get",
    "$aws/things/+/jobs/start-next",
    "$aws/things/+/jobs/+/get",
    "$aws/things/+/jobs/+/update",
    "$aws/commands/things/+/executions/+/response/json",
    "$aws/commands/things/+/executions/+/response/cbor",
    "$aws/commands/clients/+/executions/+/response/json",
    "$aws/commands/clients/+/executions/+/response/cbor",
    "$aws/certificates/create/json",
    "$aws/certificates/create/cbor",
    "$aws/certificates/create-from-csr/json",
    "$aws/certificates/create-from-csr/cbor",
    "$aws/provisioning-templates/+/provision/json",
    "$aws/provisioning-templates/+/provision/cbor",
    "$aws/things/+/defender/metrics/json",
    "$aws/things/+/defender/metrics/cbor",
    "$aws/things/+/streams/+/describe/json",
    "$aws/things/+/streams/+/describe/cbor",
    "$aws/things/+/streams/+/get/json",
    "$aws/things/+/streams/+/get/cbor",
    "$aws/device_location/+/get_position_estimate",
};

}  // namespace

PublishTo client_publish_to(std::string_view topic) {
    if (!topic.starts_with('$') || topic.starts_with(kBasicIngest)) return PublishTo::allowed;
    if (!topic.starts_with(kAws)) return PublishTo::nowhere;
    const bool request = std::any_of(std::begin(kRequests), std::end(kRequests), [&](auto filter) {
        return matches(filter, topic);
    });
    return request ? PublishTo::allowed : PublishTo::reserved;
}

}  // namespace helio::bridge::mqtt
