#include "bridge/api/credentials.h"

#include "tests/support/catch.h"

#include <algorithm>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace helio;
using namespace helio::bridge::api;

namespace {

struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("helio-credentials-" + std::to_string(::getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("an access key has AWS's lengths and alphabets", "[api][credentials]") {
    const AccessKey key = make_access_key(crypto::seeded_random(1));
    CHECK(key.id.size() == 20);
    CHECK(key.id.starts_with("HELIO"));
    CHECK(std::ranges::all_of(
        key.id, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }));
    CHECK(key.secret.size() == 40);
    CHECK(std::ranges::all_of(key.secret, [](unsigned char c) { return std::isalnum(c) != 0; }));
    CHECK(make_access_key(crypto::seeded_random(2)) != key);
}

TEST_CASE("the credentials file is read back and only its owner may read it",
          "[api][credentials]") {
    const Folder folder;
    const auto file = folder.path / "credentials";
    const AccessKey key = make_access_key(crypto::seeded_random(3));
    write_credentials(file, key);
    const auto keys = load_credentials(file);
    REQUIRE(keys.size() == 1);
    CHECK(keys[0].profile == "default");
    CHECK(keys[0].key == key);
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("what people write into a credentials file is understood", "[api][credentials]") {
    const auto keys = parse_credentials(
        "# comment = x\r\n[default]\r\naws_access_key_id=A\r\n aws_secret_access_key =  B=C \r\n"
        "region = eu-west-1\n[half]\naws_access_key_id = only\n"
        "[ other ]\naws_secret_access_key=Y\naws_access_key_id=X");
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].profile == "default");
    CHECK(keys[0].key == AccessKey{"A", "B=C"});
    CHECK(keys[1].profile == "other");
    CHECK(keys[1].key == AccessKey{"X", "Y"});
}

TEST_CASE("a credentials file without a key says what it needs", "[api][credentials]") {
    const Folder folder;
    const auto file = folder.path / "credentials";
    std::ofstream(file) << "[default]\n";
    CHECK_THROWS_WITH(load_credentials(file), Catch::Contains("aws_access_key_id"));
    CHECK_THROWS_WITH(load_credentials(folder.path / "none"), Catch::Contains("cannot be read"));
}

TEST_CASE("credentials that cannot be written say where", "[api][credentials]") {
    CHECK_THROWS_WITH(write_credentials("/nonexistent-folder/credentials", {"A", "B"}),
                      Catch::Contains("/nonexistent-folder/credentials"));
}

TEST_CASE("a key ring knows the secrets of its keys only", "[api][credentials]") {
    KeyRing ring;
    ring.add({"A", "secret-a"});
    ring.add({"B", "secret-b"});
    CHECK(ring.secret_of("B") == "secret-b");
    CHECK_FALSE(ring.secret_of("C"));
    CHECK_FALSE(ring.secret_of(""));
}
