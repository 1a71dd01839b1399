// Keys of rows: values as bytes whose order is the order of the keys, behind the slot.
//
// KeyCodec<Key> says how a Key is written and read; specialise it beside the Key.  It calls
// end_of_partition() behind the part X that the table is partitioned by; without the call, X is the
// whole key.
#pragma once

#include "base/big_endian.h"
#include "base/eui64.h"
#include "base/store/table.h"

#include <algorithm>
#include <optional>
#include <string>

namespace helio::store {

class KeyBuffer {
  public:
    explicit KeyBuffer(const TableSpec& table)
        : start_(table.partitioned_by == PartitionedBy::global ? 0 : 2), size_(start_) {}

    void u8(std::uint8_t v) { integer(v); }
    void u16(std::uint16_t v) { integer(v); }
    void u32(std::uint32_t v) { integer(v); }
    void u64(std::uint64_t v) { integer(v); }
    // Has no end of its own: the last part of a key, or of a fixed size.
    void bytes(ByteView v) {
        const std::size_t room = std::min(v.size(), bytes_.size() - size_);
        std::copy_n(v.data(), room, bytes_.data() + size_);
        size_ += room;
    }
    // Text in the middle of a key: its size (two bytes) before it.
    void sized_text(std::string_view v) {
        u16(static_cast<std::uint16_t>(std::min(v.size(), kMaxKeySize)));
        bytes(bytes_of(v));
    }
    void end_of_partition() { partition_end_ = size_; }

    // Fills the slot in.  Too much was written: a view of more than kMaxKeySize bytes, which no row
    // has.
    ByteView finish() {
        if (start_ != 0) store_big_endian(bytes_.data(), slot());
        return {bytes_.data(), size_};
    }
    // Zero in a global table.
    Slot slot() const {
        if (start_ == 0) return 0;
        const std::size_t end = partition_end_ == 0 ? size_ : partition_end_;
        return slot_of(ByteView(bytes_).subspan(start_, end - start_));
    }

  private:
    template <class T>
    void integer(T v) {
        std::array<std::uint8_t, sizeof(T)> wire;
        store_big_endian(wire.data(), v);
        bytes(wire);
    }

    std::array<std::uint8_t, kMaxKeySize + 1> bytes_;
    std::size_t start_;
    std::size_t size_;
    std::size_t partition_end_ = 0;
};

// Reads the parts of a key in order; after the first one that is missing all are zero or empty, and
// `done()` is false.
class KeyReader {
  public:
    KeyReader(const TableSpec& table, ByteView key) : left_(key) {
        if (table.partitioned_by != PartitionedBy::global) bytes(2);
    }
    std::uint8_t u8() { return integer<std::uint8_t>(); }
    std::uint16_t u16() { return integer<std::uint16_t>(); }
    std::uint32_t u32() { return integer<std::uint32_t>(); }
    std::uint64_t u64() { return integer<std::uint64_t>(); }
    ByteView bytes(std::size_t size) {
        if (left_.size() < size) {
            good_ = false;
            left_ = {};
            return {};
        }
        const ByteView v = left_.first(size);
        left_ = left_.subspan(size);
        return v;
    }
    ByteView rest() { return bytes(left_.size()); }
    std::string_view sized_text() { return text_of(bytes(u16())); }
    bool done() const { return good_ && left_.empty(); }

  private:
    template <class T>
    T integer() {
        const ByteView v = bytes(sizeof(T));
        return v.empty() ? T{} : load_big_endian<T>(v.data());
    }
    ByteView left_;
    bool good_ = true;
};

template <class Key>
struct KeyCodec;

template <>
struct KeyCodec<Eui64> {
    static void write(KeyBuffer& out, Eui64 eui) { out.u64(eui.value()); }
    static Eui64 read(KeyReader& in) { return Eui64::from_value(in.u64()); }
};

template <std::unsigned_integral Int>
struct KeyCodec<Int> {
    static void write(KeyBuffer& out, Int v) { out.bytes(wire(v)); }
    static Int read(KeyReader& in) {
        const ByteView v = in.bytes(sizeof(Int));
        return v.empty() ? Int{} : load_big_endian<Int>(v.data());
    }

  private:
    static std::array<std::uint8_t, sizeof(Int)> wire(Int v) {
        std::array<std::uint8_t, sizeof(Int)> out;
        store_big_endian(out.data(), v);
        return out;
    }
};

template <>
struct KeyCodec<std::string> {
    static void write(KeyBuffer& out, std::string_view text) { out.bytes(bytes_of(text)); }
    static std::string read(KeyReader& in) { return std::string(text_of(in.rest())); }
};

}  // namespace helio::store
