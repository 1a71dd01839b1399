#include "crypto/x509/server_identity.h"

#include "crypto/x509/authority.h"
#include "crypto/x509/certificate.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace helio::crypto::x509 {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::days kRenewBefore{60};
constexpr mode_t kPublic = 0644;
constexpr mode_t kSecret = 0600;

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path.string() + " cannot be read: " + std::strerror(errno));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

[[noreturn]] void refuse_write(const fs::path& path, int error) {
    throw std::runtime_error(path.string() + " cannot be written: " + std::strerror(error));
}

// All or nothing, and on the disk when it returns: a half-written key would stop every later start.
void write_file(const fs::path& path, const std::string& text, mode_t mode) {
    const fs::path draft = path.string() + ".new";
    unlink(draft.c_str());
    const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) refuse_write(path, errno);
    const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         fchmod(fd, mode) == 0 && fsync(fd) == 0;
    const int error = errno;
    close(fd);
    if (!written) refuse_write(path, error);
    if (rename(draft.c_str(), path.c_str()) != 0) refuse_write(path, errno);
}

void write_pair(const fs::path& folder, const std::string& stem, const CertificateAndKey& pair) {
    // The key first: a certificate without its key would look finished.
    write_file(folder / (stem + ".key"), pair.key_pem, kSecret);
    write_file(folder / (stem + ".pem"), pair.certificate_pem, kPublic);
}

CertificateAndKey read_pair(const fs::path& folder, const std::string& stem) {
    CertificateAndKey pair{read_file(folder / (stem + ".pem")),
                           read_file(folder / (stem + ".key"))};
    if (belong_together(pair)) return pair;
    throw std::runtime_error((folder / (stem + ".key")).string() + " is not the key of " + stem +
                             ".pem; bring back the right one, or "
                             "remove both and they are made anew");
}

bool is_there(const fs::path& folder, const std::string& stem) {
    return fs::exists(folder / (stem + ".pem")) && fs::exists(folder / (stem + ".key"));
}

// Of our own making, and too old or for too few names?
bool must_be_renewed(const std::string& certificate_pem,
                     const std::string& authority_pem,
                     const std::vector<std::string>& names,
                     Instant now) {
    if (!is_issued_by(certificate_pem, authority_pem)) return false;
    const auto certificate = parse_pem(certificate_pem);
    if (certificate->not_after - now < kRenewBefore) return true;
    return std::ranges::any_of(names, [&](const std::string& name) {
        return std::ranges::find(certificate->names, name) == certificate->names.end();
    });
}

}  // namespace

std::vector<std::string> default_server_names() {
    std::vector<std::string> names = {"localhost"};
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0' &&
        host.data() != names.front()) {
        names.emplace_back(host.data());
    }
    names.insert(names.end(), {"127.0.0.1", "::1"});
    return names;
}

ServerIdentity open_server_identity(const fs::path& folder,
                                    const std::vector<std::string>& names,
                                    Instant now,
                                    const Random& random) {
    ServerIdentity out;
    if (!is_there(folder, "ca")) {
        // A left-over half (a start that was interrupted between the two files) is replaced; a
        // certificate that devices may carry is not.
        if (fs::exists(folder / "ca.pem")) {
            throw std::runtime_error((folder / "ca.key").string() +
                                     " is missing beside ca.pem; bring it back, or remove ca.pem "
                                     "and a new authority is made");
        }
        write_pair(folder, "ca", make_authority("Heliograph CA", now, random));
        out.made = true;
    }
    const CertificateAndKey authority = read_pair(folder, "ca");
    out.authority_pem = authority.certificate_pem;
    out.authority_key_pem = authority.key_pem;

    if (!is_there(folder, "server") ||
        must_be_renewed(read_file(folder / "server.pem"), out.authority_pem, names, now)) {
        write_pair(folder, "server", issue_server_certificate(authority, names, now, random));
    }
    const CertificateAndKey server = read_pair(folder, "server");
    out.certificate_pem = server.certificate_pem;
    out.key_pem = server.key_pem;
    return out;
}

}  // namespace helio::crypto::x509
