#include "crypto/sigv4.h"

#include "crypto/digest.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace helio::crypto::sigv4 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
constexpr std::chrono::seconds kMaxExpires{7 * 24 * 3600};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool same_name(std::string_view a, std::string_view lower_case) {
    return a.size() == lower_case.size() && lower(a) == lower_case;
}

const Header* find_header(const Request& request, std::string_view lower_case) {
    for (const Header& header : request.headers) {
        if (same_name(header.name, lower_case)) return &header;
    }
    return nullptr;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Decoded and encoded again, so that every client's spelling of the same query signs alike.
struct Parameter {
    std::string name, value;
    friend auto operator<=>(const Parameter&, const Parameter&) = default;
};

std::string reencode(std::string_view text) {
    const auto plain = uri_decode(text);
    return uri_encode(plain ? std::string_view(*plain) : text);
}

std::vector<Parameter> parameters_of(std::string_view query) {
    std::vector<Parameter> out;
    for (const std::string_view part : split(query, '&')) {
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        const bool has_value = equals != std::string_view::npos;
        out.push_back({reencode(part.substr(0, equals)),
                       has_value ? reencode(part.substr(equals + 1)) : std::string()});
    }
    std::ranges::sort(out);
    return out;
}

std::optional<std::string> parameter(std::string_view query, std::string_view name) {
    for (const Parameter& p : parameters_of(query)) {
        if (p.name == name) return uri_decode(p.value);
    }
    return std::nullopt;
}

// AWS drops empty and "." segments and resolves ".." before it encodes.
std::string canonical_path(std::string_view path) {
    std::vector<std::string_view> kept;
    for (const std::string_view segment : split(path, '/')) {
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
    }
    std::string out = "/";
    for (const std::string_view segment : kept) {
        if (out.size() > 1) out += '/';
        out += uri_encode(segment);
    }
    if (!kept.empty() && path.ends_with('/')) out += '/';
    return out;
}

std::string canonical_query(const Request& request) {
    std::string out;
    for (const Parameter& p : parameters_of(request.query)) {
        if (p.name == "X-Amz-Signature") continue;
        if (!out.empty()) out += '&';
        out += p.name + '=' + p.value;
    }
    return out;
}

void append_collapsed(std::string& out, std::string_view value) {
    bool gap = false;
    for (const char c : trim(value)) {
        const bool blank = c == ' ' || c == '\t';
        if (!blank && gap) out += ' ';
        if (!blank) out += c;
        gap = blank;
    }
}

std::string canonical_headers(const Request& request, const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += name + ':';
        bool first = true;
        for (const Header& header : request.headers) {
            if (!same_name(header.name, name)) continue;
            if (!first) out += ',';
            append_collapsed(out, header.value);
            first = false;
        }
        out += '\n';
    }
    return out;
}

std::string join(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        if (!out.empty()) out += ';';
        out += name;
    }
    return out;
}

std::string canonical_request(const Request& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash) {
    std::string out(request.method);
    out += '\n' + canonical_path(request.path) + '\n' + canonical_query(request) + '\n';
    out += canonical_headers(request, signed_headers) + '\n' + join(signed_headers) + '\n';
    out += payload_hash;
    return out;
}

std::string scope_text(const Scope& scope) {
    return scope.date + '/' + scope.region + '/' + scope.service + "/aws4_request";
}

std::string signature_of(std::string_view canonical,
                         const Scope& scope,
                         std::string_view timestamp,
                         std::string_view secret) {
    std::string to_sign(kAlgorithm);
    to_sign += '\n';
    to_sign += timestamp;
    to_sign += '\n' + scope_text(scope) + '\n' + to_hex(sha256(bytes_of(canonical)));

    const std::string first_key = "AWS4" + std::string(secret);
    auto key = hmac_sha256(bytes_of(first_key), bytes_of(scope.date));
    key = hmac_sha256(key, bytes_of(scope.region));
    key = hmac_sha256(key, bytes_of(scope.service));
    key = hmac_sha256(key, bytes_of("aws4_request"));
    return to_hex(hmac_sha256(key, bytes_of(to_sign)));
}

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool plain = !digits.empty() && digits.front() >= '0' && digits.front() <= '9';
    if (error != std::errc{} || end != digits.data() + digits.size() || !plain) return std::nullopt;
    return value;
}

