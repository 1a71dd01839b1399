// What is told of a client to whoever asks about it.
#include "bridge/mqtt/broker.h"

#include <algorithm>

namespace helio::bridge::mqtt {

std::optional<ClientState> Broker::client(std::string_view client_id) const {
    const Session* session = sessions_.find(client_id);
    if (session == nullptr) return std::nullopt;
    ClientState out{.session_expiry_s = session->expiry_s};
    if (session->link == nullptr) {
        if (session->expires_at != kNever) {
            out.away_since = session->expires_at - std::chrono::seconds(session->expiry_s);
        }
        return out;
    }
    const LinkSlot& slot = links_[session->link_id.index];
    out.connected_since = slot.since;
    out.identity = session->identity;
    out.address = slot.address;
    out.keep_alive_s = slot.keep_alive_s;
    return out;
}

std::vector<ClientSubscription> Broker::subscriptions_of(std::string_view client_id) const {
    std::vector<ClientSubscription> out;
    const Session* session = sessions_.find(client_id);
    if (session == nullptr) return out;
    for (const FilterHandle& handle : session->subscriptions) {
        const Subscription* const held = tree_.find(handle, session->id);
        const auto options = subscribe_options_from_byte(held->options);
        out.push_back({tree_.text_of(handle), options->qos});
    }
    std::sort(
        out.begin(), out.end(), [](const auto& a, const auto& b) { return a.filter < b.filter; });
    return out;
}

}  // namespace helio::bridge::mqtt
