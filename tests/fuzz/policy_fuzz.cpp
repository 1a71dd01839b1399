// A policy document, the names that fill it in and what is asked: the permissions of a connection
// say what the documents say, and a Deny of everything is stronger than any document.
#include "bridge/policy/permissions.h"

#include <algorithm>
#include <array>
#include <string_view>

using namespace helio;
using namespace helio::bridge::policy;

namespace {

std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

}  // namespace

// A line each: client id, thing, claim, resource; then the document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    Facts facts{.client_id = std::string(next_line(input)),
                .source_ip = "192.0.2.7",
                .persistent = (size & 1) != 0};
    const std::string thing(next_line(input));
    if (!thing.empty()) facts.thing = ThingFacts{.name = thing, .attributes = {{"a", thing}}};
    facts.claims["jwt:sub"] = {.items = {std::string(next_line(input))}};
    facts.claims["jwt:groups"] = {.items = {"a", facts.client_id}, .list = true};
    const std::string name(next_line(input));
    const auto document = parse_document(input, {.characters = 1 << 16});
    if (!document) {
        if (document.error().empty()) __builtin_trap();
        return 0;
    }
    static const Arns arns("us-east-1", "123456789012");
    static const DocumentPtr deny_all =
        *parse_document(R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})");
    const Context context(facts);
    Permissions permissions({*document});
    for (std::size_t i = 0; i < kActions; ++i) {
        const auto action = static_cast<Action>(i);
        const Question question{std::string(name_of(action)), std::string(arns.of(action, name))};
        const std::array documents{*document, deny_all};
        const Decision decision = decide(std::span(documents).first(1), question, context);
        if (explain(std::span(documents).first(1), question, context).decision != decision) {
            __builtin_trap();
        }
        for (int time = 0; time < 2; ++time) {
            const Decision compiled =
                permissions.decide(action, name, arns, [&] { return Context(facts); });
            if (compiled != decision) __builtin_trap();
        }
        if (decide(documents, question, context) != Decision::explicit_deny) __builtin_trap();
    }
    return 0;
}
