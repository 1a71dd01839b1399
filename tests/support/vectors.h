// The tables of tests/data: published and computed test vectors, one JSON object a case.
#pragma once

#include "base/bytes.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace helio::test {

inline boost::json::value read_json(const std::string& name) {
    std::ifstream file(std::string(HELIO_TEST_DATA) + "/" + name);
    if (!file) throw std::runtime_error("no tests/data/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return boost::json::parse(text.str());
}

// One case.  A member that is asked for and not there fails the test.
class Vector {
  public:
    explicit Vector(const boost::json::object& object) : object_(object) {}

    bool has(const char* name) const { return object_.contains(name); }
    const boost::json::value& at(const char* name) const { return object_.at(name); }
    std::string text(const char* name) const { return std::string(at(name).as_string()); }
    bool flag(const char* name) const { return at(name).as_bool(); }
    Vector object(const char* name) const { return Vector(at(name).as_object()); }
    template <class Int = std::uint32_t>
    Int number(const char* name) const {
        return at(name).to_number<Int>();
    }
    Bytes hex(const char* name) const {
        const auto bytes = from_hex(text(name));
        if (!bytes) throw std::runtime_error(std::string(name) + " is not hexadecimal");
        return *bytes;
    }
    // Written most significant digit first.
    std::uint64_t big(const char* name) const {
        std::uint64_t v = 0;
        for (const std::uint8_t byte : hex(name)) v = v << 8 | byte;
        return v;
    }
    std::string describe() const { return boost::json::serialize(object_); }

  private:
    boost::json::object object_;
};

inline std::vector<Vector> vectors_of(const std::string& kind) {
    static const boost::json::value all = read_json("lorawan/vectors.json");
    std::vector<Vector> out;
    for (const auto& item : all.as_array()) {
        if (item.at("kind").as_string() == kind) out.emplace_back(item.as_object());
    }
    REQUIRE_FALSE(out.empty());
    return out;
}

}  // namespace helio::test
