#include "crypto/digest.h"

#include "tests/support/catch.h"

using namespace helio;

TEST_CASE("SHA-256 makes the digests of FIPS 180-2", "[crypto][digest]") {
    CHECK(to_hex(crypto::sha256(bytes_of("abc"))) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(crypto::sha256({})) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("HMAC-SHA-256 makes test cases 1 and 2 of RFC 4231", "[crypto][digest]") {
    const Bytes key(20, 0x0b);
    CHECK(to_hex(crypto::hmac_sha256(key, bytes_of("Hi There"))) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(to_hex(crypto::hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
