#include "bridge/policy/evaluation.h"

#include "bridge/policy/names.h"

#include <algorithm>

namespace helio::bridge::policy {
namespace {

struct Answer {
    Outcome outcome;
    const Template* resource = nullptr;    // of applies and no_value
    const Condition* condition = nullptr;  // of condition
};

Answer ask_resources(const Statement& statement,
                     std::string_view lower_action,
                     std::string_view resource,
                     const Context& context) {
    const FillIn how = fill_in_of(statement, lower_action);
    const Template* fits = nullptr;
    const Template* without_value = nullptr;
    for (const Template& text : statement.resources) {
        const auto pattern = text.fill_in(context, how);
        if (!pattern) without_value = &text;
        if (pattern && pattern->matches(resource)) {
            fits = &text;
            break;
        }
    }
    if (statement.resource_names == Names::these) {
        if (fits != nullptr) return {Outcome::applies, fits};
        return {without_value ? Outcome::no_value : Outcome::other_resource, without_value};
    }
    if (fits != nullptr) return {Outcome::other_resource};
    // "All but ${this}" must not come to mean "all" where nobody knows what this is.
    if (without_value != nullptr && statement.effect == Effect::allow) {
        return {Outcome::no_value, without_value};
    }
    return {Outcome::applies};
}

Answer ask(const Statement& statement,
           std::string_view lower_action,
           std::string_view resource,
           const Context& context) {
    if (!statement.is_about(lower_action)) return {Outcome::other_action};
    const Answer answer = ask_resources(statement, lower_action, resource, context);
    if (answer.outcome != Outcome::applies) return answer;
    for (const Condition& condition : statement.conditions) {
        if (!condition.holds(context)) return {Outcome::condition, nullptr, &condition};
    }
    return answer;
}

void count(Decision& decision, Effect effect) {
    if (effect == Effect::deny) decision = Decision::explicit_deny;
    if (effect == Effect::allow && decision == Decision::implicit_deny) {
        decision = Decision::allowed;
    }
}

std::string text_of(const Condition& condition) {
    std::string out = condition.operator_name() + " " + condition.key().name() + " [";
    for (const auto& operand : condition.operands()) {
        if (out.back() != '[') out += ", ";
        out += operand.text;
    }
    return out + "]";
}

class Explainer {
  public:
    Explainer(Explanation& out, const Context& context, std::string_view lower_action)
        : out_(out), context_(context), lower_action_(lower_action) {}

    void add(std::size_t document,
             std::size_t index,
             const Statement& statement,
             const Answer& answer) {
        StatementAnswer row{.document = document,
                            .statement = index,
                            .effect = statement.effect,
                            .outcome = answer.outcome,
                            .because = {}};
        if (answer.resource != nullptr) row.because = answer.resource->text();
        if (answer.condition != nullptr) row.because = text_of(*answer.condition);
        out_.statements.push_back(std::move(row));
        if (answer.outcome == Outcome::applies) count(out_.decision, statement.effect);
        if (answer.outcome == Outcome::other_action) return;
        note_variables(statement);
        note_missing(statement, answer);
    }

  private:
    void note(const Variable& variable) {
        const auto same = [&](const VariableValue& v) { return v.name == variable.name(); };
        if (std::any_of(out_.variables.begin(), out_.variables.end(), same)) return;
        auto value = variable.value(context_);
        out_.variables.push_back(
            {variable.name(), value ? std::move(value->items) : std::vector<std::string>()});
    }

    void note_template(const Template& text) {
        for (const auto& piece : text.pieces()) {
            if (piece.variable) note(*piece.variable);
        }
    }

    void note_variables(const Statement& statement) {
        for (const Template& text : statement.resources) note_template(text);
        for (const Condition& condition : statement.conditions) {
            note(condition.key());
            for (const auto& operand : condition.operands()) {
                for (const Template& part : operand.parts) note_template(part);
            }
        }
    }

    void miss(const std::string& name) {
        auto& missing = out_.missing;
        if (std::find(missing.begin(), missing.end(), name) == missing.end()) {
            missing.push_back(name);
        }
    }

    void note_missing(const Statement& statement, const Answer& answer) {
        if (answer.outcome == Outcome::no_value) {
            const FillIn how = fill_in_of(statement, lower_action_);
            for (const auto& piece : answer.resource->pieces()) {
                if (piece.variable && !substituted(piece, context_, how)) {
                    miss(piece.variable->name());
                }
            }
        }
        if (answer.outcome == Outcome::condition && answer.condition->needs_value() &&
            !answer.condition->key().value(context_)) {
            miss(answer.condition->key().name());
        }
    }

    Explanation& out_;
    const Context& context_;
    std::string_view lower_action_;
};

}  // namespace

FillIn fill_in_of(const Statement& statement, std::string_view lower_action) {
    return {.mqtt_wildcards_are_values =
                statement.effect == Effect::deny || lower_action != "iot:subscribe"};
}

bool conditions_hold(const Statement& statement, const Context& context) {
    return std::all_of(statement.conditions.begin(),
                       statement.conditions.end(),
                       [&](const Condition& c) { return c.holds(context); });
}

bool Explanation::decided(const StatementAnswer& answer) const {
    if (answer.outcome != Outcome::applies) return false;
    return (decision == Decision::allowed) == (answer.effect == Effect::allow);
}

Decision decide(std::span<const DocumentPtr> documents,
                const Question& question,
                const Context& context) {
    const std::string action = in_lower_case(question.action);
    Decision out = Decision::implicit_deny;
    for (const DocumentPtr& document : documents) {
        for (const Statement& statement : document->statements) {
            if (out == Decision::explicit_deny) return out;
            if (ask(statement, action, question.resource, context).outcome == Outcome::applies) {
                count(out, statement.effect);
            }
        }
    }
    return out;
}

Explanation explain(std::span<const DocumentPtr> documents,
                    const Question& question,
                    const Context& context) {
    const std::string action = in_lower_case(question.action);
    Explanation out;
    Explainer explainer(out, context, action);
    for (std::size_t d = 0; d < documents.size(); ++d) {
        const auto& statements = documents[d]->statements;
        for (std::size_t s = 0; s < statements.size(); ++s) {
            explainer.add(
                d, s, statements[s], ask(statements[s], action, question.resource, context));
        }
    }
    return out;
}

}  // namespace helio::bridge::policy
