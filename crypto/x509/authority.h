// A certificate authority of our own and the certificates it issues (ECDSA P-256).
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/random.h"

#include <string>
#include <string_view>
#include <vector>

namespace helio::crypto::x509 {

// Both PEM; the key is PKCS #8 without a pass phrase.
struct CertificateAndKey {
    std::string certificate_pem;
    std::string key_pem;
};

// Long-lived, because devices carry it.
inline constexpr std::chrono::days kAuthorityLife{20 * 365};
// What clients of all makes accept.
inline constexpr std::chrono::days kServerLife{825};
// Of devices: 2049-12-31T23:59:59Z, the last second that every certificate reader can read.
inline constexpr Instant kDeviceEnd = from_unix_us(2'524'607'999'000'000);
// Certificates begin in the past: the clocks of devices are wrong.
inline constexpr std::chrono::days kBackdate{2};

CertificateAndKey make_authority(const std::string& common_name, Instant now, const Random& random);

// For DNS names and IP addresses; the first is the common name, too.  Throws std::runtime_error
// where the authority cannot be used or a name cannot stand in a certificate.
CertificateAndKey issue_server_certificate(const CertificateAndKey& authority,
                                           const std::vector<std::string>& names,
                                           Instant now,
                                           const Random& random);

// As AWS IoT's: CN=AWS IoT Certificate, valid to the end of 2049.
struct DeviceIdentity {
    std::string certificate_pem;
    std::string public_key_pem;
    std::string private_key_pem;  // kept by nobody here
};
DeviceIdentity issue_device_identity(const CertificateAndKey& authority,
                                     Instant now,
                                     const Random& random);

// Of the name and the key in a certificate signing request (PEM), which proves that its sender has
// the key; of its extensions nothing is taken.
enum class RequestFault : std::uint8_t { no_request, bad_signature, weak_key, bad_name };
std::string_view describe(RequestFault fault);
Result<std::string, RequestFault> issue_for_request(const CertificateAndKey& authority,
                                                    std::string_view request_pem,
                                                    Instant now,
                                                    const Random& random);

// Does the key belong to the certificate?
bool belong_together(const CertificateAndKey& pair);

// Did the authority sign the certificate?  Both PEM.
bool is_issued_by(const std::string& certificate_pem, const std::string& authority_pem);

}  // namespace helio::crypto::x509
