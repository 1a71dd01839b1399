#include "bridge/api/credentials.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace helio::bridge::api {
namespace {

constexpr std::string_view kIdPrefix = "HELIO";
constexpr std::size_t kIdSize = 20;
constexpr std::size_t kSecretSize = 40;
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kSecretAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// Bytes at or above the largest multiple of the alphabet are drawn again, so that each letter is
// equally likely.
std::string draw(const crypto::Random& random, std::string_view alphabet, std::size_t size) {
    const std::size_t fair = 256 - 256 % alphabet.size();
    std::string out;
    while (out.size() < size) {
        std::uint8_t byte = 0;
        random({&byte, 1});
        if (byte < fair) out += alphabet[byte % alphabet.size()];
    }
    return out;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

[[noreturn]] void cannot_write(const std::filesystem::path& file) {
    throw std::runtime_error(fmt::format(
        "The credentials file {} cannot be written ({}): check the data folder's permissions.",
        file.string(),
        std::strerror(errno)));
}

class OwnedFile {
  public:
    explicit OwnedFile(int fd) : fd_(fd) {}
    ~OwnedFile() {
        if (fd_ >= 0) ::close(fd_);
    }
    OwnedFile(const OwnedFile&) = delete;
    OwnedFile& operator=(const OwnedFile&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

}  // namespace

AccessKey make_access_key(const crypto::Random& random) {
    return {std::string(kIdPrefix) + draw(random, kIdAlphabet, kIdSize - kIdPrefix.size()),
            draw(random, kSecretAlphabet, kSecretSize)};
}

std::string credentials_text(const AccessKey& key) {
    return fmt::format(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", key.id, key.secret);
}

std::vector<NamedKey> parse_credentials(std::string_view text) {
    std::vector<NamedKey> found;
    NamedKey current;
    const auto take = [&] {
        if (!current.key.id.empty() && !current.key.secret.empty()) found.push_back(current);
        current = {};
    };
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trim(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (line.size() > 2 && line.front() == '[' && line.back() == ']') {
            take();
            current.profile = trim(line.substr(1, line.size() - 2));
        }
        const std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string_view::npos) continue;
        const std::string_view name = trim(line.substr(0, equals));
        if (name == "aws_access_key_id") current.key.id = trim(line.substr(equals + 1));
        if (name == "aws_secret_access_key") current.key.secret = trim(line.substr(equals + 1));
    }
    take();
    return found;
}

void write_credentials(const std::filesystem::path& file, const AccessKey& key) {
    std::filesystem::path fresh = file;
    fresh += ".new";
    const std::string text = credentials_text(key);
    {
        const OwnedFile out(
            ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (out.fd() < 0) cannot_write(file);
        // A leftover of an interrupted start may have had another mode.
        if (::fchmod(out.fd(), 0600) != 0 ||
            ::write(out.fd(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
            ::fsync(out.fd()) != 0) {
            cannot_write(file);
        }
    }
    if (::rename(fresh.c_str(), file.c_str()) != 0) cannot_write(file);
}

std::vector<NamedKey> load_credentials(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw std::runtime_error(fmt::format(
            "The credentials file {} cannot be read ({}).", file.string(), std::strerror(errno)));
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto keys = parse_credentials(text);
    if (keys.empty()) {
        throw std::runtime_error(
            fmt::format("The credentials file {} holds no key: it needs a line [default] and the "
                        "lines aws_access_key_id = ... and aws_secret_access_key = ....",
                        file.string()));
    }
    return keys;
}

void KeyRing::add_administrator(AccessKey key) {
    keys_.insert_or_assign(std::move(key.id), Entry{std::move(key.secret), true});
}

void KeyRing::add(AccessKey key) {
    keys_.insert_or_assign(std::move(key.id), Entry{std::move(key.secret)});
}

void KeyRing::remove(std::string_view id) {
    if (const auto found = keys_.find(id); found != keys_.end()) keys_.erase(found);
}

std::optional<std::string_view> KeyRing::secret_of(std::string_view id) const {
    const auto found = keys_.find(id);
    if (found == keys_.end()) return std::nullopt;
    return found->second.secret;
}

bool KeyRing::is_administrator(std::string_view id) const {
    const auto found = keys_.find(id);
    return found != keys_.end() && found->second.administrator;
}

}  // namespace helio::bridge::api
