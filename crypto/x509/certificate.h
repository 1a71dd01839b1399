// Reads X.509 certificates: what they say and the fingerprint that names them.
#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::crypto::x509 {

struct Certificate {
    Bytes der;
    std::string subject;  // RFC 2253, e.g. "CN=device-7,O=Example"
    std::string issuer;
    std::string common_name;         // of the subject; empty without
    std::vector<std::string> names;  // subject alternative names: DNS names and IP addresses
    Instant not_before;
    Instant not_after;
    bool is_authority = false;
    // SHA-256 of the names' DER: an issuer is looked up by it.
    Sha256 subject_digest{};
    Sha256 issuer_digest{};

    // SHA-256 of the DER in lower-case hexadecimal: AWS IoT's certificateId.
    std::string fingerprint() const;
};

// The first certificate of a PEM text; absent where there is none.
std::optional<Certificate> parse_pem(std::string_view pem);
std::optional<Certificate> parse_der(ByteView der);

std::string fingerprint(ByteView der);

std::string to_pem(ByteView certificate_der);

// Why a certificate cannot be a device's, whoever has issued it and whatever the time is.
enum class DeviceFault : std::uint8_t {
    authority,           // it may issue others
    key_usage,           // not for signatures
    extended_key_usage,  // not for TLS clients
    weak_key,            // less than RSA 2048 or a curve of 224 bits
    weak_signature,      // MD5, SHA-1
    bad_name,            // a control character (a NUL hides what follows), or endless
    bad_extension,       // one that cannot be read, or is critical and unknown
};
std::optional<DeviceFault> device_fault(ByteView der);
std::string_view describe(DeviceFault fault);

// Has `authority` signed it, by name, key and key usage?  Both DER; nothing is said of the time.
bool is_signed_by(ByteView certificate, ByteView authority);

// Larger ones are not parsed at all.
inline constexpr std::size_t kMaxCertificateBytes = 16 * 1024;

}  // namespace helio::crypto::x509
