// How many wireless devices refer to a profile or destination, and how many things there are at
// all: counted with each change, so that "is it in use?" reads one row.
#pragma once

#include "base/store/store.h"

namespace helio::lns {

enum class Use : std::uint8_t {
    device_profile = 'd',
    service_profile = 's',
    destination = 't',
    all_devices = 'D',
    all_gateways = 'G',
};

std::uint64_t use_count(const store::Store& store, Use use, ByteView id);
void add_use(store::Transaction& tx, Use use, ByteView id, int step);

}  // namespace helio::lns
