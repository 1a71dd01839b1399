#include "crypto/lorawan_keys.h"

#include "tests/support/vectors.h"

using namespace helio;
using namespace helio::crypto;
using helio::test::vectors_of;

namespace {

Key128 key_of(const helio::test::Vector& v, const char* name) {
    return Key128::from_bytes(v.hex(name)).value();
}

}  // namespace

TEST_CASE("1.0 session keys are derived as other servers derive them", "[crypto]") {
    for (const auto& v : vectors_of("session_keys_1_0")) {
        CAPTURE(v.describe());
        const SessionKeys keys =
            derive_session_keys_1_0(key_of(v, "AppKey"),
                                    static_cast<std::uint32_t>(v.big("JoinNonce")),
                                    static_cast<std::uint32_t>(v.big("NetID")),
                                    static_cast<std::uint16_t>(v.big("DevNonce")));
        const auto expected = v.object("expected");
        CHECK(keys.app_s_key == key_of(expected, "AppSKey"));
        CHECK(keys.f_nwk_s_int_key == key_of(expected, "NwkSKey"));
        CHECK(keys.s_nwk_s_int_key == keys.f_nwk_s_int_key);
        CHECK(keys.nwk_s_enc_key == keys.f_nwk_s_int_key);
    }
}

TEST_CASE("1.1 session keys are four, of two roots", "[crypto]") {
    for (const auto& v : vectors_of("session_keys_1_1")) {
        CAPTURE(v.describe());
        const SessionKeys keys =
            derive_session_keys_1_1(key_of(v, "NwkKey"),
                                    key_of(v, "AppKey"),
                                    static_cast<std::uint32_t>(v.big("JoinNonce")),
                                    Eui64::from_value(v.big("JoinEUI")),
                                    static_cast<std::uint16_t>(v.big("DevNonce")));
        const auto expected = v.object("expected");
        CHECK(keys.app_s_key == key_of(expected, "AppSKey"));
        CHECK(keys.f_nwk_s_int_key == key_of(expected, "FNwkSIntKey"));
        CHECK(keys.s_nwk_s_int_key == key_of(expected, "SNwkSIntKey"));
        CHECK(keys.nwk_s_enc_key == key_of(expected, "NwkSEncKey"));
    }
}

TEST_CASE("join server keys belong to the device", "[crypto]") {
    for (const auto& v : vectors_of("join_server_keys")) {
        CAPTURE(v.describe());
        const JoinServerKeys keys =
            derive_join_server_keys(key_of(v, "NwkKey"), Eui64::from_value(v.big("DevEUI")));
        CHECK(keys.js_int_key == key_of(v.object("expected"), "JSIntKey"));
        CHECK(keys.js_enc_key == key_of(v.object("expected"), "JSEncKey"));
    }
}
