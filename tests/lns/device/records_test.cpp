#include "lns/device/frame_state.h"
#include "lns/device/join_record.h"
#include "lns/device/keys.h"
#include "lns/device/session_view.h"
#include "lns/device/uuid.h"
#include "lns/proto/session.pb.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;

namespace {

ByteView view_of(const FrameState& state, std::array<std::uint8_t, FrameState::kMaxBytes>& buffer) {
    return ByteView(buffer).first(encode_frame_state(state, buffer));
}

}  // namespace

TEST_CASE("a frame state is the same after a round trip, and a cut one is refused",
          "[lns][device]") {
    FrameState state;
    state.fcnt_up_next = 0x01020304;
    state.fcnt_down_next = 0xfffffffe;
    state.last_mic = 0xcafe0001;
    state.last_uplink_at = from_unix_us(1'700'000'000'123'456);
    state.last_status_request_s = 1'700'000'000;
    state.data_rate = 5;
    state.repeats = 2;
    state.fcnt_down_awaited = 77;
    state.heard = state.awaiting_ack = true;
    for (std::uint32_t fcnt = 100; fcnt < 125; ++fcnt) {
        state.add_mark(fcnt, {.best_snr_quarter_db = -30, .gateways = 3, .tx_power_index = 7});
    }
    std::array<std::uint8_t, FrameState::kMaxBytes> buffer;
    const ByteView bytes = view_of(state, buffer);
    CHECK(bytes.size() == FrameState::kMaxBytes);
    CHECK(bytes.size() <= 120);
    CHECK(parse_frame_state(bytes) == state);
    CHECK(fcnt_up_next_of(bytes) == state.fcnt_up_next);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_FALSE(parse_frame_state(bytes.first(size)));
    }
    buffer[0] = 2;
    CHECK_FALSE(parse_frame_state(bytes));
}

TEST_CASE("a frame state keeps the last twenty uplinks and their steps", "[lns][device]") {
    FrameState state;
    state.add_mark(10, {});
    state.add_mark(13, {});
    state.add_mark(1013, {});
    CHECK(state.mark_count == 3);
    CHECK(state.marks[1].fcnt_step == 3);
    CHECK(state.marks[2].fcnt_step == 255);
    for (std::uint32_t i = 0; i < 30; ++i) state.add_mark(2000 + i, {.gateways = 2});
    CHECK(state.mark_count == FrameState::kMaxMarks);
    CHECK(state.newest_fcnt == 2029);
    CHECK(state.marks[0].gateways == 2);
}

TEST_CASE("before 1.0.4 a DevNonce is accepted once, in any order", "[lns][device]") {
    JoinRecord record;
    for (const std::uint16_t nonce : {500, 3, 65535, 0}) {
        CHECK(record.accepts(NonceRule::unused, nonce));
        record.take(NonceRule::unused, nonce);
        CHECK_FALSE(record.accepts(NonceRule::unused, nonce));
    }
    CHECK(record.accepts(NonceRule::unused, 501));
}

TEST_CASE("from 1.0.4 on a DevNonce is larger than every one before", "[lns][device]") {
    JoinRecord record;
    CHECK(record.accepts(NonceRule::increasing, 0));
    record.take(NonceRule::increasing, 10);
    CHECK_FALSE(record.accepts(NonceRule::increasing, 10));
    CHECK_FALSE(record.accepts(NonceRule::increasing, 9));
    CHECK(record.accepts(NonceRule::increasing, 11));
    record.take(NonceRule::increasing, 65535);
    CHECK_FALSE(record.accepts(NonceRule::increasing, 65535));
    CHECK_FALSE(record.accepts(NonceRule::increasing, 0));
    record.forget_dev_nonces();
    CHECK(record.accepts(NonceRule::increasing, 0));
}

