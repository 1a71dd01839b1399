// AWS Signature Version 4: who sent this HTTP request, and is it the one that was signed?
//
// Verification has two steps, because the secret must be looked up between them: read_claim() takes
// apart what the request says of its signature, verify() recomputes it.  The client's side, sign(),
// stands on the same canonical form.  Source: "AWS Signature Version 4 for API requests"; a test
// keeps it equal to botocore.  The path is encoded twice, as for every service but S3.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio::crypto::sigv4 {

struct Header {
    std::string_view name;  // in any case
    std::string_view value;
};

// Borrows.  Path and query as they stand on the request line, percent-encoding untouched.
struct Request {
    std::string_view method;
    std::string_view path;
    std::string_view query;  // without '?'
    std::span<const Header> headers;
    std::string_view body;
};

struct Scope {
    std::string date;  // YYYYMMDD
    std::string region;
    std::string service;
    friend bool operator==(const Scope&, const Scope&) = default;
};

// What a request says of its own signature; nothing of it is true before verify().
struct Claim {
    std::string access_key_id;
    Scope scope;
    std::string timestamp;  // YYYYMMDDTHHMMSSZ
    Instant signed_at;
    std::vector<std::string> signed_headers;  // lower case, sorted
    std::string signature;                    // 64 hexadecimal digits
    bool presigned = false;                   // in the query, not in the Authorization header
    std::chrono::seconds expires{0};          // presigned only
};

enum class SignatureError : std::uint8_t {
    missing,             // neither an Authorization header nor X-Amz-Signature
    incomplete,          // a part is missing or cannot be read
    unknown_key,         // said by the caller's look-up
    expired,             // signed too long ago, or from the future
    header_not_signed,   // host or an x-amz-* header is outside the signature
    payload_not_signed,  // UNSIGNED-PAYLOAD where the body must be signed
    mismatch,            // another secret, or the request was changed
};

Result<Claim, SignatureError> read_claim(const Request& request);

enum class Payload : std::uint8_t { must_be_signed, may_be_unsigned };

// The clocks of client and server may differ by this much.
inline constexpr std::chrono::minutes kMaxClockSkew{15};

Result<void, SignatureError> verify(const Request& request,
                                    const Claim& claim,
                                    std::string_view secret,
                                    Instant now,
                                    Payload payload = Payload::must_be_signed);

struct Key {
    std::string_view access_key_id;
    std::string_view secret;
};

// The headers to add to `request`, which must hold `host` already: x-amz-date and Authorization.
// Every header of the request is signed.
struct SignedHeaders {
    std::string x_amz_date;
    std::string authorization;
};
SignedHeaders sign(const Request& request,
                   const Key& key,
                   std::string_view region,
                   std::string_view service,
                   Instant now);

// RFC 3986 §2.3: all but letters, digits and "-._~" become %XX; '/' stays where it is kept.
enum class Slash : std::uint8_t { encode, keep };
std::string uri_encode(std::string_view text, Slash slash = Slash::encode);

// Absent at a '%' that two hexadecimal digits do not follow.  '+' stays '+'.
std::optional<std::string> uri_decode(std::string_view text);

}  // namespace helio::crypto::sigv4
