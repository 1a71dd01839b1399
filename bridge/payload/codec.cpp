#include "bridge/payload/codec.h"

#include "crypto/digest.h"

namespace helio::bridge::payload {

Codec make_codec(std::string source) {
    const auto digest = crypto::sha256(bytes_of(source));
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < 8; ++i) id = id << 8 | digest[i];
    return {id, std::make_shared<const std::string>(std::move(source))};
}

}  // namespace helio::bridge::payload
