// A forward-only reader of JSON (RFC 8259) for the packet path: it allocates nothing, recurses
// nowhere, and hands out views of the text.  A value is asked for by the type that it should have;
// where it has another it is skipped and absent, and where the text is no JSON the reader has
// failed() for good, gives nothing more, and every loop over it ends.
//
// It does not check that strings are UTF-8: who keeps a string does that (is_utf8).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace helio::gateway_bridge::semtech_udp {

struct JsonNumber {
    double value;                         // infinite where the text is beyond a double
    std::optional<std::int64_t> integer;  // where the text has neither fraction nor exponent
};

struct JsonString {
    std::string_view raw;  // between the quotes, escapes as they are written
    bool escaped;

    // The string itself: a view of `raw`, or of `scratch` where escapes had to be undone.  Absent
    // where `scratch` is too small or a surrogate has no other half.
    std::optional<std::string_view> text(std::span<char> scratch) const;
};

class JsonReader {
  public:
    // Deeper nesting than this is refused: no forwarder needs more than five.
    static constexpr std::size_t kMaxDepth = 32;

    explicit JsonReader(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

    // True where the next value is an object (array): its members (elements) follow.
    bool enter_object() { return enter('{'); }
    bool enter_array() { return enter('['); }

    // To the next member (element) of the innermost one; false at its end, which is then consumed.
    // The value must be read or skipped before the next call.  A key is not unescaped.
    bool next_member(std::string_view& key);
    bool next_element();

    std::optional<JsonNumber> number();
    std::optional<JsonString> string();
    void skip();

    bool next_is_string() { return peek() == '"'; }
    bool failed() const { return failed_; }
    // True if nothing but white space is left.
    bool at_end();

  private:
    bool enter(char open);
    bool more(char close);
    bool fail();
    void skip_space();
    char peek();
    bool skip_scalar();
    bool scan_string(JsonString& out);
    bool scan_number(JsonNumber& out);
    bool scan_word(std::string_view word);

    const char* at_;
    const char* end_;
    bool first_ = false;  // no member or element of the innermost container has been read
    bool failed_ = false;
};

bool is_utf8(std::string_view text);

// Up to eight characters as one number, so that a `switch` can tell the short names of this
// protocol apart; 0 for longer ones.
constexpr std::uint64_t name_tag(std::string_view name) {
    if (name.size() > 8) return 0;
    std::uint64_t tag = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        tag |= static_cast<std::uint64_t>(static_cast<unsigned char>(name[i])) << (8 * i);
    }
    return tag;
}

}  // namespace helio::gateway_bridge::semtech_udp
