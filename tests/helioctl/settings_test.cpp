#include "tools/helioctl/settings.h"

#include "tests/support/catch.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

using namespace helio::ctl;

namespace {

struct Surroundings {
    std::filesystem::path home =
        std::filesystem::temp_directory_path() / ("helioctl-test-" + std::to_string(::getpid()));
    std::filesystem::path before = std::filesystem::current_path();
    std::map<std::string, std::string> variables{{"HOME", home.string()}};

    Surroundings() {
        std::filesystem::create_directories(home);
        std::filesystem::current_path(home);
    }
    ~Surroundings() {
        std::filesystem::current_path(before);
        std::filesystem::remove_all(home);
    }
    // A credentials file whose keys bear its name.
    std::string file(const std::string& name, const std::string& profile = "default") {
        const auto path = home / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << "[" << profile << "]\naws_access_key_id = " << name
                            << "\naws_secret_access_key = s\n";
        return path.string();
    }
    Environment environment() {
        return [this](const char* name) {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second.c_str();
        };
    }
    std::string key(const Settings& settings = {}) {
        return find_key(settings, environment()).key.id;
    }
};

}  // namespace

TEST_CASE("the key is looked for from the nearest place to the farthest", "[helioctl]") {
    Surroundings here;
    CHECK_THROWS_WITH(here.key(), Catch::Contains("--credentials"));
    here.file(".aws/credentials");
    CHECK(here.key() == ".aws/credentials");
    here.variables["AWS_ACCESS_KEY_ID"] = "from-the-environment";
    here.variables["AWS_SECRET_ACCESS_KEY"] = "s";
    CHECK(here.key() == "from-the-environment");
    here.file("data/credentials");
    CHECK(here.key() == "data/credentials");
    here.variables["HELIO_CREDENTIALS"] = here.file("named");
    CHECK(here.key() == "named");
    CHECK(here.key({.credentials = here.file("given")}) == "given");
}

TEST_CASE("AWS's profile is the one that AWS_PROFILE names", "[helioctl]") {
    Surroundings here;
    here.file(".aws/credentials", "field");
    CHECK_THROWS_WITH(here.key(), Catch::Contains("[default]"));
    here.variables["AWS_PROFILE"] = "field";
    CHECK(here.key() == ".aws/credentials");
}

TEST_CASE("a credentials file that is named and missing is an error", "[helioctl]") {
    Surroundings here;
    here.file("data/credentials");
    CHECK_THROWS_AS(here.key({.credentials = "nowhere"}), CtlError);
}

TEST_CASE("the endpoint may be given without its scheme", "[helioctl]") {
    Surroundings here;
    CHECK(find_endpoint({}, here.environment()) == "http://127.0.0.1:8080");
    here.variables["HELIO_ENDPOINT"] = "10.0.0.1:80/";
    CHECK(find_endpoint({}, here.environment()) == "http://10.0.0.1:80");
    CHECK(find_endpoint({.endpoint = "https://hub:8443"}, here.environment()) ==
          "https://hub:8443");
}
