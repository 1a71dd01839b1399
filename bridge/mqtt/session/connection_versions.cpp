#include "bridge/mqtt/session/connection_versions.h"

namespace helio::bridge::mqtt {

std::uint32_t ConnectionVersions::begin(std::string_view client_id, Instant now) {
    forget(now);
    const auto it = left_.find(client_id);
    if (it == left_.end()) return 0;
    const std::uint32_t version = it->second.version + 1;
    left_.erase(it);
    return version;
}

void ConnectionVersions::end(std::string_view client_id, std::uint32_t version, Instant now) {
    left_.insert_or_assign(std::string(client_id), Left{version, now});
    order_.push_back({std::string(client_id), now});
    forget(now);
}

void ConnectionVersions::forget(Instant now) {
    while (!order_.empty() &&
           (order_.front().at + kRemembered <= now || order_.size() > kMaxClients)) {
        const auto it = left_.find(order_.front().client_id);
        if (it != left_.end() && it->second.at == order_.front().at) left_.erase(it);
        order_.pop_front();
    }
}

}  // namespace helio::bridge::mqtt
