// A class A device, written from the device's side of the specification; it shares the frame codecs
// with the server and nothing else.
#pragma once

#include "crypto/lorawan_keys.h"
#include "lns/frame/data_frame.h"
#include "lns/frame/join_accept.h"
#include "lns/frame/join_request.h"
#include "lns/frame/mic.h"
#include "lns/frame/payload_crypto.h"
#include "lns/mac/command_table.h"

#include <optional>

namespace helio::lns::test {

struct UplinkOptions {
    std::optional<std::uint8_t> fport = 1;
    Bytes data = {0x2a};
    Bytes fopts = {};
    bool confirmed = false;
    bool adr = false;
    bool adr_ack_req = false;
};

struct Received {
    bool confirmed = false;
    bool ack = false;
    bool fpending = false;
    bool adr = false;
    std::uint32_t fcnt = 0;
    Bytes commands;  // of FOpts or FPort 0
    std::optional<std::uint8_t> fport;
    Bytes data;
};

struct DeviceSide {
    Eui64 dev_eui;
    Eui64 join_eui = Eui64::from_value(0xfeed);
    crypto::Key128 app_key;
    std::uint16_t dev_nonce = 0;  // of the next join-request

    DevAddr dev_addr;
    crypto::Key128 nwk_s_key, app_s_key;
    std::uint32_t fcnt_up = 0;                    // of the next uplink
    std::optional<std::uint32_t> last_fcnt_down;  // accepted
    bool ack_next = false;                        // a confirmed downlink came
    bool wide_counters = true;                    // 32 bits

    // The test keys of tests/lns/owner.h.
    static crypto::Key128 key(std::uint64_t number) {
        crypto::Key128 k;
        for (std::size_t i = 0; i < 8; ++i) k.bytes[i] = static_cast<std::uint8_t>(number >> 8 * i);
        return k;
    }
    static DeviceSide otaa(std::uint64_t dev_eui) {
        return {.dev_eui = Eui64::from_value(dev_eui), .app_key = key(dev_eui)};
    }
    static DeviceSide abp(std::uint64_t dev_eui, std::uint32_t dev_addr) {
        DeviceSide d{.dev_eui = Eui64::from_value(dev_eui)};
        d.dev_addr = DevAddr::from_value(dev_addr);
        d.nwk_s_key = key(dev_eui);
        d.app_s_key = key(dev_eui + 100);
        return d;
    }

    Bytes join_request() { return encode_join_request(join_eui, dev_eui, {dev_nonce++}, app_key); }

    // Takes the session of a join-accept; false where it is not for the last request.
    bool accept(ByteView phy) {
        const auto opened = open_join_accept(phy, app_key);
        if (!opened || !mics_equal(plain_mic(app_key, opened->plain), opened->mic)) return false;
        const auto keys =
            crypto::derive_session_keys_1_0(app_key,
                                            opened->accept.join_nonce.value(),
                                            opened->accept.net_id.value(),
                                            static_cast<std::uint16_t>(dev_nonce - 1));
        dev_addr = opened->accept.dev_addr;
        nwk_s_key = keys.f_nwk_s_int_key;
        app_s_key = keys.app_s_key;
        fcnt_up = 0;
        last_fcnt_down.reset();
        ack_next = false;
        return true;
    }

    // What a device that agrees to everything answers to these commands.
    static Bytes answers_to(ByteView commands) {
        Bytes out;
        for (auto c = mac::next_command(Direction::down, commands); c;
             c = mac::next_command(Direction::down, commands)) {
            using enum mac::Cid;
            const auto cid = c->row->cid;
            if (c->row->initiator == mac::Initiator::device) continue;
            out.push_back(static_cast<std::uint8_t>(cid));
            if (cid == link_adr || cid == rx_param_setup) out.push_back(0x07);
            if (cid == new_channel || cid == dl_channel) out.push_back(0x03);
            if (cid == dev_status) out.insert(out.end(), {200, 10});
        }
        return out;
    }

    FCnt32 counter(std::uint32_t full) const { return {wide_counters ? full : full & 0xffff}; }

    Bytes uplink(const UplinkOptions& o = {}) {
        const FCnt32 fcnt = counter(fcnt_up++);
        Bytes payload(o.data.size());
        const bool mac = o.fport == 0;
        if (o.fport) {
            crypt_frm_payload(
                mac ? nwk_s_key : app_s_key, {Direction::up, dev_addr, fcnt}, o.data, payload);
        }
        const DataFrame frame{.direction = Direction::up,
                              .confirmed = o.confirmed,
                              .dev_addr = dev_addr,
                              .adr = o.adr,
                              .adr_ack_req = o.adr_ack_req,
                              .ack = std::exchange(ack_next, false),
                              .fcnt = wire_of(fcnt),
                              .fopts = o.fopts,
                              .fport = o.fport,
                              .frm_payload = {o.fport ? ByteView(payload) : ByteView()}};
        Bytes phy;
        encode_unsigned(frame, phy);
        append_mic(data_mic(nwk_s_key, {Direction::up, dev_addr, fcnt}, phy), phy);
        return phy;
    }

    // Absent where the frame is not for this device, not signed, or its counter is not new.
    std::optional<Received> receive(ByteView phy) {
        const auto frame = parse_data_frame(phy);
        if (!frame || frame->direction != Direction::down || frame->dev_addr != dev_addr) {
            return std::nullopt;
        }
        const std::uint32_t next = last_fcnt_down ? *last_fcnt_down + 1 : 0;
        const auto fcnt = rebuild(frame->fcnt, {next});
        if (!fcnt) return std::nullopt;
        const MicInput input{Direction::down, dev_addr, counter(fcnt->value)};
        if (!mics_equal(data_mic(nwk_s_key, input, frame->signed_bytes), frame->mic)) {
            return std::nullopt;
        }
        last_fcnt_down = fcnt->value;
        if (frame->confirmed) ack_next = true;
        Received r{.confirmed = frame->confirmed,
                   .ack = frame->ack,
                   .fpending = frame->fpending,
                   .adr = frame->adr,
                   .fcnt = fcnt->value,
                   .commands = Bytes(frame->fopts.begin(), frame->fopts.end()),
                   .fport = frame->fport};
        if (frame->fport) {
            const bool mac = *frame->fport == 0;
            (mac ? r.commands : r.data) =
                decrypt_frm_payload(*frame, counter(fcnt->value), mac ? nwk_s_key : app_s_key);
        }
        return r;
    }
};

}  // namespace helio::lns::test
