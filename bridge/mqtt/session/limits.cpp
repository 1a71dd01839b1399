#include "bridge/mqtt/session/limits.h"

#include <algorithm>

namespace helio::bridge::mqtt {

Limits strict_limits(Limits wished) {
    const auto at_most = [](auto& limit, std::size_t bound) {
        limit = static_cast<std::remove_reference_t<decltype(limit)>>(
            std::min<std::size_t>(limit, bound));
    };
    at_most(wished.max_packet_bytes, 149'504);
    at_most(wished.max_client_id_bytes, 128);
    at_most(wished.max_topic_levels, 8);
    at_most(wished.max_subscriptions_per_session, 50);
    at_most(wished.max_session_expiry_s, 7 * 24 * 3600);
    at_most(wished.receive_maximum, 100);
    at_most(wished.max_inflight, 100);
    at_most(wished.topic_alias_maximum, 8);
    at_most(wished.max_retained_messages, 500'000);
    wished.max_keep_alive_s = 1200;
    wished.strict.on = true;
    return wished;
}

}  // namespace helio::bridge::mqtt
