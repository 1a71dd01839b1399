// Topics that begin with '$' are the server's (§4.7.2): which of them a client may publish to.
#pragma once

#include <cstdint>
#include <string_view>

namespace helio::bridge::mqtt {

enum class PublishTo : std::uint8_t {
    allowed,
    reserved,  // AWS's: who tries it is ended, as there
    nowhere,   // any other '$': the message goes to nobody
};

PublishTo client_publish_to(std::string_view topic);

}  // namespace helio::bridge::mqtt
