#include "bridge/policy/conditions.h"

#include "base/base64.h"
#include "base/io/peer.h"
#include "base/time.h"
#include "bridge/policy/names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <span>

namespace helio::bridge::policy {
namespace {

// --- what kinds of values can be compared: `fits(value, operand)` --------------------------------

using Parts = std::span<const Pattern>;

// Wildcards match or are text: that is in the pattern.
bool same_text(std::string_view value, Parts operand) { return operand.front().matches(value); }

bool same_text_in_any_case(std::string_view value, Parts operand) {
    return equal_in_any_case(value, operand.front().literal_text());
}

// Each of the six parts by itself, so that no * reaches over a colon; the last one has all the
// rest.
bool same_arn(std::string_view value, Parts operand) {
    if (operand.size() == 1) return operand.front().matches(value);
    for (std::size_t i = 0; i + 1 < operand.size(); ++i) {
        const std::size_t colon = value.find(':');
        if (colon == std::string_view::npos || !operand[i].matches(value.substr(0, colon))) {
            return false;
        }
        value.remove_prefix(colon + 1);
    }
    return operand.back().matches(value);
}

std::optional<double> number_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(out)) {
        return std::nullopt;
    }
    return out;
}

// ISO 8601 as the W3C profiles it (from the year alone on), or seconds since 1970.
std::optional<double> date_of(std::string_view text) {
    constexpr std::size_t kYear = 4, kMonth = 7, kDay = 10, kMinute = 16;
    if (const auto seconds = number_of(text); seconds && text.size() != kYear) return seconds;
    std::string whole(text);
    if (whole.size() == kYear) whole += "-01";
    if (whole.size() == kMonth) whole += "-01";
    if (whole.size() == kDay) whole += "T00:00:00Z";
    if (whole.size() > kMinute &&
        (whole[kMinute] == 'Z' || whole[kMinute] == '+' || whole[kMinute] == '-')) {
        whole.insert(kMinute, ":00");
    }
    const auto at = from_rfc3339(whole);
    if (!at) return std::nullopt;
    return static_cast<double>(to_unix_us(*at)) / 1e6;
}

std::optional<bool> bool_of(std::string_view text) {
    if (equal_in_any_case(text, "true")) return true;
    if (equal_in_any_case(text, "false")) return false;
    return std::nullopt;
}

struct AddressRange {
    std::array<std::uint8_t, 16> address;  // IPv4 in its IPv6 form
    unsigned bits;
    bool v4;
};

// "203.0.113.0/24", "2001:db8::/32", or one address.
std::optional<AddressRange> range_of(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    const bool in_colons = address.find(':') != std::string::npos;
    if (address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) {
        return std::nullopt;  // a name, or a port
    }
    const auto peer = io::Peer::from_text(in_colons ? "[" + address + "]:0" : address + ":0");
    if (!peer) return std::nullopt;
    const unsigned whole = in_colons ? 128 : 32;
    unsigned bits = whole;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        if (error != std::errc() || end != digits.data() + digits.size() || bits > whole) {
            return std::nullopt;
        }
    }
    bits += 128 - whole;
    return AddressRange{peer->address, bits, bits >= 96 && peer->is_ipv4()};
}

bool is_within(const AddressRange& address, const AddressRange& range) {
    if (address.v4 != range.v4) return false;
    const auto bytes = static_cast<std::ptrdiff_t>(range.bits / 8);
    const auto* const begin = range.address.data();
    if (!std::equal(begin, begin + bytes, address.address.data())) return false;
    const unsigned rest = range.bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    return ((begin[bytes] ^ address.address.data()[bytes]) & mask) == 0;
}

bool same_address(std::string_view value, Parts operand) {
    const auto address = range_of(value);
    const auto range = range_of(operand.front().literal_text());
    return address && range && is_within(*address, *range);
}

bool same_bool(std::string_view value, Parts operand) {
    const auto left = bool_of(value);
    return left && left == bool_of(operand.front().literal_text());
}

bool same_bytes(std::string_view value, Parts operand) {
    const auto left = from_base64(value);
    return left && left == from_base64(operand.front().literal_text());
}

using Reader = std::optional<double> (*)(std::string_view);

template <Reader read, class Compare>
bool compares(std::string_view value, Parts operand) {
    const auto left = read(value);
    const auto right = read(operand.front().literal_text());
    return left && right && Compare()(*left, *right);
}

