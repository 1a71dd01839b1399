// Tokens and keys as strangers send them.  What is read is what was signed, and only an HMAC key
// that is tried by chance once in 2^256 lets a token in.
#include "crypto/jwt/token.h"
#include "tests/fuzz/property.h"

using namespace helio;
using namespace helio::crypto::jwt;

namespace {

void keys(std::string_view text) {
    const auto read = parse_keys(text);
    if (!read) return fuzz::require(!sentence(read.error()).empty());
    fuzz::require(!read->empty() && read->size() <= 100);
    for (const Key& key : *read) {
        for (const Algorithm algorithm :
             {Algorithm::rs256, Algorithm::es256, Algorithm::eddsa, Algorithm::hs256}) {
            if (key.kind() != KeyKind::secret || algorithm != Algorithm::hs256) {
                fuzz::require(!key.verifies(algorithm, bytes_of("message"), {}));
            }
        }
    }
}

void token(std::string_view text) {
    static const auto known = parse_keys(
        R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})");
    const auto read = parse_token(text);
    if (!read) return fuzz::require(!sentence(read.error()).empty());
    fuzz::require(text.starts_with(read->signed_part) && text[read->signed_part.size()] == '.');
    fuzz::require(!verify(*read, *known));
    (void)check_claims(read->claims, {.issuer = "a", .audience = "b"}, from_unix_us(0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of({data, size});
    token(text);
    keys(text);
    return 0;
}
