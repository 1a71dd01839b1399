// Certificates and signing requests as strangers send them: in DER from a handshake, in PEM from
// the API.  What is accepted says the same when it is written and read again, and what our CA
// issues for a request is a device's certificate that it has signed.
#include "crypto/random.h"
#include "crypto/x509/authority.h"
#include "crypto/x509/certificate.h"
#include "tests/fuzz/property.h"

using namespace helio;
using namespace helio::crypto;
using namespace helio::crypto::x509;

namespace {

constexpr Instant kNow = from_unix_us(1'769'904'000'000'000);

const CertificateAndKey& our_authority() {
    static const CertificateAndKey made = make_authority("Fuzz CA", kNow, seeded_random(1));
    return made;
}

void certificate(ByteView der) {
    const auto read = parse_der(der);
    if (!read) return fuzz::require(to_pem(der).empty());
    const auto again = parse_pem(to_pem(der));
    fuzz::require(again && again->der == read->der && again->subject == read->subject);
    fuzz::require(!read->is_authority || device_fault(read->der).has_value());
    static const auto ours = parse_pem(our_authority().certificate_pem);
    fuzz::require(!is_signed_by(read->der, ours->der) || read->der == ours->der);
}

void request(std::string_view pem) {
    static const auto ours = parse_pem(our_authority().certificate_pem);
    const auto issued = issue_for_request(our_authority(), pem, kNow, seeded_random(2));
    if (!issued) return fuzz::require(!describe(issued.error()).empty());
    const auto read = parse_pem(*issued);
    fuzz::require(read && !device_fault(read->der) && is_signed_by(read->der, ours->der));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    certificate(bytes);
    (void)parse_pem(text_of(bytes));
    request(text_of(bytes));
    return 0;
}
