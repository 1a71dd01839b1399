#include "crypto/x509/authority.h"
#include "crypto/x509/certificate.h"
#include "crypto/x509/server_identity.h"
#include "tests/support/catch.h"
#include "tests/support/foreign_certificate.h"

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace helio;
using namespace helio::crypto;
using namespace helio::crypto::x509;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

const Instant kNow = from_unix_us(1'763'724'600'000'000);  // 2025-11-21T11:30:00Z

// A folder that goes with the test.
class Folder {
  public:
    Folder() {
        static int count = 0;
        path = std::filesystem::temp_directory_path() /
               ("helio_x509_" + std::to_string(getpid()) + '_' + std::to_string(count++));
        std::filesystem::create_directory(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }

    ServerIdentity open(std::vector<std::string> names = {"localhost", "127.0.0.1"},
                        Instant now = kNow) const {
        return open_server_identity(path, names, now, os_random());
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path / name) << text;
    }
    mode_t mode(const std::string& name) const {
        struct stat info {};
        stat((path / name).c_str(), &info);
        return info.st_mode & 07777;
    }
    std::filesystem::path path;
};

}  // namespace

TEST_CASE("an authority is marked as one and lives for years", "[crypto][x509]") {
    const CertificateAndKey made = make_authority("Test CA", kNow, os_random());
    const auto certificate = parse_pem(made.certificate_pem);
    REQUIRE(certificate);
    CHECK(certificate->is_authority);
    CHECK(certificate->common_name == "Test CA");
    CHECK(certificate->subject == certificate->issuer);
    CHECK(certificate->not_before < kNow);
    CHECK(certificate->not_after > kNow + std::chrono::days(10 * 365));
    CHECK(is_issued_by(made.certificate_pem, made.certificate_pem));
    CHECK(belong_together(made));
}

TEST_CASE("a server certificate names its hosts and hangs on its authority", "[crypto][x509]") {
    const CertificateAndKey authority = make_authority("Test CA", kNow, os_random());
    const CertificateAndKey server = issue_server_certificate(
        authority, {"lora.example", "localhost", "192.0.2.7", "::1"}, kNow, os_random());
    const auto certificate = parse_pem(server.certificate_pem);
    REQUIRE(certificate);
    CHECK_FALSE(certificate->is_authority);
    CHECK(certificate->common_name == "lora.example");
    CHECK(certificate->issuer == "CN=Test CA");
    CHECK(certificate->names ==
          std::vector<std::string>{"lora.example", "localhost", "192.0.2.7", "::1"});
    CHECK(is_issued_by(server.certificate_pem, authority.certificate_pem));
    const CertificateAndKey other = make_authority("Test CA", kNow, os_random());
    CHECK_FALSE(is_issued_by(server.certificate_pem, other.certificate_pem));
    CHECK_FALSE(belong_together({server.certificate_pem, other.key_pem}));
}

TEST_CASE("a name cannot smuggle others into a certificate", "[crypto][x509]") {
    const CertificateAndKey authority = make_authority("Test CA", kNow, os_random());
    for (const char* name : {"", "a,DNS:bank.example", "a\nb"}) {
        CAPTURE(name);
        CHECK_THROWS_WITH(issue_server_certificate(authority, {name}, kNow, os_random()),
                          ContainsSubstring("is no host name and no IP address"));
    }
}

TEST_CASE("a certificate is known by the SHA-256 of its DER", "[crypto][x509]") {
    const CertificateAndKey made = make_authority("Test CA", kNow, os_random());
    const auto from_pem = parse_pem(made.certificate_pem);
    REQUIRE(from_pem);
    const auto from_der = parse_der(from_pem->der);
    REQUIRE(from_der);
    CHECK(from_der->fingerprint() == from_pem->fingerprint());
    CHECK(from_pem->fingerprint().size() == 64);
    Bytes changed = from_pem->der;
    changed.back() ^= 1;
    CHECK(fingerprint(changed) != from_pem->fingerprint());
}

TEST_CASE("what is no certificate is refused, also where bytes follow one", "[crypto][x509]") {
    CHECK_FALSE(parse_pem(""));
    CHECK_FALSE(parse_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    Bytes der = parse_pem(make_authority("Test CA", kNow, os_random()).certificate_pem)->der;
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, der.size() - 1}) {
        CHECK_FALSE(parse_der(ByteView(der).first(size)));
    }
    der.push_back(0);
    CHECK_FALSE(parse_der(der));
}

TEST_CASE("the first start makes an authority and a server certificate", "[crypto][x509]") {
    const Folder folder;
    const ServerIdentity identity = folder.open();
    CHECK(identity.made);
    CHECK(is_issued_by(identity.certificate_pem, identity.authority_pem));
    CHECK(belong_together({identity.certificate_pem, identity.key_pem}));
    CHECK(folder.mode("ca.key") == 0600);
    CHECK(folder.mode("server.key") == 0600);
    CHECK(folder.mode("ca.pem") == 0644);
}

