#include "bridge/mqtt/session/session.h"

#include <algorithm>

namespace helio::bridge::mqtt {

bool Session::has_inbound(PacketId packet) const {
    return inbound && std::binary_search(inbound->begin(), inbound->end(), packet);
}

void Session::add_inbound(PacketId packet) {
    if (!inbound) inbound = std::make_unique<std::vector<PacketId>>();
    inbound->insert(std::lower_bound(inbound->begin(), inbound->end(), packet), packet);
}

bool Session::remove_inbound(PacketId packet) {
    if (!has_inbound(packet)) return false;
    inbound->erase(std::lower_bound(inbound->begin(), inbound->end(), packet));
    if (inbound->empty()) inbound.reset();
    return true;
}

}  // namespace helio::bridge::mqtt
