// Packets as people write them in the conformance cases.
//
//   82 * 0001 { 0b 05 } "a/b" 01        a byte or several as hex digits
//                                       *       the remaining length of what follows
//                                       "text"  a string with its two-byte length; 'text' without
//                                       { ... } a property section with its length
//                                       <1000>  so many bytes of 'x'
//                                       |       the next packet begins
#pragma once

#include "base/bytes.h"
#include "bridge/mqtt/packet/wire.h"

#include <stdexcept>
#include <string>
#include <string_view>

namespace helio::bridge::mqtt::testing {

class PacketText {
  public:
    static Bytes read(std::string_view text) {
        Bytes out;
        while (true) {
            const std::size_t bar = text.find(" | ");
            PacketText(text.substr(0, bar)).sequence(out, '\0');
            if (bar == text.npos) return out;
            text.remove_prefix(bar + 3);
        }
    }

  private:
    explicit PacketText(std::string_view text) : rest_(text) {}

    std::string_view until(char end) {
        const std::size_t at = rest_.find(end);
        if (at == rest_.npos) throw std::invalid_argument("a token is not closed");
        const std::string_view out = rest_.substr(0, at);
        rest_.remove_prefix(at + 1);
        return out;
    }
    void with_length(Bytes& out, char end) {
        Bytes inner;
        sequence(inner, end);
        put_variable(out, inner.size());
        put_bytes(out, inner);
    }
    void sequence(Bytes& out, char end) {
        while (true) {
            while (rest_.starts_with(' ')) rest_.remove_prefix(1);
            if (rest_.empty()) {
                if (end == '\0') return;
                throw std::invalid_argument("a section is not closed");
            }
            const char c = rest_.front();
            if (c == end) return rest_.remove_prefix(1);
            token(c, out, end);
        }
    }
    void token(char c, Bytes& out, char end) {
        switch (c) {
            case '"':
                rest_.remove_prefix(1);
                return put_utf8(out, until('"'));
            case '\'':
                rest_.remove_prefix(1);
                return put_bytes(out, bytes_of(until('\'')));
            case '<':
                rest_.remove_prefix(1);
                return void(out.insert(out.end(), std::stoul(std::string(until('>'))), 'x'));
            case '{':
                rest_.remove_prefix(1);
                return with_length(out, '}');
            case '*':
                rest_.remove_prefix(1);
                return with_length(out, end);
            default:
                break;
        }
        const std::string_view digits = rest_.substr(0, rest_.find_first_of(" }"));
        rest_.remove_prefix(digits.size());
        const auto bytes = from_hex(digits);
        if (digits.empty() || !bytes) {
            throw std::invalid_argument("no hex digits: " + std::string(digits));
        }
        put_bytes(out, *bytes);
    }

    std::string_view rest_;
};

}  // namespace helio::bridge::mqtt::testing