TEST_CASE("the set of used DevNonces stays exact and bounded when all are used", "[lns][device]") {
    JoinRecord record;
    for (std::uint32_t i = 0; i < 65536; ++i) {
        const auto nonce = static_cast<std::uint16_t>(i * 40503);  // odd: visits each once
        if (!record.accepts(NonceRule::unused, nonce)) FAIL(nonce);
        record.take(NonceRule::unused, nonce);
        if (i == 4095 || i == 4096 || i == 65535) {
            const Bytes bytes = encode_join_record(record);
            CHECK(bytes.size() < 8300);
            CHECK(parse_join_record(bytes) == record);
        }
    }
    CHECK(record.used.size() == 65536);
    CHECK_FALSE(record.accepts(NonceRule::unused, 1));
}

TEST_CASE("a join record is the same after a round trip, and a cut header is refused",
          "[lns][device]") {
    JoinRecord record;
    record.take(NonceRule::unused, 5);
    record.take(NonceRule::unused, 7);
    record.next_join_nonce = 0xabcdef;
    const Bytes bytes = encode_join_record(record);
    CHECK(parse_join_record(bytes) == record);
    for (std::size_t size = 0; size < 9; ++size) {
        CHECK_FALSE(parse_join_record(ByteView(bytes).first(size)));
    }
}

TEST_CASE("the view of a session agrees with the message", "[lns][device]") {
    proto::Session session;
    session.set_dev_eui(1);
    session.set_nwk_s_key(std::string(16, 'n'));
    session.set_app_s_key(std::string(16, 'a'));
    session.set_region("US915");
    session.set_mac_version(4);
    session.set_supports_32bit_fcnt(true);
    session.set_settled_with(0x8000000000000001u);
    session.set_allow_fcnt_reset(true);
    session.set_device_profile_id(std::string(16, 'p'));
    session.mutable_current()->set_data_rate(3);
    session.mutable_current()->set_rx_delay_1_s(5);
    session.mutable_current()->set_rx2_frequency_hz(923'300'000);
    (*session.mutable_current()->mutable_extra_channels())[3].set_uplink_frequency_hz(1);
    const std::string bytes = session.SerializeAsString();
    const auto view = view_session(bytes_of(bytes));
    REQUIRE(view);
    CHECK(text_of(view->nwk_s_key) == session.nwk_s_key());
    CHECK(text_of(view->app_s_key) == session.app_s_key());
    CHECK(view->region == "US915");
    CHECK(view->mac_version == 4);
    CHECK(view->supports_32bit_fcnt);
    CHECK(view->settled_with == session.settled_with());
    CHECK(view->allow_fcnt_reset);
    CHECK_FALSE(view->abp);
    CHECK(view->has_current);
    CHECK(view->current.data_rate == 3);
    CHECK(view->current.rx_delay_1_s == 5);
    CHECK(view->current.rx2_frequency_hz == 923'300'000);
    CHECK(text_of(view->device_profile_id) == session.device_profile_id());

    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto cut = view_session(bytes_of(bytes).first(size));  // must not read past the end
        if (cut) CHECK(cut->nwk_s_key.size() == 16);
    }
}

TEST_CASE("the key of a session begins with the key of its address", "[lns][device]") {
    const DevAddr addr = DevAddr::from_value(0x26011234);
    const Eui64 dev_eui = Eui64::from_value(0x0102030405060708);
    const SessionKey key = session_key(addr, dev_eui);
    const AddressKey prefix = key_of(addr);
    CHECK(std::equal(prefix.begin(), prefix.end(), key.begin()));
    CHECK(dev_eui_of_session(key) == dev_eui);
    CHECK(eui_of(key_of(dev_eui)) == dev_eui);
    CHECK(order_of(queue_key(dev_eui, 99)) == 99);
}

TEST_CASE("a UUID is read in its one spelling", "[lns][device]") {
    const auto uuid = Uuid::from_text("f81d4fae-7dec-41d0-8765-00a0c91e6bf6");
    REQUIRE(uuid);
    CHECK(uuid->to_text() == "f81d4fae-7dec-41d0-8765-00a0c91e6bf6");
    CHECK_FALSE(Uuid::from_text("f81d4fae7dec-41d0-8765-00a0c91e6bf6-"));
    CHECK_FALSE(Uuid::from_text("f81d4fae-7dec-41d0-8765-00a0c91e6bfg"));
    CHECK_FALSE(Uuid::from_text(""));
}
