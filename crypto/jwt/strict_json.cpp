#include "crypto/jwt/strict_json.h"

#include "base/base64.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <string>
#include <unordered_set>
#include <vector>

namespace helio::crypto::jwt {
namespace {

namespace json = boost::json;

// Walks over the text once and keeps the names of the objects that are open.
class DuplicateFinder {
  public:
    using error_code = json::error_code;
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    explicit DuplicateFinder(std::size_t max_values) : left_(max_values) {}

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) {
        names_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, error_code&) {
        names_.pop_back();
        return true;
    }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t, error_code&) { return true; }
    bool on_key_part(json::string_view part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code& error) {
        key_.append(part.data(), part.size());
        const bool is_new = names_.back().insert(std::move(key_)).second;
        key_.clear();
        return is_new || refuse(error);
    }
    bool on_string_part(json::string_view, std::size_t, error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, error_code& error) { return count(error); }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, error_code& error) { return count(error); }
    bool on_uint64(std::uint64_t, json::string_view, error_code& error) { return count(error); }
    bool on_double(double, json::string_view, error_code& error) { return count(error); }
    bool on_bool(bool, error_code& error) { return count(error); }
    bool on_null(error_code& error) { return count(error); }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

  private:
    static bool refuse(error_code& error) {
        error = json::make_error_code(json::error::syntax);
        return false;
    }
    bool count(error_code& error) { return left_-- > 0 || refuse(error); }

    std::vector<std::unordered_set<std::string>> names_;
    std::string key_;
    std::size_t left_;
};

}  // namespace

std::optional<json::object> parse_strict_object(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes) return std::nullopt;
    json::parse_options options;
    options.max_depth = limits.depth;
    json::basic_parser<DuplicateFinder> finder(options, limits.values);
    json::error_code error;
    const std::size_t read = finder.write_some(false, text.data(), text.size(), error);
    if (error || read != text.size()) return std::nullopt;
    json::value value = json::parse({text.data(), text.size()}, error, {}, options);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::optional<Bytes> from_base64url(std::string_view text) {
    if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
    auto bytes = from_base64(text);
    if (!bytes) return std::nullopt;
    // The last digit may hold bits that belong to no byte: only zeros are one and the same text.
    const std::size_t whole = bytes->size() / 3 * 3;
    if (whole == bytes->size()) return bytes;
    std::string tail = to_base64(ByteView(*bytes).subspan(whole));
    tail.resize(tail.find('='));
    for (char& c : tail) c = c == '+' ? '-' : c == '/' ? '_' : c;
    if (!text.ends_with(tail)) return std::nullopt;
    return bytes;
}

}  // namespace helio::crypto::jwt
