// Protocol Buffers messages as rows of the store: the few lines that every table needs.
#pragma once

#include "base/store/store.h"

#include <google/protobuf/message_lite.h>

#include <cassert>
#include <limits>
#include <optional>

namespace helio::lns {

template <class M>
std::optional<M> parse_row(std::optional<ByteView> bytes) {
    M message;
    if (!bytes || bytes->size() > std::numeric_limits<int>::max() ||
        !message.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()))) {
        return std::nullopt;
    }
    return message;
}

// `Source` is a Store or a Transaction.
template <class M, class Source>
std::optional<M> get_row(const Source& source, const store::TableSpec& table, ByteView key) {
    return parse_row<M>(source.get(table, key));
}

inline void put_row(store::Transaction& tx,
                    const store::TableSpec& table,
                    ByteView key,
                    const google::protobuf::MessageLite& message) {
    const std::size_t size = message.ByteSizeLong();
    const auto space = tx.put_space(table, key, size);
    assert(space.size() == size);
    message.SerializeWithCachedSizesToArray(space.data());
}

}  // namespace helio::lns
