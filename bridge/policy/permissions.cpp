#include "bridge/policy/permissions.h"

#include <algorithm>

namespace helio::bridge::policy {
namespace {

// The resources of a statement that speaks of the action and whose conditions hold.
struct Rule {
    Names names;
    std::vector<const Pattern*> patterns;

    bool matches(std::string_view arn) const {
        const bool named = std::any_of(
            patterns.begin(), patterns.end(), [&](const Pattern* p) { return p->matches(arn); });
        return named == (names == Names::these);
    }
};

bool any_matches(const std::vector<Rule>& rules, std::string_view arn) {
    return std::any_of(rules.begin(), rules.end(), [&](const Rule& r) { return r.matches(arn); });
}

}  // namespace

struct Permissions::Compiled {
    static constexpr std::size_t kRemembered = 4;
    // A longer name is decided each time: nobody's memory is filled with them.
    static constexpr std::size_t kMaxRemembered = 256;
    struct Remembered {
        std::string name;
        Decision decision = Decision::implicit_deny;
        bool valid = false;
    };

    std::vector<Rule> deny;
    std::vector<Rule> allow;
    std::forward_list<Pattern> filled_in;  // those of the documents stay in the documents
    bool changes = false;
    std::uint8_t next = 0;
    std::array<Remembered, kRemembered> remembered;

    Decision decide(std::string_view arn) const {
        if (any_matches(deny, arn)) return Decision::explicit_deny;
        return any_matches(allow, arn) ? Decision::allowed : Decision::implicit_deny;
    }

    const Remembered* find(std::string_view name) const {
        for (const Remembered& entry : remembered) {
            if (entry.valid && entry.name == name) return &entry;
        }
        return nullptr;
    }

    void remember(std::string_view name, Decision decision) {
        if (name.size() > kMaxRemembered) return;
        Remembered& entry = remembered[next];
        next = static_cast<std::uint8_t>((next + 1) % kRemembered);
        entry.name = name;
        entry.decision = decision;
        entry.valid = true;
    }

    void add(const Statement& statement, std::string_view lower_action, const Context& context) {
        Rule rule{.names = statement.resource_names, .patterns = {}};
        const FillIn how = fill_in_of(statement, lower_action);
        for (const Template& text : statement.resources) {
            if (!text.has_variables()) {
                rule.patterns.push_back(&text.pattern());
            } else if (auto pattern = text.fill_in(context, how)) {
                filled_in.push_front(std::move(*pattern));
                rule.patterns.push_back(&filled_in.front());
            } else if (rule.names == Names::all_but_these && statement.effect == Effect::allow) {
                return;  // as evaluation has it
            }
        }
        if (rule.names == Names::these && rule.patterns.empty()) return;
        (statement.effect == Effect::deny ? deny : allow).push_back(std::move(rule));
    }
};

Permissions::Permissions(std::vector<DocumentPtr> documents) : documents_(std::move(documents)) {}
Permissions::~Permissions() = default;
Permissions::Permissions(Permissions&&) noexcept = default;
Permissions& Permissions::operator=(Permissions&&) noexcept = default;

void Permissions::compile(Action action, const Context& context) {
    auto compiled = std::make_unique<Compiled>();
    const std::string_view name = lower_name_of(action);
    for (const DocumentPtr& document : documents_) {
        for (const Statement& statement : document->statements) {
            if (!statement.is_about(name)) continue;
            compiled->changes = compiled->changes || statement.changes();
            if (conditions_hold(statement, context)) compiled->add(statement, name, context);
        }
    }
    compiled_[static_cast<std::size_t>(action)] = std::move(compiled);
}

Decision Permissions::decide(Action action,
                             std::string_view name,
                             const Arns& arns,
                             ContextOf context) {
    auto& slot = compiled_[static_cast<std::size_t>(action)];
    if (!slot) compile(action, context());
    if (slot->changes) {
        return policy::decide(documents_,
                              {std::string(name_of(action)), std::string(arns.of(action, name))},
                              context());
    }
    if (const auto* known = slot->find(name)) return known->decision;
    const Decision decision = slot->decide(arns.of(action, name));
    if (action == Action::connect) {
        slot.reset();  // asked once; ten thousand that only wait need not keep it
    } else {
        slot->remember(name, decision);
    }
    return decision;
}

}  // namespace helio::bridge::policy
