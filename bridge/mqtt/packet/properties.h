// The property section of an MQTT 5 packet: checked once, then read without failing.
//
// Properties borrows the bytes it was parsed from and holds nothing else, so a PUBLISH that carries
// none costs nothing; PropertyList owns and is how a section is made.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "bridge/mqtt/packet/property_table.h"
#include "bridge/mqtt/packet/wire.h"

#include <type_traits>

namespace helio::bridge::mqtt {

template <PropertyId id>
using PropertyValue = std::conditional_t<
    row_of(id).type == PropertyType::utf8,
    std::string_view,
    std::conditional_t<row_of(id).type == PropertyType::binary, ByteView, std::uint32_t>>;

struct UserProperty {
    std::string_view name;
    std::string_view value;
    friend bool operator==(const UserProperty&, const UserProperty&) = default;
};

class Properties {
  public:
    // None.
    Properties() = default;

    // Reads the length and the section behind it.  Fails the reader with the code of §2.2.2.2:
    // malformed for an unknown or foreign property, a protocol error for one that stands twice.
    static Properties read(Reader& reader, PropertyOwner owner);

    // A section that was checked before, as wire() gave it.
    static Properties checked(ByteView wire);

    bool has(PropertyId id) const { return (present_ & bit_of(id)) != 0; }

    template <PropertyId id>
    std::optional<PropertyValue<id>> find() const {
        static_assert(row_of(id).type != PropertyType::utf8_pair);
        if (!has(id)) return std::nullopt;
        Reader reader = seek(id);
        return read_value<id>(reader);
    }
    // In the order in which they stand.
    template <class F>
    void each_user_property(F&& f) const {
        if (!has(PropertyId::user_property)) return;
        each([&](PropertyId id, Reader& value) {
            if (id != PropertyId::user_property) return false;
            const std::string_view name = text_of(value.binary());
            f(UserProperty{name, text_of(value.binary())});
            return true;
        });
    }
    template <class F>
    void each_subscription_identifier(F&& f) const {
        if (!has(PropertyId::subscription_identifier)) return;
        each([&](PropertyId id, Reader& value) {
            if (id != PropertyId::subscription_identifier) return false;
            f(value.variable());
            return true;
        });
    }

    // Calls `f(id, bytes)` for each, the bytes with the number in front.
    template <class F>
    void each_raw(F&& f) const {
        Reader reader(wire_);
        ByteView left = wire_;
        while (!reader.at_end()) {
            const auto id = static_cast<PropertyId>(reader.u8());
            skip_value(reader, row_of(id).type);
            const std::size_t size = left.size() - reader.size();
            f(id, left.first(size));
            left = left.subspan(size);
        }
    }

    // As on the wire, without the length in front.
    ByteView wire() const { return wire_; }
    bool empty() const { return wire_.empty(); }

    friend bool operator==(const Properties& a, const Properties& b) {
        return text_of(a.wire_) == text_of(b.wire_);
    }

  private:
    friend class PropertyList;
    Properties(ByteView wire, std::uint32_t present) : wire_(wire), present_(present) {}

    template <PropertyId id>
    static PropertyValue<id> read_value(Reader& reader) {
        constexpr PropertyType kType = row_of(id).type;
        if constexpr (kType == PropertyType::byte) return reader.u8();
        if constexpr (kType == PropertyType::u16) return reader.u16();
        if constexpr (kType == PropertyType::u32) return reader.u32();
        if constexpr (kType == PropertyType::variable) return reader.variable();
        if constexpr (kType == PropertyType::utf8) return text_of(reader.binary());
        if constexpr (kType == PropertyType::binary) return reader.binary();
    }

    // Stands at the value of the first `id`, which is present.
    Reader seek(PropertyId id) const;
    static void skip_value(Reader& reader, PropertyType type);

    // `take` reads the value and answers true, or leaves it and answers false.
    template <class F>
    void each(F&& take) const {
        Reader reader(wire_);
        while (!reader.at_end()) {
            const auto id = static_cast<PropertyId>(reader.u8());
            if (!take(id, reader)) skip_value(reader, row_of(id).type);
        }
    }

    ByteView wire_;
    std::uint32_t present_ = 0;
};

class PropertyList {
  public:
    template <PropertyId id>
    PropertyList& add(PropertyValue<id> value) {
        constexpr PropertyType kType = row_of(id).type;
        mark(id);
        if constexpr (kType == PropertyType::byte) put_u8(wire_, static_cast<std::uint8_t>(value));
        if constexpr (kType == PropertyType::u16) put_u16(wire_, static_cast<std::uint16_t>(value));
        if constexpr (kType == PropertyType::u32) put_u32(wire_, value);
        if constexpr (kType == PropertyType::variable) put_variable(wire_, value);
        if constexpr (kType == PropertyType::utf8) put_utf8(wire_, value);
        if constexpr (kType == PropertyType::binary) put_binary(wire_, value);
        return *this;
    }
    PropertyList& add_user(std::string_view name, std::string_view value) {
        mark(PropertyId::user_property);
        put_utf8(wire_, name);
        put_utf8(wire_, value);
        return *this;
    }
    void clear() {
        wire_.clear();
        present_ = 0;
    }
    // Borrows; valid until the next change.
    Properties view() const { return Properties(wire_, present_); }

  private:
    void mark(PropertyId id) {
        present_ |= bit_of(id);
        wire_.push_back(static_cast<std::uint8_t>(id));
    }
    Bytes wire_;
    std::uint32_t present_ = 0;
};

// Length and section.
inline void put_properties(Bytes& out, const Properties& properties) {
    put_variable(out, properties.wire().size());
    put_bytes(out, properties.wire());
}

}  // namespace helio::bridge::mqtt
