// A device's downlink queue: rows in the order in which they will be sent.
//
// An item stays until it has been sent (unconfirmed) or answered (confirmed), so that a restart
// loses nothing; what was tried is written in the item.
#pragma once

#include "base/store/store.h"
#include "lns/device/keys.h"
#include "lns/proto/downlink.pb.h"

#include <vector>

namespace helio::lns {

// At most `max` items, the first ones.
std::vector<proto::QueueItem> queued_items(const store::Store& store,
                                           Eui64 dev_eui,
                                           std::size_t max = SIZE_MAX);
std::optional<proto::QueueItem> find_item(const store::Store& store,
                                          Eui64 dev_eui,
                                          std::string_view message_id);

// `item.order` says which row it is.
void put_item(store::Transaction& tx, Eui64 dev_eui, const proto::QueueItem& item);
void erase_item(store::Transaction& tx, Eui64 dev_eui, const proto::QueueItem& item);

}  // namespace helio::lns
