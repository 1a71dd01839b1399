#include "crypto/x509/certificate.h"

#include "base/io/peer.h"
#include "crypto/digest.h"
#include "crypto/x509/handles.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>

namespace helio::crypto::x509 {

bool internal::is_plain_name(const X509_NAME* name) {
    constexpr int kMaxParts = 32;
    constexpr std::size_t kMaxPart = 256;
    const int parts = X509_NAME_entry_count(name);
    bool plain = parts <= kMaxParts;
    for (int i = 0; plain && i < parts; ++i) {
        unsigned char* text = nullptr;
        const int size =
            ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
        const ByteView part(text, size < 0 ? 0 : static_cast<std::size_t>(size));
        plain = size >= 0 && part.size() <= kMaxPart &&
                std::ranges::none_of(part, [](auto c) { return c < 0x20 || c == 0x7f; });
        OPENSSL_free(text);
    }
    ERR_clear_error();
    return plain;
}

namespace {

using namespace internal;

std::string text_of_name(const X509_NAME* name) {
    const BioHandle bio = writer();
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return written(bio);
}

std::string common_name_of(const X509_NAME* name) {
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0) return {};
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) return {};
    std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return out;
}

Instant instant_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return Instant(std::chrono::seconds(timegm(&parts)));
}

std::string text_of_address(const ASN1_OCTET_STRING& address) {
    io::Peer peer = io::Peer::loopback(0);  // in the form of IPv4
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(&address));
    if (size != 4 && size != 16) return {};
    std::copy_n(ASN1_STRING_get0_data(&address), size, peer.address.end() - size);
    return peer.address_text();
}

std::vector<std::string> names_of(const X509* x509) {
    const NamesHandle names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> out;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) {
            const auto* const data = ASN1_STRING_get0_data(name->d.dNSName);
            const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
            out.emplace_back(reinterpret_cast<const char*>(data), size);
        } else if (name->type == GEN_IPADD) {
            out.push_back(text_of_address(*name->d.iPAddress));
        }
    }
    return out;
}

Sha256 digest_of(const X509_NAME* name) {
    const unsigned char* der = nullptr;
    std::size_t size = 0;
    if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
    return sha256({der, size});
}

X509Handle read_der(ByteView der) {
    if (der.size() > kMaxCertificateBytes) return nullptr;
    const unsigned char* at = der.data();
    X509Handle x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (at != der.data() + der.size()) x509.reset();  // bytes behind it are none of its
    ERR_clear_error();
    return x509;
}

std::optional<Certificate> read(const X509Handle& x509) {
    ERR_clear_error();
    if (!x509) return std::nullopt;
    Certificate out;
    out.der.resize(static_cast<std::size_t>(i2d_X509(x509.get(), nullptr)));
    unsigned char* at = out.der.data();
    i2d_X509(x509.get(), &at);
    out.subject = text_of_name(X509_get_subject_name(x509.get()));
    out.issuer = text_of_name(X509_get_issuer_name(x509.get()));
    out.common_name = common_name_of(X509_get_subject_name(x509.get()));
    out.names = names_of(x509.get());
    out.not_before = instant_of(X509_get0_notBefore(x509.get()));
    out.not_after = instant_of(X509_get0_notAfter(x509.get()));
    out.is_authority = X509_check_ca(x509.get()) == 1;
    out.subject_digest = digest_of(X509_get_subject_name(x509.get()));
    out.issuer_digest = digest_of(X509_get_issuer_name(x509.get()));
    return out;
}

}  // namespace

std::string Certificate::fingerprint() const { return x509::fingerprint(der); }

std::optional<Certificate> parse_pem(std::string_view pem) {
    if (pem.size() > 2 * kMaxCertificateBytes) return std::nullopt;
    return read(X509Handle(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr)));
}

std::optional<Certificate> parse_der(ByteView der) { return read(read_der(der)); }

std::string fingerprint(ByteView der) { return to_hex(sha256(der)); }

std::string to_pem(ByteView certificate_der) {
    const X509Handle x509 = read_der(certificate_der);
    if (!x509) return {};
    const BioHandle bio = writer();
    PEM_write_bio_X509(bio.get(), x509.get());
    return written(bio);
}

std::optional<DeviceFault> device_fault(ByteView der) {
    using enum DeviceFault;
    const X509Handle x509 = read_der(der);
    if (!x509) return bad_extension;
    const std::uint32_t flags = X509_get_extension_flags(x509.get());
    const std::uint32_t usage = X509_get_key_usage(x509.get());
    const std::uint32_t extended = X509_get_extended_key_usage(x509.get());
    const EVP_PKEY* const key = X509_get0_pubkey(x509.get());
    int signature_bits = 0;
    X509_get_signature_info(x509.get(), nullptr, nullptr, &signature_bits, nullptr);
    ERR_clear_error();
    if ((flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) != 0) return bad_extension;
    if (X509_check_ca(x509.get()) == 1) return authority;
    if ((usage & KU_DIGITAL_SIGNATURE) == 0) return key_usage;
    if ((extended & (XKU_SSL_CLIENT | XKU_ANYEKU)) == 0) return extended_key_usage;
    if (key == nullptr || EVP_PKEY_get_security_bits(key) < kMinSecurityBits) return weak_key;
    if (signature_bits < kMinSecurityBits) return weak_signature;
    if (!is_plain_name(X509_get_subject_name(x509.get()))) return bad_name;
    return std::nullopt;
}

std::string_view describe(DeviceFault fault) {
    switch (fault) {
        case DeviceFault::authority:
            return "It is the certificate of an authority, not of a device.";
        case DeviceFault::key_usage:
            return "Its key usage has no digitalSignature.";
        case DeviceFault::extended_key_usage:
            return "Its extended key usage has no clientAuth.";
        case DeviceFault::weak_key:
            return "Its key is too weak: RSA of 2048 bits or an elliptic curve of 256 are needed.";
        case DeviceFault::weak_signature:
            return "It is signed with a broken hash: SHA-256 or better is needed.";
        case DeviceFault::bad_name:
            return "Its subject has a control character, or is too long.";
        case DeviceFault::bad_extension:
            break;
    }
    return "It has an extension that cannot be read.";
}

bool is_signed_by(ByteView certificate, ByteView authority) {
    const X509Handle x509 = read_der(certificate);
    const X509Handle issuer = read_der(authority);
    const bool fits = x509 && issuer && X509_check_issued(issuer.get(), x509.get()) == X509_V_OK &&
                      X509_verify(x509.get(), X509_get0_pubkey(issuer.get())) == 1;
    ERR_clear_error();
    return fits;
}

}  // namespace helio::crypto::x509
