#include "crypto/x509/certificate.h"

#include "base/io/peer.h"
#include "crypto/digest.h"
#include "crypto/x509/handles.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>

namespace helio::crypto::x509 {
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
    return out;
}

}  // namespace

std::string Certificate::fingerprint() const { return x509::fingerprint(der); }

std::optional<Certificate> parse_pem(std::string_view pem) {
    return read(X509Handle(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr)));
}

std::optional<Certificate> parse_der(ByteView der) {
    const unsigned char* at = der.data();
    X509Handle x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (at != der.data() + der.size()) x509.reset();  // bytes behind it are none of its
    return read(x509);
}

std::string fingerprint(ByteView der) { return to_hex(sha256(der)); }

}  // namespace helio::crypto::x509
