// Reads X.509 certificates: what they say and the fingerprint that names them.
#pragma once

#include "base/bytes.h"
#include "base/time.h"

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

    // SHA-256 of the DER in lower-case hexadecimal: AWS IoT's certificateId.
    std::string fingerprint() const;
};

// The first certificate of a PEM text; absent where there is none.
std::optional<Certificate> parse_pem(std::string_view pem);
std::optional<Certificate> parse_der(ByteView der);

std::string fingerprint(ByteView der);

}  // namespace helio::crypto::x509
