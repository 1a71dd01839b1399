#include "bridge/mqtt/packet/properties.h"

namespace helio::bridge::mqtt {
namespace {

ReasonCode check_number(ValueRule rule, std::uint32_t value) {
    switch (rule) {
        case ValueRule::zero_or_one:
            return value <= 1 ? ReasonCode::success : ReasonCode::protocol_error;
        case ValueRule::not_zero:
            return value != 0 ? ReasonCode::success : ReasonCode::protocol_error;
        case ValueRule::alias:
            return value != 0 ? ReasonCode::success : ReasonCode::topic_alias_invalid;
        default:
            return ReasonCode::success;
    }
}

// Reads one value and checks it; an error is left in the reader.
void check_value(Reader& reader, const PropertyRow& row) {
    std::uint32_t number = 0;
    switch (row.type) {
        case PropertyType::byte:
            number = reader.u8();
            break;
        case PropertyType::u16:
            number = reader.u16();
            break;
        case PropertyType::u32:
            number = reader.u32();
            break;
        case PropertyType::variable:
            number = reader.variable();
            break;
        case PropertyType::binary:
            reader.binary();
            return;
        case PropertyType::utf8: {
            const std::string_view text = reader.utf8();
            if (row.rule == ValueRule::no_wildcards &&
                text.find_first_of("+#") != std::string_view::npos) {
                reader.fail_with(ReasonCode::protocol_error);
            }
            return;
        }
        case PropertyType::utf8_pair:
            reader.utf8();
            reader.utf8();
            return;
    }
    if (reader.failed()) return;
    const ReasonCode code = check_number(row.rule, number);
    if (code != ReasonCode::success) reader.fail_with(code);
}

}  // namespace

Properties Properties::read(Reader& reader, PropertyOwner owner) {
    const ByteView section = reader.bytes(reader.variable());
    Reader values(section);
    std::uint32_t present = 0;
    while (!values.at_end()) {
        // The number is a variable byte integer; all that exist fit one byte.
        const PropertyRow* row = find_property(values.variable());
        if (row == nullptr || !allowed(*row, owner)) {
            values.fail_with(ReasonCode::malformed_packet);
            break;
        }
        const std::uint32_t bit = bit_of(row->id);
        if ((present & bit) != 0 && (row->several_in & owners(owner)) == 0) {
            values.fail_with(ReasonCode::protocol_error);
            break;
        }
        present |= bit;
        check_value(values, *row);
    }
    if (values.failed()) {
        reader.fail_with(values.error());
        return {};
    }
    return Properties(section, present);
}

Properties Properties::checked(ByteView wire) {
    Properties out(wire, 0);
    out.each([&](PropertyId id, Reader&) {
        out.present_ |= bit_of(id);
        return false;
    });
    return out;
}

void Properties::skip_value(Reader& reader, PropertyType type) {
    switch (type) {
        case PropertyType::byte:
            reader.u8();
            break;
        case PropertyType::u16:
            reader.u16();
            break;
        case PropertyType::u32:
            reader.u32();
            break;
        case PropertyType::variable:
            reader.variable();
            break;
        case PropertyType::utf8:
        case PropertyType::binary:
            reader.binary();
            break;
        case PropertyType::utf8_pair:
            reader.binary();
            reader.binary();
            break;
    }
}

Reader Properties::seek(PropertyId id) const {
    Reader reader(wire_);
    while (true) {
        const auto at = static_cast<PropertyId>(reader.u8());
        assert(!reader.failed());
        if (at == id) return reader;
        skip_value(reader, row_of(at).type);
    }
}

}  // namespace helio::bridge::mqtt
