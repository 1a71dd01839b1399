// Policy variables, which are at once the keys of conditions: what each name means and the value it
// has for a Context.
//
// The names are a table (in variables.cpp); case does not matter in them, but for the names of
// thing attributes.  A name that the table does not know is a claim's; "name.0" is the first item
// of one that is a list.
#pragma once

#include "base/time.h"
#include "bridge/policy/facts.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::crypto::x509 {
struct CertificateNames;
}

namespace helio::bridge::policy {

struct Value {
    std::vector<std::string> items;
    bool many = false;          // a set: for conditions only, never substituted
    bool substitutable = true;  // AWS substitutes no certificate's value with * $ + ? # in it
};

// Facts and the time of one question.  What has to be read out of the certificate is read when it
// is asked for, once.
class Context {
  public:
    explicit Context(Facts facts);
    ~Context();
    Context(Context&&) noexcept;
    Context& operator=(Context&&) noexcept;

    const Facts& facts() const { return facts_; }
    Instant now{};  // for aws:CurrentTime

    // Null where there is no certificate or it cannot be read.
    const crypto::x509::CertificateNames* certificate_names() const;

  private:
    Facts facts_;
    mutable std::unique_ptr<crypto::x509::CertificateNames> names_;
    mutable bool names_read_ = false;
};

struct VariableRow;

class Variable {
  public:
    // Every name is one; only a claim's can turn out to have no value anywhere.
    static Variable parse(std::string_view name);

    const std::string& name() const { return name_; }
    // Another question of the same connection may find another value.
    bool changes() const;
    // Absent where nothing is known.
    std::optional<Value> value(const Context& context) const;

    friend bool operator==(const Variable&, const Variable&) = default;

  private:
    std::optional<Value> claim(const Context& context) const;

    std::string name_;                  // as written
    const VariableRow* row_ = nullptr;  // null: a claim
    std::string argument_;              // what stands in brackets, or before ".0" of a claim
    std::optional<std::size_t> index_;  // ".0" and so on
    bool list_ = false;                 // ".List"
};

// The names that the table knows, as documentation and the test of it list them.
std::vector<std::string> variable_names();

}  // namespace helio::bridge::policy
