#include "bridge/rules/sql/regex.h"

#include <re2/re2.h>
#include <vector>

namespace helio::bridge::rules::sql {
namespace {

constexpr std::int64_t kMaxMemory = 1 << 20;

RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaxMemory);
    return options;
}

// Java's replacement: $n is a group, \x is x.  `groups[n]` is what group n matched.
bool append_replacement(std::string& out,
                        std::string_view replacement,
                        const std::vector<re2::StringPiece>& groups) {
    for (std::size_t i = 0; i < replacement.size(); ++i) {
        const char c = replacement[i];
        if (c == '\\' && i + 1 < replacement.size()) {
            out += replacement[++i];
        } else if (c == '$') {
            const char digit = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
            const auto group = static_cast<std::size_t>(digit - '0');
            if (digit < '0' || digit > '9' || group >= groups.size()) return false;
            if (groups[group].data()) out.append(groups[group].data(), groups[group].size());
            ++i;
        } else {
            out += c;
        }
    }
    return true;
}

}  // namespace

struct Regex::State {
    RE2 re;
};

Regex::Regex(std::unique_ptr<State> state) : state_(std::move(state)) {}
Regex::~Regex() = default;

std::shared_ptr<const Regex> Regex::compile(std::string_view pattern) {
    auto state = std::unique_ptr<State>(
        new State{RE2(re2::StringPiece(pattern.data(), pattern.size()), options())});
    if (!state->re.ok()) return nullptr;
    return std::shared_ptr<const Regex>(new Regex(std::move(state)));
}

bool Regex::matches(std::string_view text) const {
    const re2::StringPiece piece(text.data(), text.size());
    return state_->re.Match(piece, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

std::optional<std::string_view> Regex::find(std::string_view text) const {
    re2::StringPiece match;
    const re2::StringPiece piece(text.data(), text.size());
    if (!state_->re.Match(piece, 0, text.size(), RE2::UNANCHORED, &match, 1)) return std::nullopt;
    return std::string_view(match.data(), match.size());
}

std::optional<std::string> Regex::replace(std::string_view text,
                                          std::string_view replacement,
                                          std::size_t max_size) const {
    const re2::StringPiece piece(text.data(), text.size());
    std::vector<re2::StringPiece> groups(
        static_cast<std::size_t>(state_->re.NumberOfCapturingGroups()) + 1);
    std::string out;
    std::size_t at = 0;
    while (at <= text.size() && state_->re.Match(piece,
                                                 at,
                                                 text.size(),
                                                 RE2::UNANCHORED,
                                                 groups.data(),
                                                 static_cast<int>(groups.size()))) {
        const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
        out.append(text, at, begin - at);
        if (!append_replacement(out, replacement, groups)) return std::nullopt;
        at = begin + groups[0].size();
        if (groups[0].empty()) {  // step over one character, so that it ends
            std::size_t next = at + 1;
            while (next < text.size() && (text[next] & 0xc0) == 0x80) ++next;
            if (at < text.size()) out.append(text, at, next - at);
            at = next;
        }
        if (out.size() > max_size) return std::nullopt;
    }
    if (at < text.size()) out.append(text, at);
    if (out.size() > max_size) return std::nullopt;
    return out;
}

}  // namespace helio::bridge::rules::sql
