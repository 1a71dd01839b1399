#include "bridge/payload/codec.h"

#include "crypto/digest.h"

namespace helio::bridge::payload {

namespace {

std::uint64_t id_of(std::string_view text) {
    const auto digest = crypto::sha256(bytes_of(text));
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < 8; ++i) id = id << 8 | digest[i];
    return id;
}

}  // namespace

Codec make_codec(std::string source) {
    const std::uint64_t id = id_of(source);
    return {id, std::make_shared<const std::string>(std::move(source))};
}

Codec make_authorizer(std::string source) {
    // As a module of Node has it; a script has no use for the word.
    for (const std::string_view word : {"async ", "function ", "const ", "let ", "var "}) {
        const std::string exported = "\nexport " + std::string(word);
        source.insert(0, 1, '\n');
        for (auto at = source.find(exported); at != std::string::npos;
             at = source.find(exported, at)) {
            source.replace(at + 1, 6, 6, ' ');
        }
        source.erase(0, 1);
    }
    const std::uint64_t id = id_of("authorizer\n" + source);
    return {id, std::make_shared<const std::string>(std::move(source))};
}

}  // namespace helio::bridge::payload
