#include "lns/downlink/queue.h"

#include "lns/device/rows.h"
#include "lns/device/tables.h"

namespace helio::lns {

std::vector<proto::QueueItem> queued_items(const store::Store& store,
                                           Eui64 dev_eui,
                                           std::size_t max) {
    std::vector<proto::QueueItem> items;
    if (max == 0) return items;
    store.scan(kQueue, key_of(dev_eui), {}, [&](ByteView key, ByteView value) {
        if (auto item = parse_row<proto::QueueItem>(value)) {
            item->set_order(order_of(key));
            items.push_back(std::move(*item));
        }
        return items.size() < max;
    });
    return items;
}

std::optional<proto::QueueItem> find_item(const store::Store& store,
                                          Eui64 dev_eui,
                                          std::string_view message_id) {
    for (auto& item : queued_items(store, dev_eui)) {
        if (item.message_id() == message_id) return std::move(item);
    }
    return std::nullopt;
}

void put_item(store::Transaction& tx, Eui64 dev_eui, const proto::QueueItem& item) {
    put_row(tx, kQueue, queue_key(dev_eui, item.order()), item);
}

void erase_item(store::Transaction& tx, Eui64 dev_eui, const proto::QueueItem& item) {
    tx.erase(kQueue, queue_key(dev_eui, item.order()));
}

}  // namespace helio::lns
