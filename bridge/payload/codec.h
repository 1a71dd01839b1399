// Payload codecs: decodeUplink and encodeDownlink in JavaScript, as The Things Network (payload
// formatters) and ChirpStack (codec of a device profile) define them.
//
// A codec never runs in this process.  CodecClient speaks to the codec host; what fails, hangs or
// crashes there costs its own message's object and an error text, and nothing else.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace helio::bridge::payload {

// A source and its name.  Equal sources have equal ids, so that hundreds of profiles with one
// script share one context in the host.
struct Codec {
    std::uint64_t id;
    std::shared_ptr<const std::string> source;
};
Codec make_codec(std::string source);
// Of a custom authorizer: another id than of the same text as a codec.  `export` before a function
// or a constant is passed over.
Codec make_authorizer(std::string source);

using Variables = std::map<std::string, std::string>;

struct DecodeJob {
    Codec codec;
    Bytes data;
    std::uint8_t fport = 0;
    Instant received_at;
    Variables variables;
};
struct EncodeJob {
    Codec codec;
    std::string object_json;
    std::uint8_t fport = 0;
    Variables variables;
};

// Is it a codec at all?
struct CheckJob {
    Codec codec;
};

// A custom authorizer in JavaScript: `handler(event)` as a Lambda function has it.
struct AuthorizeJob {
    Codec codec;
    std::string event_json;
};

enum class CodecFailure : std::uint8_t {
    script,       // it threw, returned errors, or returned something that is no object
    out_of_time,  // over the time limit
    crashed,      // it took the host down
    suspended,    // failed too often in a row to be tried now
    overloaded,   // too many jobs are waiting
};
struct CodecError {
    CodecFailure kind;
    std::string text;  // for the device's owner
};

struct Decoded {
    std::string object_json;  // valid JSON, an object
    std::vector<std::string> warnings;
};
struct Encoded {
    Bytes data;
    std::uint8_t fport = 0;  // 0: the script did not say
    std::vector<std::string> warnings;
};

using OnDecoded = std::function<void(Result<Decoded, CodecError>)>;
using OnEncoded = std::function<void(Result<Encoded, CodecError>)>;
struct Checked {};
using OnChecked = std::function<void(Result<Checked, CodecError>)>;

// What the handler gave, as JSON.
using OnAuthorized = std::function<void(Result<std::string, CodecError>)>;

}  // namespace helio::bridge::payload
