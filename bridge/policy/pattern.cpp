#include "bridge/policy/pattern.h"

#include <algorithm>
#include <cstring>

namespace helio::bridge::policy {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Takes one code point; false where there is none.
bool skip_first(std::string_view& text) {
    if (text.empty()) return false;
    text.remove_prefix(1);
    while (!text.empty() && continues(text.front())) text.remove_prefix(1);
    return true;
}

// By an algorithm that is linear whatever the texts are.
std::size_t position_of(std::string_view needle, std::string_view text) {
    const void* at = memmem(text.data(), text.size(), needle.data(), needle.size());
    if (at == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

bool skip_last(std::string_view& text) {
    if (text.empty()) return false;
    while (text.size() > 1 && continues(text.back())) text.remove_suffix(1);
    text.remove_suffix(1);
    return true;
}

}  // namespace

Pattern Pattern::literal(std::string text) {
    Pattern pattern;
    pattern.literals_.front().text = std::move(text);
    return pattern;
}

Pattern Pattern::with_wildcards(std::string_view text) {
    Pattern pattern;
    while (!text.empty()) {
        const std::size_t plain = std::min(text.find_first_of("*?"), text.size());
        pattern.add_literal(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        text.front() == '*' ? pattern.add_any_run() : pattern.add_any_character();
        text.remove_prefix(1);
    }
    return pattern;
}

void Pattern::add_any_run() {
    // "**" is "*".
    if (literals_.back().before == Before::any_run && literals_.back().text.empty()) return;
    literals_.push_back({{}, Before::any_run});
}

void Pattern::add_any_character() { literals_.push_back({{}, Before::any_character}); }

Pattern::Iterator Pattern::end_of_segment(Iterator begin) const {
    return std::find_if(
        begin + 1, literals_.end(), [](const Literal& l) { return l.before == Before::any_run; });
}

bool Pattern::starts_with(Iterator begin, Iterator end, std::string_view& text) {
    std::string_view rest = text;
    for (Iterator at = begin; at != end; ++at) {
        if (at != begin && !skip_first(rest)) return false;
        if (!rest.starts_with(at->text)) return false;
        rest.remove_prefix(at->text.size());
    }
    text = rest;
    return true;
}

bool Pattern::ends_with(Iterator begin, Iterator end, std::string_view& text) {
    for (Iterator at = end; at != begin; --at) {
        if (at != end && !skip_last(text)) return false;
        const std::string& literal = (at - 1)->text;
        if (!text.ends_with(literal)) return false;
        text.remove_suffix(literal.size());
    }
    return true;
}

bool Pattern::find(Iterator begin, Iterator end, std::string_view& text) {
    while (true) {
        const std::size_t at = position_of(begin->text, text);
        if (at == std::string_view::npos) return false;
        text.remove_prefix(at);
        if (starts_with(begin, end, text)) return true;
        if (!skip_first(text)) return false;
    }
}

bool Pattern::matches(std::string_view text) const {
    Iterator begin = literals_.begin();
    Iterator end = end_of_segment(begin);
    if (!starts_with(begin, end, text)) return false;
    while (end != literals_.end()) {
        begin = end;
        end = end_of_segment(begin);
        if (end == literals_.end()) return ends_with(begin, end, text);
        if (!find(begin, end, text)) return false;
    }
    return text.empty();
}

std::string Pattern::text() const {
    std::string out;
    for (const Literal& literal : literals_) {
        if (literal.before == Before::any_run) out += '*';
        if (literal.before == Before::any_character) out += '?';
        for (const char c : literal.text) {
            if (c == '*' || c == '?') {
                out.append("${").append(1, c).append("}");
            } else {
                out += c;
            }
        }
    }
    return out;
}

}  // namespace helio::bridge::policy
