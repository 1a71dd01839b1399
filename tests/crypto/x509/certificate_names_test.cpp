#include "crypto/x509/certificate_names.h"

#include "crypto/x509/certificate.h"
#include "tests/support/catch.h"

#include <fstream>
#include <sstream>

using namespace helio;
using namespace helio::crypto::x509;

namespace {

Bytes der_of(const std::string& file) {
    std::ifstream in(std::string(HELIO_TEST_DATA) + "/x509/" + file);
    std::stringstream text;
    text << in.rdbuf();
    return parse_pem(text.str()).value().der;
}

}  // namespace

TEST_CASE("a certificate's names are read part by part, in its order", "[x509]") {
    const auto names = read_certificate_names(der_of("odd_names.pem"));
    REQUIRE(names);
    CHECK(names->serial_number == "01");
    std::vector<std::string> units;
    for (const auto& [type, value] : names->subject.attributes) {
        if (type == "2.5.4.11") units.push_back(value);
    }
    CHECK(units ==
          std::vector<std::string>{"first", "second", "third", "fourth", "fifth", "sixth"});
    CHECK(names->subject.alternatives.dns_names ==
          std::vector<std::string>{"*.example.com", "plain.example.com"});
    CHECK(names->subject.alternatives.uris.front().size() == 1100);
    CHECK(names->issuer.alternatives.dns_names.empty());
    CHECK(names->subject.attributes.back().value == "Z\xc3\xbcrich");
}

TEST_CASE("a certificate that is cut or followed by more has no names", "[x509]") {
    Bytes der = der_of("light_bulb.pem");
    CHECK(read_certificate_names(der));
    for (std::size_t size = 0; size < der.size(); ++size) {
        CHECK_FALSE(read_certificate_names(ByteView(der).first(size)));
    }
    der.push_back(0);
    CHECK_FALSE(read_certificate_names(der));
}
