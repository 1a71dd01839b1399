// UTF-8 encoded strings as MQTT allows them (§1.5.4).
#pragma once

#include <string_view>

namespace helio::bridge::mqtt {

// Well-formed UTF-8 without surrogates and without U+0000 [MQTT-1.5.4-1, MQTT-1.5.4-2].
bool is_mqtt_utf8(std::string_view text);

// Well-formed UTF-8, in which U+0000 is a character as another: payloads that say they are text.
bool is_utf8(std::string_view text);

}  // namespace helio::bridge::mqtt
