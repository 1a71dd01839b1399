#include "crypto/jwt/key.h"

#include "crypto/cmac.h"
#include "crypto/jwt/strict_json.h"
#include "crypto/x509/handles.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

namespace helio::crypto::jwt {
namespace {

namespace json = boost::json;
using internal::Handle;
using x509::internal::BioHandle;
using x509::internal::KeyHandle;
using x509::internal::reader;
using x509::internal::X509Handle;

using BigNumber = Handle<BIGNUM, BN_free>;
using ParamBuilder = Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Handle<OSSL_PARAM, OSSL_PARAM_free>;
using KeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcSignature = Handle<ECDSA_SIG, ECDSA_SIG_free>;

constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;
constexpr std::size_t kMaxKeys = 100;
constexpr std::size_t kMaxSecret = 1024;

struct AlgorithmRow {
    std::string_view name;
    KeyKind kind;
    const EVP_MD* (*digest)();
    std::size_t size;  // of an ECDSA or EdDSA signature, of an HMAC; RSA's is the modulus'
};
constexpr std::array<AlgorithmRow, 9> kAlgorithms = {{
    {"RS256", KeyKind::rsa, EVP_sha256, 0},
    {"RS384", KeyKind::rsa, EVP_sha384, 0},
    {"RS512", KeyKind::rsa, EVP_sha512, 0},
    {"ES256", KeyKind::p256, EVP_sha256, 64},
    {"ES384", KeyKind::p384, EVP_sha384, 96},
    {"EdDSA", KeyKind::ed25519, nullptr, 64},
    {"HS256", KeyKind::secret, EVP_sha256, 32},
    {"HS384", KeyKind::secret, EVP_sha384, 48},
    {"HS512", KeyKind::secret, EVP_sha512, 64},
}};
const AlgorithmRow& row_of(Algorithm algorithm) {
    return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

std::optional<std::string_view> text(const json::object& jwk, std::string_view name) {
    const json::value* const value = jwk.if_contains({name.data(), name.size()});
    if (value == nullptr || !value->is_string()) return std::nullopt;
    const json::string& found = value->get_string();
    return std::string_view(found.data(), found.size());
}

std::optional<Bytes> binary(const json::object& jwk, std::string_view name) {
    const auto found = text(jwk, name);
    return found ? from_base64url(*found) : std::nullopt;
}

std::shared_ptr<EVP_PKEY> key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (params && context && EVP_PKEY_fromdata_init(context.get()) == 1) {
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get());
    }
    return shared(key);
}

BigNumber number_of(ByteView bytes) {
    return BigNumber(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> rsa_key(ByteView modulus, ByteView exponent) {
    // A long exponent is nobody's key but makes each check slow.
    if (modulus.empty() || modulus.size() > kMaxRsaBits / 8) return {};
    if (exponent.empty() || exponent.size() > 8) return {};
    const BigNumber n = number_of(modulus), e = number_of(exponent);
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    return key_from("RSA", builder.get());
}

// OpenSSL refuses a point that is not on the curve.
std::shared_ptr<EVP_PKEY> ec_key(const char* group, std::size_t size, ByteView x, ByteView y) {
    if (x.size() != size || y.size() != size) return {};
    Bytes point{0x04};
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    OSSL_PARAM_BLD_push_octet_string(
        builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    return key_from("EC", builder.get());
}

std::optional<KeyKind> kind_of(EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA")) return KeyKind::rsa;
    if (EVP_PKEY_is_a(key, "ED25519")) return KeyKind::ed25519;
    if (!EVP_PKEY_is_a(key, "EC")) return std::nullopt;
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return std::nullopt;
    const std::string_view name(group.data(), size);
    if (name == SN_X9_62_prime256v1) return KeyKind::p256;
    if (name == SN_secp384r1) return KeyKind::p384;
    return std::nullopt;
}

// JWS has r and s side by side, OpenSSL wants them in DER.
Bytes der_of(ByteView signature) {
    const EcSignature pair(ECDSA_SIG_new());
    const std::size_t half = signature.size() / 2;
    ECDSA_SIG_set0(pair.get(),
                   number_of(signature.first(half)).release(),
                   number_of(signature.subspan(half)).release());
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    Bytes out(der, der + std::max(size, 0));
    OPENSSL_free(der);
    return out;
}

bool verify_with(EVP_PKEY* key, const EVP_MD* digest, ByteView message, ByteView signature) {
    const DigestContext context(EVP_MD_CTX_new());
    const bool ok =
        context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
        EVP_DigestVerify(
            context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
    ERR_clear_error();
    return ok;
}

}  // namespace

std::optional<Algorithm> algorithm_named(std::string_view name) {
    for (std::size_t i = 0; i < kAlgorithms.size(); ++i) {
        if (kAlgorithms[i].name == name) return static_cast<Algorithm>(i);
    }
    return std::nullopt;
}

std::string_view sentence(KeyError error) {
    switch (error) {
        case KeyError::malformed:
            return "it must hold public keys or certificates as PEM, a JWK or a JWKS";
        case KeyError::unsupported:
            return "its keys must be RSA, P-256, P-384, Ed25519 or (as a JWK) a secret, for "
                   "signatures";
        case KeyError::weak:
            return "its keys are weak: RSA needs 2048 bits or more, a secret 32 bytes or more";
        case KeyError::private_key:
            return "it holds a private key: give the public one";
    }
    return {};
}

Result<Key, KeyError> Key::from_handle(std::shared_ptr<EVP_PKEY> handle) {
    ERR_clear_error();
    if (!handle) return fail(KeyError::malformed);
    const auto kind = kind_of(handle.get());
    if (!kind) return fail(KeyError::unsupported);
    if (*kind == KeyKind::rsa) {
        const int bits = EVP_PKEY_get_bits(handle.get());
        if (bits < kMinRsaBits) return fail(KeyError::weak);
        if (bits > kMaxRsaBits) return fail(KeyError::unsupported);
    }
    Key key;
    key.kind_ = *kind;
    key.key_ = std::move(handle);
    return key;
}

Result<Key, KeyError> Key::from_jwk(const json::object& jwk) {
    const auto type = text(jwk, "kty");
    if (!type) return fail(KeyError::malformed);
    if (const auto use = text(jwk, "use"); use && *use != "sig") {
        return fail(KeyError::unsupported);
    }
    const auto curve = text(jwk, "crv").value_or("");
    Result<Key, KeyError> key = fail(KeyError::unsupported);
    if (*type == "oct") {
        auto secret = binary(jwk, "k");
        if (!secret || secret->size() > kMaxSecret) return fail(KeyError::malformed);
        if (secret->size() < 32) return fail(KeyError::weak);
        key = Key{};
        key->secret_ = *std::move(secret);
    } else if (jwk.contains("d")) {
        return fail(KeyError::private_key);
    } else if (*type == "RSA") {
        key = from_handle(
            rsa_key(binary(jwk, "n").value_or(Bytes{}), binary(jwk, "e").value_or(Bytes{})));
    } else if (*type == "EC" && (curve == "P-256" || curve == "P-384")) {
        const bool p256 = curve == "P-256";
        key = from_handle(ec_key(p256 ? SN_X9_62_prime256v1 : SN_secp384r1,
                                 p256 ? 32 : 48,
                                 binary(jwk, "x").value_or(Bytes{}),
                                 binary(jwk, "y").value_or(Bytes{})));
    } else if (*type == "OKP" && curve == "Ed25519") {
        const Bytes x = binary(jwk, "x").value_or(Bytes{});
        key = from_handle(shared(x.size() == 32 ? EVP_PKEY_new_raw_public_key(
                                                      EVP_PKEY_ED25519, nullptr, x.data(), x.size())
                                                : nullptr));
    }
    if (!key) return key;
    key->id_ = text(jwk, "kid").value_or("");
    if (const auto name = text(jwk, "alg")) {
        key->bound_to_ = algorithm_named(*name);
        if (!key->bound_to_ || row_of(*key->bound_to_).kind != key->kind_) {
            return fail(KeyError::unsupported);
        }
    }
    return key;
}

Result<Key, KeyError> Key::from_pem(std::string_view pem) {
    const std::string_view first_line = pem.substr(0, pem.find('\n'));
    if (first_line.find("PRIVATE KEY") != std::string_view::npos) {
        return fail(KeyError::private_key);
    }
    if (first_line.find("CERTIFICATE") == std::string_view::npos) {
        return from_handle(
            shared(PEM_read_bio_PUBKEY(reader(pem).get(), nullptr, nullptr, nullptr)));
    }
    const X509Handle certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
    return from_handle(shared(certificate ? X509_get_pubkey(certificate.get()) : nullptr));
}

bool Key::fits(Algorithm algorithm) const {
    if (row_of(algorithm).kind != kind_ || (bound_to_ && *bound_to_ != algorithm)) return false;
    return kind_ != KeyKind::secret || secret_.size() >= row_of(algorithm).size;
}

bool Key::verifies(Algorithm algorithm, ByteView message, ByteView signature) const {
    const AlgorithmRow& row = row_of(algorithm);
    if (!fits(algorithm)) return false;
    if (row.size != 0 && signature.size() != row.size) return false;
    if (kind_ == KeyKind::secret) {
        std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac;
        unsigned size = 0;
        HMAC(row.digest(),
             secret_.data(),
             static_cast<int>(secret_.size()),
             message.data(),
             message.size(),
             mac.data(),
             &size);
        return equal_in_constant_time(ByteView(mac.data(), size), signature);
    }
    const EVP_MD* const digest = row.digest == nullptr ? nullptr : row.digest();
    if (kind_ == KeyKind::p256 || kind_ == KeyKind::p384) {
        return verify_with(key_.get(), digest, message, der_of(signature));
    }
    return verify_with(key_.get(), digest, message, signature);
}

Result<std::vector<Key>, KeyError> parse_keys(std::string_view text) {
    constexpr std::string_view kBegin = "-----BEGIN ";
    std::vector<Key> keys;
    if (text.find(kBegin) != std::string_view::npos) {
        for (std::size_t at = text.find(kBegin);
             at != std::string_view::npos && keys.size() < kMaxKeys;
             at = text.find(kBegin, at + kBegin.size())) {
            auto key = Key::from_pem(text.substr(at));
            if (!key) return fail(key.error());
            keys.push_back(*std::move(key));
        }
        return keys;
    }
    const auto object = parse_strict_object(text, {.bytes = 256u << 10});
    if (!object) return fail(KeyError::malformed);
    const json::value* const list = object->if_contains("keys");
    if (list == nullptr) {
        auto key = Key::from_jwk(*object);
        if (!key) return fail(key.error());
        keys.push_back(*std::move(key));
        return keys;
    }
    if (!list->is_array()) return fail(KeyError::malformed);
    std::optional<KeyError> first_error;
    for (const json::value& one : list->get_array()) {
        if (keys.size() == kMaxKeys) break;
        auto key = one.is_object() ? Key::from_jwk(one.get_object())
                                   : Result<Key, KeyError>(fail(KeyError::malformed));
        if (key) keys.push_back(*std::move(key));
        if (!key && !first_error) first_error = key.error();
    }
    if (keys.empty()) return fail(first_error.value_or(KeyError::malformed));
    return keys;
}

}  // namespace helio::crypto::jwt
