// A table of values by key: what owners of tables use instead of bytes.
//
//     constexpr TypedTable<Eui64, proto::Device> kDevices({3, "devices", PartitionedBy::dev_eui});
//     auto device = kDevices.get(store, dev_eui);          // or get(transaction, dev_eui)
//     kDevices.put(transaction, dev_eui, *device);
//
// A value is a Protocol Buffers message, a compact struct with
//     std::size_t encoded_size() const;
//     void encode(std::span<std::uint8_t> out) const;      // of exactly that size
//     static std::optional<T> parse(ByteView);
// or Bytes or std::string as it is.
#pragma once

#include "base/result.h"
#include "base/store/key.h"
#include "base/store/store.h"

#include <cstring>
#include <utility>
#include <vector>

namespace helio::store {

template <class Value>
struct ValueCodec {
    static std::size_t size(const Value& value) {
        if constexpr (requires { value.ByteSizeLong(); }) {
            return value.ByteSizeLong();
        } else if constexpr (requires { value.encoded_size(); }) {
            return value.encoded_size();
        } else {
            return value.size();
        }
    }
    static void encode(const Value& value, std::span<std::uint8_t> out) {
        if constexpr (requires { value.ByteSizeLong(); }) {
            value.SerializeWithCachedSizesToArray(out.data());
        } else if constexpr (requires { value.encoded_size(); }) {
            value.encode(out);
        } else if (!out.empty()) {
            std::memcpy(out.data(), value.data(), out.size());
        }
    }
    static std::optional<Value> parse(ByteView bytes) {
        if constexpr (requires { Value::parse(bytes); }) {
            return Value::parse(bytes);
        } else if constexpr (requires(Value& v) { v.ParseFromArray(bytes.data(), 0); }) {
            std::optional<Value> value(std::in_place);
            if (!value->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
            return value;
        } else {
            return Value(bytes.begin(), bytes.end());
        }
    }
};

enum class RowError : std::uint8_t {
    absent,
    corrupt,  // counted in Store::stats(); told apart so that it is not created anew
};

template <class Key, class Value>
struct Page {
    std::vector<std::pair<Key, Value>> rows;
    std::optional<Key> next;  // where there is more: the last key of this page, to go on after
};

inline const Store& store_of(const Store& store) { return store; }
inline const Store& store_of(const Transaction& transaction) { return transaction.store(); }

// Reader is a Store or a Transaction.
template <class Key, class Value>
class TypedTable {
  public:
    constexpr explicit TypedTable(const TableSpec& spec) : spec_(spec) {}
    constexpr const TableSpec& spec() const { return spec_; }

    template <class Reader>
    Result<Value, RowError> get(const Reader& reader, const Key& key) const {
        KeyBuffer buffer = write(key);
        const auto bytes = reader.get(spec_, buffer.finish());
        if (!bytes) return fail(RowError::absent);
        if (auto value = ValueCodec<Value>::parse(*bytes)) return std::move(*value);
        ++store_of(reader).stats().corrupt_rows;
        return fail(RowError::corrupt);
    }
    template <class Reader>
    bool contains(const Reader& reader, const Key& key) const {
        KeyBuffer buffer = write(key);
        return reader.get(spec_, buffer.finish()).has_value();
    }

    void put(Transaction& transaction, const Key& key, const Value& value) const {
        KeyBuffer buffer = write(key);
        const auto space =
            transaction.put_space(spec_, buffer.finish(), ValueCodec<Value>::size(value));
        ValueCodec<Value>::encode(value, space);
    }
    void erase(Transaction& transaction, const Key& key) const {
        KeyBuffer buffer = write(key);
        transaction.erase(spec_, buffer.finish());
    }

    // The slot of a key: what Store::begin asks for.
    Slot slot(const Key& key) const { return write(key).slot(); }

    // `row(key, value)` answers whether to go on.  Corrupt rows are counted and left out.
    template <class Reader, class RowOf>
    void scan(const Reader& reader, RowOf&& row) const {
        scan_bytes(reader, {}, {}, row);
    }
    // The rows whose keys begin with `x`, a value of any type with a KeyCodec: in a partitioned
    // table the whole of what it is partitioned by.
    template <class Reader, class X, class RowOf>
    void scan_prefix(const Reader& reader, const X& x, RowOf&& row) const {
        KeyBuffer prefix(spec_);
        KeyCodec<X>::write(prefix, x);
        scan_bytes(reader, prefix.finish(), {}, row);
    }
    // The same, from the key `from` on.
    template <class Reader, class X, class RowOf>
    void scan_prefix(const Reader& reader, const X& x, const Key& from, RowOf&& row) const {
        KeyBuffer prefix(spec_);
        KeyCodec<X>::write(prefix, x);
        KeyBuffer start = write(from);
        scan_bytes(reader, prefix.finish(), start.finish(), row);
    }

    // At most `max` rows behind the key `after`, for lists that people page through.
    template <class Reader>
    Page<Key, Value> page(const Reader& reader,
                          const std::optional<Key>& after,
                          std::size_t max) const {
        Page<Key, Value> page;
        KeyBuffer start(spec_);
        if (after) KeyCodec<Key>::write(start, *after);
        const ByteView from = after ? start.finish() : ByteView();
        const auto row = [&](const Key& key, Value& value) {
            if (after && key == *after) return true;
            if (page.rows.size() == max) {
                if (max != 0) page.next = page.rows.back().first;
                return false;
            }
            page.rows.emplace_back(key, std::move(value));
            return true;
        };
        scan_bytes(reader, {}, from, row);
        return page;
    }

  private:
    KeyBuffer write(const Key& key) const {
        KeyBuffer buffer(spec_);
        KeyCodec<Key>::write(buffer, key);
        return buffer;
    }

    template <class Reader, class RowOf>
    void scan_bytes(const Reader& reader, ByteView prefix, ByteView from, RowOf& row) const {
        reader.scan(spec_, prefix, from, [&](ByteView key_bytes, ByteView value_bytes) -> bool {
            KeyReader in(spec_, key_bytes);
            const Key key = KeyCodec<Key>::read(in);
            auto value = ValueCodec<Value>::parse(value_bytes);
            if (in.done() && value) return row(key, *value);
            ++store_of(reader).stats().corrupt_rows;
            return true;
        });
    }

    TableSpec spec_;
};

}  // namespace helio::store
