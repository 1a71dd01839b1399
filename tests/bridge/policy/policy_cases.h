// Reads cases/*.txt: a policy, a connection and what it may do, one thing a line.
//
//     start                      no policy, a fresh connection
//     allow ACTION RESOURCE [CONDITION]     one document with one statement; RESOURCE is an ARN,
//     "*", deny ACTION RESOURCE [CONDITION]      or what stands behind
//     arn:aws:iot:us-east-1:123456789012: document JSON client ID | ip ADDRESS | domain NAME |
//     certificate FILE | claim NAME VALUE | at TIME thing NAME [type=T] [billing=G]
//     [ATTRIBUTE=VALUE ...] http | tls | persistent | will ACTION RESOURCE => allowed | implicit |
//     explicit [missing NAME, NAME] malformed TEXT => the sentence
// A line that begins with '#' says what the following lines show.
#pragma once

#include "bridge/policy/permissions.h"

#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::policy::testing {

class CaseFile {
  public:
    void run_line(std::string_view line);
    int cases() const { return cases_; }

  private:
    void run_directive(std::string_view word, std::string_view rest);
    void add_statement(std::string_view effect, std::string_view rest);
    void add_document(const std::string& text);
    void add_thing(std::string_view rest);
    std::string outcome(const Question& question);
    void check_permissions(const Question& question, Decision expected);
    Context context() const;

    std::string about_;
    std::vector<DocumentPtr> documents_;
    Facts facts_;
    Instant now_{};
    Arns arns_{"us-east-1", "123456789012"};
    int cases_ = 0;
};

// The certificate of a PEM file in tests/data/x509.
Bytes certificate(const std::string& file);

}  // namespace helio::bridge::policy::testing
