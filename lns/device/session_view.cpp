#include "lns/device/session_view.h"

#include "lns/proto/session.pb.h"

#include <bit>
#include <cstring>

namespace helio::lns {
namespace {

// One field of a message in the Protocol Buffers wire format.
struct Field {
    std::uint32_t number = 0;
    std::uint64_t value = 0;  // varint and fixed kinds
    ByteView bytes;           // length-delimited kind
};

class FieldReader {
  public:
    explicit FieldReader(ByteView bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

    // False at the end, and where the bytes are no message (then broken()).
    bool next(Field& field) {
        if (at_ == end_) return false;
        const std::uint64_t tag = varint();
        field.number = static_cast<std::uint32_t>(tag >> 3);
        switch (tag & 7) {
            case 0:
                field.value = varint();
                break;
            case 1:
                field.value = fixed(8);
                break;
            case 5:
                field.value = fixed(4);
                break;
            case 2: {
                const std::uint64_t size = varint();
                if (broken_ || size > left()) return fail();
                field.bytes = {at_, static_cast<std::size_t>(size)};
                at_ += size;
                break;
            }
            default:
                return fail();
        }
        return !broken_;
    }
    bool broken() const { return broken_; }

  private:
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    bool fail() {
        broken_ = true;
        return false;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at_ == end_) break;
            const std::uint8_t byte = *at_++;
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80) return value;
        }
        broken_ = true;
        return 0;
    }
    std::uint64_t fixed(std::size_t size) {
        if (size > left()) {
            broken_ = true;
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{at_[i]} << (8 * i);
        at_ += size;
        return value;
    }

    const std::uint8_t* at_;
    const std::uint8_t* end_;
    bool broken_ = false;
};

bool read_parameters(ByteView bytes, WindowParameters& out) {
    using P = proto::MacParameters;
    FieldReader reader(bytes);
    for (Field field; reader.next(field);) {
        const auto value = static_cast<std::uint32_t>(field.value);
        switch (field.number) {
            case P::kDataRateFieldNumber:
                out.data_rate = value;
                break;
            case P::kTxPowerIndexFieldNumber:
                out.tx_power_index = value;
                break;
            case P::kNbTransFieldNumber:
                out.nb_trans = value;
                break;
            case P::kRxDelay1SFieldNumber:
                out.rx_delay_1_s = value;
                break;
            case P::kRx1DrOffsetFieldNumber:
                out.rx1_dr_offset = value;
                break;
            case P::kRx2DataRateFieldNumber:
                out.rx2_data_rate = value;
                break;
            case P::kRx2FrequencyHzFieldNumber:
                out.rx2_frequency_hz = value;
                break;
            case P::kUplinkDwellTimeFieldNumber:
                out.uplink_dwell_time = value != 0;
                break;
            case P::kDownlinkDwellTimeFieldNumber:
                out.downlink_dwell_time = value != 0;
                break;
            default:
                break;
        }
    }
    return !reader.broken();
}

}  // namespace

std::optional<SessionView> view_session(ByteView bytes) {
    using S = proto::Session;
    SessionView out;
    FieldReader reader(bytes);
    for (Field field; reader.next(field);) {
        switch (field.number) {
            case S::kNwkSKeyFieldNumber:
                out.nwk_s_key = field.bytes;
                break;
            case S::kAppSKeyFieldNumber:
                out.app_s_key = field.bytes;
                break;
            case S::kRegionFieldNumber:
                out.region = text_of(field.bytes);
                break;
            case S::kMacVersionFieldNumber:
                out.mac_version = static_cast<std::uint32_t>(field.value);
                break;
            case S::kSupports32BitFcntFieldNumber:
                out.supports_32bit_fcnt = field.value != 0;
                break;
            case S::kAbpFieldNumber:
                out.abp = field.value != 0;
                break;
            case S::kDisabledFieldNumber:
                out.disabled = field.value != 0;
                break;
            case S::kAllowFcntResetFieldNumber:
                out.allow_fcnt_reset = field.value != 0;
                break;
            case S::kAwaitingFirstUplinkFieldNumber:
                out.awaiting_first_uplink = field.value != 0;
                break;
            case S::kCurrentFieldNumber:
                out.has_current = true;
                if (!read_parameters(field.bytes, out.current)) return std::nullopt;
                break;
            case S::kSettledWithFieldNumber:
                out.settled_with = field.value;
                break;
            case S::kDeviceProfileIdFieldNumber:
                out.device_profile_id = field.bytes;
                break;
            case S::kServiceProfileIdFieldNumber:
                out.service_profile_id = field.bytes;
                break;
            default:
                break;
        }
    }
    if (reader.broken() || out.nwk_s_key.size() != 16) return std::nullopt;
    if (!out.app_s_key.empty() && out.app_s_key.size() != 16) return std::nullopt;
    return out;
}

}  // namespace helio::lns
