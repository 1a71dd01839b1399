// An uplink as AWS IoT Core for LoRaWAN hands it to a destination's rule or topic.
//
// The payload is the decrypted FRMPayload in base64: this format knows no decoded object.
#pragma once

#include "lns/proto/event.pb.h"

#include <string>
#include <string_view>

namespace helio::bridge::integration {

struct AwsUplinkOptions {
    std::string_view wireless_device_id;
    bool gateway_metadata = false;  // AddGwMetadata of the service profile
};

// `event` holds an `up`.
void append_aws_uplink(std::string& out,
                       const lns::proto::Event& event,
                       const AwsUplinkOptions& options);

}  // namespace helio::bridge::integration