// "20260131T235959Z"
std::optional<Instant> instant_of(std::string_view t) {
    if (t.size() != 16 || t[8] != 'T' || t[15] != 'Z') return std::nullopt;
    const auto year = number(t.substr(0, 4)), month = number(t.substr(4, 2));
    const auto day = number(t.substr(6, 2)), hour = number(t.substr(9, 2));
    const auto minute = number(t.substr(11, 2)), second = number(t.substr(13, 2));
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return Instant(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
           std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

std::string timestamp_of(Instant at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z",
                       static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()),
                       time.hours().count(),
                       time.minutes().count(),
                       time.seconds().count());
}

bool read_credential(std::string_view credential, Claim& claim) {
    const auto parts = split(credential, '/');
    if (parts.size() != 5 || parts[4] != "aws4_request") return false;
    for (const std::string_view part : parts) {
        if (part.empty()) return false;
    }
    claim.access_key_id = parts[0];
    claim.scope = {std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
    return true;
}

bool read_signed_headers(std::string_view list, Claim& claim) {
    for (const std::string_view name : split(list, ';')) {
        if (name.empty()) return false;
        claim.signed_headers.push_back(lower(name));
    }
    std::ranges::sort(claim.signed_headers);
    return std::ranges::adjacent_find(claim.signed_headers) == claim.signed_headers.end();
}

bool read_time(std::string_view timestamp, Claim& claim) {
    const auto at = instant_of(timestamp);
    if (!at || timestamp.substr(0, 8) != claim.scope.date) return false;
    claim.timestamp = timestamp;
    claim.signed_at = *at;
    return true;
}

Result<Claim, SignatureError> read_header_claim(const Request& request, std::string_view value) {
    if (!value.starts_with(kAlgorithm)) return fail(SignatureError::incomplete);
    Claim claim;
    bool credential = false, headers = false;
    for (const std::string_view part : split(value.substr(kAlgorithm.size()), ',')) {
        const std::string_view item = trim(part);
        const std::size_t equals = item.find('=');
        if (equals == std::string_view::npos) return fail(SignatureError::incomplete);
        const std::string_view name = item.substr(0, equals), content = item.substr(equals + 1);
        if (name == "Credential") credential = read_credential(content, claim);
        if (name == "SignedHeaders") headers = read_signed_headers(content, claim);
        if (name == "Signature") claim.signature = content;
    }
    const Header* date = find_header(request, "x-amz-date");
    if (!credential || !headers || claim.signature.size() != 64 || date == nullptr ||
        !read_time(trim(date->value), claim)) {
        return fail(SignatureError::incomplete);
    }
    return claim;
}

Result<Claim, SignatureError> read_query_claim(const Request& request, std::string signature) {
    Claim claim;
    claim.presigned = true;
    claim.signature = std::move(signature);
    const auto algorithm = parameter(request.query, "X-Amz-Algorithm");
    const auto credential = parameter(request.query, "X-Amz-Credential");
    const auto headers = parameter(request.query, "X-Amz-SignedHeaders");
    const auto date = parameter(request.query, "X-Amz-Date");
    const auto expires = number(parameter(request.query, "X-Amz-Expires").value_or("86400"));
    if (algorithm != kAlgorithm || !credential || !read_credential(*credential, claim) ||
        !headers || !read_signed_headers(*headers, claim) || !date || !read_time(*date, claim) ||
        claim.signature.size() != 64 || !expires || std::chrono::seconds(*expires) > kMaxExpires) {
        return fail(SignatureError::incomplete);
    }
    claim.expires = std::chrono::seconds(*expires);
    return claim;
}

bool in_time(const Claim& claim, Instant now) {
    const auto valid_for = claim.presigned ? Duration(claim.expires) : Duration(kMaxClockSkew);
    return now - claim.signed_at <= valid_for && claim.signed_at - now <= kMaxClockSkew;
}

// What is outside the signature could have been changed on the way.
bool covers_what_it_must(const Request& request, const Claim& claim) {
    const auto covered = [&](const std::string& name) {
        return std::ranges::binary_search(claim.signed_headers, name);
    };
    if (!covered("host")) return false;
    return std::ranges::all_of(request.headers, [&](const Header& header) {
        const std::string name = lower(header.name);
        return !name.starts_with("x-amz-") || covered(name);
    });
}

}  // namespace

