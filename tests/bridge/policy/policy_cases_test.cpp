#include "tests/bridge/policy/policy_cases.h"

#include "crypto/x509/certificate.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace helio::bridge::policy::testing {
namespace {

constexpr std::string_view kPrefix = "arn:aws:iot:us-east-1:123456789012:";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// Takes the first word off.
std::string_view take_word(std::string_view& text) {
    text = trimmed(text);
    const std::size_t size = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, size);
    text = trimmed(text.substr(size));
    return word;
}

std::string arn_of(std::string_view resource) {
    if (resource == "*" || resource.starts_with("arn:")) return std::string(resource);
    return std::string(kPrefix) + std::string(resource);
}

std::string text_of(Decision decision) {
    if (decision == Decision::allowed) return "allowed";
    return decision == Decision::explicit_deny ? "explicit" : "implicit";
}

}  // namespace

Bytes certificate(const std::string& file) {
    std::ifstream in(std::string(HELIO_TEST_DATA) + "/x509/" + file);
    std::stringstream text;
    text << in.rdbuf();
    const auto read = crypto::x509::parse_pem(text.str());
    REQUIRE(read);
    return read->der;
}

void CaseFile::run_line(std::string_view line) {
    if (trimmed(line).empty()) return;
    if (line.front() == '#') {
        about_ = line.substr(1);
        return;
    }
    const std::size_t arrow = line.rfind(" => ");
    std::string_view source = trimmed(line.substr(0, arrow));
    const std::string_view whole = source;
    const std::string_view word = take_word(source);
    if (arrow == line.npos) return run_directive(word, source);
    ++cases_;
    const std::string_view expected = trimmed(line.substr(arrow + 4));
    CAPTURE(about_, whole);
    if (word == "malformed") {
        const auto document = parse_document(source);
        CHECK((document ? "it is well formed" : document.error()) == expected);
    } else {
        CHECK(outcome({std::string(word), arn_of(source)}) == expected);
    }
}

void CaseFile::run_directive(std::string_view word, std::string_view rest) {
    INFO(word);
    if (word == "start") {
        documents_.clear();
        facts_ = {.client_id = "dev1", .source_ip = "192.0.2.7"};
    } else if (word == "allow" || word == "deny") {
        add_statement(word == "allow" ? "Allow" : "Deny", rest);
    } else if (word == "document") {
        add_document(std::string(rest));
    } else if (word == "client") {
        facts_.client_id = rest;
    } else if (word == "ip") {
        facts_.source_ip = rest;
    } else if (word == "domain") {
        facts_.domain_name = rest;
    } else if (word == "certificate") {
        facts_.certificate = certificate(std::string(rest));
        facts_.certificate_id = crypto::x509::fingerprint(facts_.certificate);
    } else if (word == "claim") {
        const std::string name(take_word(rest));
        facts_.claims[name] = {.items = {std::string(rest)}};
    } else if (word == "claims") {  // a list
        Claim& claim = facts_.claims[std::string(take_word(rest))];
        claim = {.list = true};
        while (!rest.empty()) claim.items.emplace_back(take_word(rest));
    } else if (word == "at") {
        now_ = from_rfc3339(rest).value();
    } else if (word == "thing") {
        add_thing(rest);
    } else if (word == "http") {
        facts_.connection = false;
        facts_.client_id.clear();
    } else if (word == "tls") {
        facts_.secure = true;
    } else if (word == "persistent") {
        facts_.persistent = true;
    } else if (word == "will") {
        facts_.last_will = true;
    } else {
        FAIL("unknown directive");
    }
}

void CaseFile::add_statement(std::string_view effect, std::string_view rest) {
    const std::string action(take_word(rest));
    // A resource has no space in it, unless in a variable's default.
    const std::size_t condition = std::min(rest.find(" {\""), rest.size());
    std::string text = R"({"Version":"2012-10-17","Statement":{"Effect":")";
    text.append(effect).append(R"(","Action":")").append(action).append(R"(","Resource":")");
    text.append(arn_of(trimmed(rest.substr(0, condition)))).append("\"");
    if (condition < rest.size()) {
        text.append(R"(,"Condition":)").append(rest.substr(condition));
    }
    add_document(text + "}}");
}

void CaseFile::add_document(const std::string& text) {
    auto document = parse_document(text);
    CAPTURE(text, document ? "" : document.error());
    REQUIRE(document);
    documents_.push_back(*document);
}

void CaseFile::add_thing(std::string_view rest) {
    ThingFacts thing{.name = std::string(take_word(rest)), .type = {}, .billing_group = {}};
    while (!rest.empty()) {
        const std::string_view pair = take_word(rest);
        const std::size_t equals = pair.find('=');
        const std::string name(pair.substr(0, equals)), value(pair.substr(equals + 1));
        if (name == "type") {
            thing.type = value;
        } else if (name == "billing") {
            thing.billing_group = value;
        } else {
            thing.attributes[name] = value;
        }
    }
    facts_.thing = std::move(thing);
}

Context CaseFile::context() const {
    Context out(facts_);
    out.now = now_;
    return out;
}

// What the broker would be told, twice, because the second time it is remembered.
void CaseFile::check_permissions(const Question& question, Decision expected) {
    for (std::size_t i = 0; i < kActions; ++i) {
        const auto action = static_cast<Action>(i);
        const std::string head(arns_.of(action, ""));
        if (name_of(action) != question.action || !question.resource.starts_with(head)) continue;
        Permissions permissions(documents_);
        for (int time = 0; time < 2; ++time) {
            const Decision decision = permissions.decide(
                action, question.resource.substr(head.size()), arns_, [&] { return context(); });
            CHECK(text_of(decision) == text_of(expected));
        }
    }
}

std::string CaseFile::outcome(const Question& question) {
    const Context asked = context();
    const Explanation explanation = explain(documents_, question, asked);
    CHECK(decide(documents_, question, asked) == explanation.decision);
    check_permissions(question, explanation.decision);
    std::string out = text_of(explanation.decision);
    if (explanation.decision == Decision::implicit_deny) {
        for (const std::string& name : explanation.missing) {
            out += (name == explanation.missing.front() ? " missing " : ", ") + name;
        }
    }
    return out;
}

}  // namespace helio::bridge::policy::testing

TEST_CASE("policies say what their case files say", "[policy]") {
    int cases = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(HELIO_TEST_DATA "/../bridge/policy/cases")) {
        CAPTURE(entry.path().filename().string());
        std::ifstream file(entry.path());
        helio::bridge::policy::testing::CaseFile runner;
        std::string line;
        while (std::getline(file, line)) runner.run_line(line);
        CHECK(runner.cases() > 0);
        cases += runner.cases();
    }
    CHECK(cases > 200);
}
