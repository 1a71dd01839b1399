#include "crypto/password.h"

#include "tests/support/catch.h"

#include <set>

using namespace helio;
using crypto::hash_password;
using crypto::password_fits;

TEST_CASE("a stored password fits itself and nothing else", "[crypto][password]") {
    const auto random = crypto::seeded_random(1);
    const std::string stored = hash_password(bytes_of("correct horse"), random);
    CHECK(stored.starts_with("$scrypt$ln=14,r=8,p=1$"));
    CHECK(password_fits(stored, bytes_of("correct horse")));
    for (const char* wrong : {"", "correct hors", "correct horse ", "Correct horse"}) {
        CHECK_FALSE(password_fits(stored, bytes_of(wrong)));
    }
    CHECK(hash_password(bytes_of("correct horse"), random) != stored);  // a salt of its own
}

TEST_CASE("scrypt makes the third test vector of RFC 7914 section 12", "[crypto][password]") {
    // "pleaseletmein" with the salt "SodiumChloride", N = 16384, r = 8, p = 1; the first 32 bytes.
    CHECK(password_fits(
        "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI",
        bytes_of("pleaseletmein")));
    CHECK_FALSE(password_fits(
        "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$dCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI",
        bytes_of("pleaseletmein")));
}

TEST_CASE("what is no stored password fits nothing, and costs no more than one",
          "[crypto][password]") {
    for (const char* text :
         {"",
          "secret",
          "$scrypt$",
          "$scrypt$ln=14,r=8,p=1$AA$AA",
          "$scrypt$ln=0,r=8,p=1$AA$AA",
          "$scrypt$ln=63,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
          "$scrypt$ln=14,r=9,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
          "$argon2id$v=19$m=65536,t=2,p=1$AAAA$AAAA"}) {
        CHECK_FALSE(password_fits(text, bytes_of("secret")));
    }
}