Result<Claim, SignatureError> read_claim(const Request& request) {
    if (const Header* header = find_header(request, "authorization")) {
        return read_header_claim(request, trim(header->value));
    }
    if (auto signature = parameter(request.query, "X-Amz-Signature")) {
        return read_query_claim(request, *std::move(signature));
    }
    return fail(SignatureError::missing);
}

Result<void, SignatureError> verify(const Request& request,
                                    const Claim& claim,
                                    std::string_view secret,
                                    Instant now,
                                    Payload payload) {
    if (!in_time(claim, now)) return fail(SignatureError::expired);
    if (!covers_what_it_must(request, claim)) return fail(SignatureError::header_not_signed);

    std::string payload_hash = to_hex(sha256(bytes_of(request.body)));
    if (const Header* said = find_header(request, "x-amz-content-sha256")) {
        const std::string_view hash = trim(said->value);
        if (hash == kUnsignedPayload) {
            if (payload == Payload::must_be_signed) return fail(SignatureError::payload_not_signed);
            payload_hash = hash;
        } else if (hash != payload_hash) {
            return fail(SignatureError::mismatch);
        }
    }
    const std::string expected =
        signature_of(canonical_request(request, claim.signed_headers, payload_hash),
                     claim.scope,
                     claim.timestamp,
                     secret);
    if (CRYPTO_memcmp(expected.data(), claim.signature.data(), expected.size()) != 0) {
        return fail(SignatureError::mismatch);
    }
    return {};
}

SignedHeaders sign(const Request& request,
                   const Key& key,
                   std::string_view region,
                   std::string_view service,
                   Instant now) {
    SignedHeaders out{.x_amz_date = timestamp_of(now)};
    std::vector<Header> headers(request.headers.begin(), request.headers.end());
    headers.push_back({"x-amz-date", out.x_amz_date});
    std::vector<std::string> names;
    names.reserve(headers.size());
    for (const Header& header : headers) names.push_back(lower(header.name));
    std::ranges::sort(names);
    // Not ranges::unique: clang 14, which the fuzz targets are built with, cannot read it.
    names.erase(std::unique(names.begin(), names.end()), names.end());

    Request complete = request;
    complete.headers = headers;
    const Scope scope{out.x_amz_date.substr(0, 8), std::string(region), std::string(service)};
    const std::string signature =
        signature_of(canonical_request(complete, names, to_hex(sha256(bytes_of(request.body)))),
                     scope,
                     out.x_amz_date,
                     key.secret);
    out.authorization = std::string(kAlgorithm) + " Credential=" + std::string(key.access_key_id) +
                        '/' + scope_text(scope) + ", SignedHeaders=" + join(names) +
                        ", Signature=" + signature;
    return out;
}

std::string uri_encode(std::string_view text, Slash slash) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' ||
            (c == '/' && slash == Slash::keep)) {
            out += c;
        } else {
            out += '%';
            out += kDigits[byte >> 4];
            out += kDigits[byte & 0x0f];
        }
    }
    return out;
}

std::optional<std::string> uri_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte) return std::nullopt;
        out += static_cast<char>(byte->front());
        i += 2;
    }
    return out;
}

}  // namespace helio::crypto::sigv4
