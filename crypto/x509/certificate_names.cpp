#include "crypto/x509/certificate_names.h"

#include "base/io/peer.h"
#include "crypto/x509/handles.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>

namespace helio::crypto::x509 {
namespace {

using namespace internal;

std::string utf8_of(const ASN1_STRING& value) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, &value);
    if (size < 0) return {};
    std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return out;
}

std::string bytes_as_text(const ASN1_STRING& value) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&value)),
            static_cast<std::size_t>(ASN1_STRING_length(&value))};
}

std::string identifier_of(const ASN1_OBJECT& object) {
    std::array<char, 128> text{};
    const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), &object, 1);
    return size > 0 && static_cast<std::size_t>(size) < text.size() ? std::string(text.data())
                                                                    : std::string();
}

std::vector<NameAttribute> attributes_of(const X509_NAME& name) {
    std::vector<NameAttribute> out;
    for (int i = 0; i < X509_NAME_entry_count(&name); ++i) {
        const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(&name, i);
        std::string value = utf8_of(*X509_NAME_ENTRY_get_data(entry));
        if (value.empty()) continue;
        out.push_back({identifier_of(*X509_NAME_ENTRY_get_object(entry)), std::move(value)});
    }
    return out;
}

std::string directory_text(const X509_NAME& name) {
    const BioHandle bio = writer();
    X509_NAME_print_ex(bio.get(), &name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return written(bio);
}

std::string address_text(const ASN1_OCTET_STRING& address) {
    io::Peer peer = io::Peer::loopback(0);  // in the form of IPv4
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(&address));
    if (size != 4 && size != 16) return {};
    std::copy_n(ASN1_STRING_get0_data(&address), size, peer.address.end() - size);
    return peer.address_text();
}

AlternativeNames alternatives_of(const X509& x509, int extension) {
    const NamesHandle names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&x509, extension, nullptr, nullptr)));
    AlternativeNames out;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        switch (name->type) {
            case GEN_EMAIL:
                out.rfc822_names.push_back(bytes_as_text(*name->d.rfc822Name));
                break;
            case GEN_DNS:
                out.dns_names.push_back(bytes_as_text(*name->d.dNSName));
                break;
            case GEN_DIRNAME:
                out.directory_names.push_back(directory_text(*name->d.directoryName));
                break;
            case GEN_URI:
                out.uris.push_back(bytes_as_text(*name->d.uniformResourceIdentifier));
                break;
            case GEN_IPADD:
                out.ip_addresses.push_back(address_text(*name->d.iPAddress));
                break;
            default:
                break;
        }
    }
    return out;
}

std::string serial_text(const X509& x509) {
    const ASN1_INTEGER* const serial = X509_get0_serialNumber(&x509);
    const std::string digits = to_hex(
        {ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        if (i > 0) out += ':';
        out.append(digits, i, 2);
    }
    return out;
}

}  // namespace

std::optional<CertificateNames> read_certificate_names(ByteView der) {
    const unsigned char* at = der.data();
    const X509Handle x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!x509 || at != der.data() + der.size()) return std::nullopt;
    return CertificateNames{
        .serial_number = serial_text(*x509),
        .subject = {attributes_of(*X509_get_subject_name(x509.get())),
                    alternatives_of(*x509, NID_subject_alt_name)},
        .issuer = {attributes_of(*X509_get_issuer_name(x509.get())),
                   alternatives_of(*x509, NID_issuer_alt_name)},
    };
}

}  // namespace helio::crypto::x509
