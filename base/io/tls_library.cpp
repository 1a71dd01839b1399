#include "base/io/tls_library.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace helio::io {
namespace {

constexpr const char* kName = "heliograph-tls";

// Keys that no certificate and no key exchange of ours has.
constexpr std::string_view kUnused[] = {
    "DH", "DHX", "DSA", "SM2", "TLS1-PRF", "HKDF", "SCRYPT", "SIPHASH", "POLY1305", "CMAC"};

OSSL_PROVIDER* default_provider() {
    static OSSL_PROVIDER* const provider = OSSL_PROVIDER_load(nullptr, "default");
    return provider;
}

bool is_useful(int operation, const OSSL_ALGORITHM& algorithm) {
    const std::string_view names = algorithm.algorithm_names;  // "EC:id-ecPublicKey:1.2.840..."
    const std::string_view properties = algorithm.property_definition;
    return std::ranges::find(kUnused, names.substr(0, names.find(':'))) == std::end(kUnused) &&
           (operation != OSSL_OP_DECODER ||
            properties.find("structure=SubjectPublicKeyInfo") != std::string_view::npos);
}

std::vector<OSSL_ALGORITHM> useful(int operation) {
    std::vector<OSSL_ALGORITHM> out;
    int no_store = 0;
    const OSSL_ALGORITHM* all =
        OSSL_PROVIDER_query_operation(default_provider(), operation, &no_store);
    for (; all != nullptr && all->algorithm_names != nullptr; ++all) {
        if (is_useful(operation, *all)) out.push_back(*all);
    }
    out.push_back({});
    return out;
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_store) {
    static const std::vector<OSSL_ALGORITHM> decoders = useful(OSSL_OP_DECODER);
    static const std::vector<OSSL_ALGORITHM> keys = useful(OSSL_OP_KEYMGMT);
    *no_store = 0;
    if (operation == OSSL_OP_DECODER) return decoders.data();
    if (operation == OSSL_OP_KEYMGMT) return keys.data();
    return OSSL_PROVIDER_query_operation(default_provider(), operation, no_store);
}

int capabilities(void*, const char* name, OSSL_CALLBACK* each, void* arg) {
    return OSSL_PROVIDER_get_capabilities(default_provider(), name, each, arg);
}

int start(const OSSL_CORE_HANDLE*,
          const OSSL_DISPATCH*,
          const OSSL_DISPATCH** out,
          void** context) {
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<void (*)()>(query)},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, reinterpret_cast<void (*)()>(capabilities)},
        {0, nullptr}};
    if (default_provider() == nullptr) return 0;
    *out = functions;
    *context = OSSL_PROVIDER_get0_provider_ctx(default_provider());
    return 1;
}

}  // namespace

ossl_lib_ctx_st* tls_library() {
    static OSSL_LIB_CTX* const library = []() -> OSSL_LIB_CTX* {
        OSSL_LIB_CTX* const made = OSSL_LIB_CTX_new();
        if (made != nullptr && OSSL_PROVIDER_add_builtin(made, kName, start) == 1 &&
            OSSL_PROVIDER_load(made, kName) != nullptr) {
            return made;
        }
        OSSL_LIB_CTX_free(made);
        return nullptr;
    }();
    return library;
}

}  // namespace helio::io
