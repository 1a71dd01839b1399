#include "base/base64.h"
#include "bridge/api/http_publication.h"
#include "bridge/mqtt/packet/utf8.h"
#include "bridge/mqtt/topic/topic_name.h"
#include "tests/fuzz/property.h"

using namespace helio;
using namespace helio::bridge;

// Whatever is accepted can stand in an MQTT packet.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text_of({data, size});
    const std::size_t cut = std::min(input.find('\n'), input.size());
    const std::string rest(input.substr(std::min(cut + 1, input.size())));
    const std::string list = to_base64(bytes_of(rest));
    for (const std::string& properties : {rest, list}) {
        const auto read = api::parse_http_publication(
            {.method = "POST",
             .target = std::string(api::kPublishPath) + std::string(input.substr(0, cut)),
             .headers = {{"x-amz-mqtt5-user-properties", properties},
                         {"x-amz-mqtt5-correlation-data", list}}});
        if (!read) continue;
        fuzz::require(mqtt::check_topic_name(read->topic) == mqtt::TopicCheck::ok);
        if (read->content_type) fuzz::require(mqtt::is_mqtt_utf8(*read->content_type));
        if (read->response_topic) {
            fuzz::require(mqtt::check_topic_name(*read->response_topic) == mqtt::TopicCheck::ok);
        }
        for (const auto& [name, value] : read->user_properties) {
            fuzz::require(mqtt::is_mqtt_utf8(name) && mqtt::is_mqtt_utf8(value));
        }
        fuzz::require(!read->expiry_s || *read->expiry_s > 0);
    }
    return 0;
}
