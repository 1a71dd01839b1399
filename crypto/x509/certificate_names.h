// The names in a certificate, part by part: what policy variables speak of.
//
// Values are UTF-8 and in the order of the certificate; those that are no text are left out.
#pragma once

#include "base/bytes.h"

#include <optional>
#include <string>
#include <vector>

namespace helio::crypto::x509 {

struct NameAttribute {
    std::string type;  // the object identifier: "2.5.4.3" is the common name
    std::string value;
};

struct AlternativeNames {
    std::vector<std::string> rfc822_names;
    std::vector<std::string> dns_names;
    std::vector<std::string> directory_names;  // RFC 2253
    std::vector<std::string> uris;
    std::vector<std::string> ip_addresses;
};

struct PartyNames {
    std::vector<NameAttribute> attributes;
    AlternativeNames alternatives;
};

struct CertificateNames {
    std::string serial_number;  // "92:12:85:cb:b7:a5:e0:86"
    PartyNames subject;
    PartyNames issuer;
};

// Absent where `der` is not one certificate.
std::optional<CertificateNames> read_certificate_names(ByteView der);

}  // namespace helio::crypto::x509