bool any_text(std::string_view) { return true; }
bool is_number(std::string_view text) { return number_of(text).has_value(); }
bool is_date(std::string_view text) { return date_of(text).has_value(); }
bool is_bool(std::string_view text) { return bool_of(text).has_value(); }
bool is_base64(std::string_view text) { return from_base64(text).has_value(); }
bool is_range(std::string_view text) { return range_of(text).has_value(); }

enum class Operands : std::uint8_t {
    text,      // variables are filled in
    pattern,   // and wildcards match
    arn,       // and each part by itself
    constant,  // neither
};

}  // namespace

struct OperatorRow {
    std::string_view name;
    Operands operands;
    bool (*fits)(std::string_view value, Parts operand);
    bool (*is_valid)(std::string_view operand);
    std::string_view wanted;  // for the sentence about an operand that is not valid
    bool negated = false;
};

namespace {

constexpr std::string_view kNull = "Null";
constexpr std::size_t kArnParts = 6;

constexpr auto kText = Operands::text;
constexpr auto kConstant = Operands::constant;

constexpr OperatorRow kOperators[] = {
    {"StringEquals", kText, same_text, any_text, ""},
    {"StringNotEquals", kText, same_text, any_text, "", true},
    {"StringEqualsIgnoreCase", kText, same_text_in_any_case, any_text, ""},
    {"StringNotEqualsIgnoreCase", kText, same_text_in_any_case, any_text, "", true},
    {"StringLike", Operands::pattern, same_text, any_text, ""},
    {"StringNotLike", Operands::pattern, same_text, any_text, "", true},
    {"NumericEquals", kConstant, compares<number_of, std::equal_to<>>, is_number, "a number"},
    {"NumericNotEquals",
     kConstant,
     compares<number_of, std::equal_to<>>,
     is_number,
     "a number",
     true},
    {"NumericLessThan", kConstant, compares<number_of, std::less<>>, is_number, "a number"},
    {"NumericLessThanEquals",
     kConstant,
     compares<number_of, std::less_equal<>>,
     is_number,
     "a number"},
    {"NumericGreaterThan", kConstant, compares<number_of, std::greater<>>, is_number, "a number"},
    {"NumericGreaterThanEquals",
     kConstant,
     compares<number_of, std::greater_equal<>>,
     is_number,
     "a number"},
    {"DateEquals", kConstant, compares<date_of, std::equal_to<>>, is_date, "a date"},
    {"DateNotEquals", kConstant, compares<date_of, std::equal_to<>>, is_date, "a date", true},
    {"DateLessThan", kConstant, compares<date_of, std::less<>>, is_date, "a date"},
    {"DateLessThanEquals", kConstant, compares<date_of, std::less_equal<>>, is_date, "a date"},
    {"DateGreaterThan", kConstant, compares<date_of, std::greater<>>, is_date, "a date"},
    {"DateGreaterThanEquals",
     kConstant,
     compares<date_of, std::greater_equal<>>,
     is_date,
     "a date"},
    {"Bool", kConstant, same_bool, is_bool, "true or false"},
    {"BinaryEquals", kConstant, same_bytes, is_base64, "base64"},
    {"IpAddress", kConstant, same_address, is_range, "an address or a range (192.0.2.0/24)"},
    {"NotIpAddress",
     kConstant,
     same_address,
     is_range,
     "an address or a range (192.0.2.0/24)",
     true},
    {"ArnEquals", Operands::arn, same_arn, any_text, ""},
    {"ArnNotEquals", Operands::arn, same_arn, any_text, "", true},
    {"ArnLike", Operands::arn, same_arn, any_text, ""},
    {"ArnNotLike", Operands::arn, same_arn, any_text, "", true},
    {kNull, kConstant, same_bool, is_bool, "true or false"},
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

// "arn:aws:iot:${a:b}:*:x:y" -> its six parts; colons of variables divide nothing.
std::vector<std::string_view> arn_parts(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    bool in_variable = false;
    for (std::size_t i = 0; i < text.size() && out.size() + 1 < kArnParts; ++i) {
        if (text.substr(i).starts_with("${")) in_variable = true;
        if (text[i] == '}') in_variable = false;
        if (text[i] != ':' || in_variable) continue;
        out.push_back(text.substr(begin, i - begin));
        begin = i + 1;
    }
    out.push_back(text.substr(begin));
    if (out.size() < kArnParts) out = {text};
    return out;
}

}  // namespace

Result<Condition::Operand, std::string> Condition::parse_operand(const std::string& text,
                                                                 Variables variables) const {
    if (!row_->is_valid(text)) {
        return fail("\"" + text + "\" is not " + std::string(row_->wanted));
    }
    const bool constant = row_->operands == Operands::constant;
    const bool matches = row_->operands == Operands::pattern || row_->operands == Operands::arn;
    Operand out{.text = text, .parts = {}};
    const auto parts =
        row_->operands == Operands::arn ? arn_parts(text) : std::vector<std::string_view>{text};
    for (const std::string_view part : parts) {
        auto parsed = Template::parse(part,
                                      matches ? Wildcards::match : Wildcards::are_text,
                                      constant ? Variables::are_text : variables);
        if (!parsed) return fail(std::move(parsed.error()));
        out.parts.push_back(std::move(*parsed));
    }
    return out;
}

Result<Condition, std::string> Condition::parse(std::string_view name,
                                                std::string_view key,
                                                const std::vector<std::string>& operands,
                                                Variables variables) {
    Condition out;
    out.name_ = name;
    std::string_view plain = name;
    if (take_prefix(plain, "ForAllValues:")) out.quantifier_ = Quantifier::for_all_values;
    if (take_prefix(plain, "ForAnyValue:")) out.quantifier_ = Quantifier::for_any_value;
    out.if_exists_ = take_suffix(plain, "IfExists");
    for (const OperatorRow& row : kOperators) {
        if (row.name == plain) out.row_ = &row;
    }
    const bool decorated = out.if_exists_ || out.quantifier_ != Quantifier::none;
    if (out.row_ == nullptr || (plain == kNull && decorated)) {
        return fail("\"" + std::string(name) + "\" is no condition operator");
    }
    if (key.empty()) return fail(std::string(name) + " has a key without a name");
    if (operands.empty()) return fail(std::string(name) + " has no value to compare with");
    out.key_ = Variable::parse(key);
    for (const std::string& text : operands) {
        auto operand = out.parse_operand(text, variables);
        if (!operand) return fail(std::string(name) + ": " + operand.error());
        out.operands_.push_back(std::move(*operand));
    }
    return out;
}

bool Condition::any_fits(std::string_view value, const Context& context) const {
    std::vector<Pattern> parts;
    for (const Operand& operand : operands_) {
        parts.clear();
        for (const Template& part : operand.parts) {
            // A variable without a value equals nothing and is like nothing.
            auto pattern = part.fill_in(context);
            if (!pattern) break;
            parts.push_back(std::move(*pattern));
        }
        if (parts.size() == operand.parts.size() && row_->fits(value, parts)) return true;
    }
    return false;
}

bool Condition::holds_for(const Value& value, const Context& context) const {
    const auto holds = [&](const std::string& item) {
        return any_fits(item, context) != row_->negated;
    };
    // Without a quantifier a set is taken so that "Not" keeps its meaning: none of them.
    const bool all = quantifier_ == Quantifier::for_all_values ||
                     (quantifier_ == Quantifier::none && row_->negated);
    return all ? std::all_of(value.items.begin(), value.items.end(), holds)
               : std::any_of(value.items.begin(), value.items.end(), holds);
}

bool Condition::holds(const Context& context) const {
    const auto value = key_.value(context);
    if (row_->name == kNull) return any_fits(value ? "false" : "true", context);
    if (value) return holds_for(*value, context);
    if (if_exists_ || quantifier_ == Quantifier::for_all_values) return true;
    return row_->negated && quantifier_ == Quantifier::none;
}

bool Condition::needs_value() const {
    return row_->name != kNull && !if_exists_ && quantifier_ != Quantifier::for_all_values &&
           !(row_->negated && quantifier_ == Quantifier::none);
}

bool Condition::changes() const {
    const auto changing = [](const Operand& operand) {
        return std::any_of(operand.parts.begin(), operand.parts.end(), [](const Template& part) {
            return part.changes();
        });
    };
    return key_.changes() || std::any_of(operands_.begin(), operands_.end(), changing);
}

std::vector<std::string> operator_names() {
    std::vector<std::string> out;
    for (const OperatorRow& row : kOperators) out.emplace_back(row.name);
    return out;
}

}  // namespace helio::bridge::policy
