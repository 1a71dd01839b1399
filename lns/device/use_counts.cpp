#include "lns/device/use_counts.h"

#include "base/big_endian.h"
#include "lns/device/tables.h"

namespace helio::lns {
namespace {

Bytes count_key(Use use, ByteView id) {
    Bytes key = {static_cast<std::uint8_t>(use)};
    key.insert(key.end(), id.begin(), id.end());
    return key;
}

std::uint64_t number_in(std::optional<ByteView> row) {
    return row && row->size() == 8 ? load_big_endian<std::uint64_t>(row->data()) : 0;
}

}  // namespace

std::uint64_t use_count(const store::Store& store, Use use, ByteView id) {
    return number_in(store.get(kUseCounts, count_key(use, id)));
}

void add_use(store::Transaction& tx, Use use, ByteView id, int step) {
    const Bytes key = count_key(use, id);
    const std::uint64_t count =
        number_in(tx.get(kUseCounts, key)) + static_cast<std::uint64_t>(step);
    if (count == 0) {
        tx.erase(kUseCounts, key);
    } else {
        store_big_endian(tx.put_space(kUseCounts, key, 8).data(), count);
    }
}

}  // namespace helio::lns