TEST_CASE("a later start finds what the first has made", "[crypto][x509]") {
    const Folder folder;
    const ServerIdentity first = folder.open();
    const ServerIdentity second = folder.open();
    CHECK_FALSE(second.made);
    CHECK(second.authority_pem == first.authority_pem);
    CHECK(second.certificate_pem == first.certificate_pem);
    CHECK(second.key_pem == first.key_pem);
}

TEST_CASE("a server certificate that ends soon or lacks a name is renewed", "[crypto][x509]") {
    const Folder folder;
    const ServerIdentity first = folder.open();
    ServerIdentity second;
    SECTION("it ends soon") {
        second = folder.open({"localhost", "127.0.0.1"}, kNow + kServerLife - 30 * 24h);
    }
    SECTION("a name is new") { second = folder.open({"localhost", "lora.example"}); }
    CHECK(second.authority_pem == first.authority_pem);
    CHECK(second.certificate_pem != first.certificate_pem);
    CHECK(is_issued_by(second.certificate_pem, first.authority_pem));
}

TEST_CASE("a server certificate of another authority is left alone", "[crypto][x509]") {
    const Folder folder;
    folder.open();
    const CertificateAndKey foreign = make_authority("their own", kNow, os_random());
    folder.write("server.pem", foreign.certificate_pem);
    folder.write("server.key", foreign.key_pem);
    const ServerIdentity identity = folder.open({"lora.example"}, kNow + std::chrono::days(9000));
    CHECK(identity.certificate_pem == foreign.certificate_pem);
}

TEST_CASE("files that do not fit or cannot be written are named", "[crypto][x509]") {
    const Folder folder;
    CHECK_THROWS_WITH(
        open_server_identity(folder.path / "missing", {"localhost"}, kNow, os_random()),
        ContainsSubstring("missing/ca.key cannot be written"));
    folder.open();
    folder.write("server.key", make_authority("x", kNow, os_random()).key_pem);
    CHECK_THROWS_WITH(folder.open(), ContainsSubstring("server.key is not the key of server.pem"));
    std::filesystem::remove(folder.path / "ca.key");
    CHECK_THROWS_WITH(folder.open(), ContainsSubstring("ca.key is missing beside ca.pem"));
}

TEST_CASE("the default names are those of this machine on itself", "[crypto][x509]") {
    const auto names = default_server_names();
    CHECK(names.front() == "localhost");
    for (const char* name : {"127.0.0.1", "::1"}) {
        CHECK(std::ranges::find(names, name) != names.end());
    }
}

TEST_CASE("a device's certificate has no fault, and what is not one says why", "[crypto][x509]") {
    using helio::test::ForeignSpec;
    using helio::test::make_foreign;
    const std::string nul("admin\0.example", 14);
    const std::pair<ForeignSpec, std::optional<DeviceFault>> cases[] = {
        {{}, std::nullopt},
        {{.key_usage = "", .extended_key_usage = ""}, std::nullopt},
        {{.rsa_bits = 2048}, std::nullopt},
        {helio::test::authority_spec(), DeviceFault::authority},
        {{.key_usage = "keyEncipherment"}, DeviceFault::key_usage},
        {{.extended_key_usage = "serverAuth"}, DeviceFault::extended_key_usage},
        {{.rsa_bits = 1024}, DeviceFault::weak_key},
        {{.digest = "SHA1"}, DeviceFault::weak_signature},
        {{.common_name = nul}, DeviceFault::bad_name},
        {{.common_name = std::string(257, 'a')}, DeviceFault::bad_name},
        {{.key_usage = "", .extended_key_usage = "", .unknown_critical = true},
         DeviceFault::bad_extension},
    };
    for (const auto& [spec, fault] : cases) {
        CHECK(device_fault(make_foreign(spec, kNow).der) == fault);
    }
}

TEST_CASE("who has signed a certificate is told by name and key", "[crypto][x509]") {
    using namespace helio::test;
    const Foreign ca = make_foreign(authority_spec(), kNow);
    const Foreign namesake = make_foreign(authority_spec(), kNow);
    const Foreign no_ca = make_foreign({.common_name = "Their CA"}, kNow);
    CHECK(is_signed_by(make_foreign({}, kNow, &ca).der, ca.der));
    CHECK(!is_signed_by(make_foreign({}, kNow, &namesake).der, ca.der));
    CHECK(!is_signed_by(make_foreign({}, kNow, &no_ca).der, no_ca.der));
    CHECK(!is_signed_by(ca.der, {}));
}
