#include "bridge/rules/rule_engine.h"

#include "base/store/typed_table.h"
#include "bridge/rules/actions/http_queue.h"
#include "bridge/rules/basic_ingest.h"
#include "bridge/rules/compiled_rule.h"
#include "bridge/rules/topic_index.h"

#include <algorithm>
#include <map>
#include <utility>

namespace helio::bridge::rules {
namespace {

constexpr store::TypedTable<std::string, proto::Rule> kRules(kRuleTable);

constexpr std::size_t kMaxName = 128;

bool is_rule_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

tl::unexpected<RuleError> no_such_rule(std::string_view name) {
    return fail(
        RuleError{RuleError::Kind::not_found, "there is no rule \"" + std::string(name) + "\""});
}

}  // namespace

struct RuleEngine::State {
    store::Store& store;
    RuleIdentity identity;
    Dispatcher dispatcher;
    sql::Machinery machinery;
    std::map<std::string, std::unique_ptr<CompiledRule>, std::less<>> rules;
    TopicIndex index;  // of the enabled rules with a filter
    std::vector<CompiledRule*> matching;
    Bytes output;
    std::uint64_t without_rule = 0;
    bool settling = false;

    State(store::Store& store,
          Publisher& publisher,
          HttpSender& http,
          FileSink& files,
          const crypto::Random& random,
          RuleIdentity identity_,
          RuleLimits limits)
        : store(store),
          identity(std::move(identity_)),
          dispatcher(store, publisher, http, files, random, limits),
          machinery{.random = random, .account = identity.account} {}

    // -- the set of rules -------------------------------------------------------------------------

    void load() {
        kRules.scan(store, [&](const std::string& name, proto::Rule& rule) {
            // What was accepted once compiles; a rule of a later version of this program may not,
            // and stays stored for it.
            auto compiled = compile_rule(std::move(rule), dispatcher.limits(), dispatcher);
            if (compiled) adopt(name, std::move(*compiled));
            return true;
        });
        take_up_requests();
    }

    // What an earlier run of the program had not brought to its end.
    void take_up_requests() {
        const auto queue = std::make_shared<HttpQueue>(dispatcher);
        const auto lines = std::make_shared<std::size_t>(0);
        for (auto& waiting : dispatcher.requests().load()) {
            const CompiledRule* rule = find(waiting.rule);
            Ticket ticket{rule ? rule->stats : std::make_shared<RuleStats>(),
                          std::move(waiting.execution)};
            if (auto* request = std::get_if<HttpRequest>(&waiting.work)) {
                queue->take_up(std::move(*request), std::move(ticket), std::move(waiting.key));
                continue;
            }
            auto& append = std::get<FileAppend>(waiting.work);
            append.max_file_bytes = dispatcher.limits().max_file_bytes;
            dispatcher.append(append, std::move(ticket), std::move(waiting.key), lines);
        }
        if (!queue->is_empty()) dispatcher.keep(queue);
    }

    CompiledRule* find(std::string_view name) const {
        const auto found = rules.find(name);
        return found == rules.end() ? nullptr : found->second.get();
    }

    void adopt(const std::string& name, std::unique_ptr<CompiledRule> rule) {
        auto& place = rules[name];
        if (place) {
            unindex(*place);
            rule->stats = place->stats;
        }
        place = std::move(rule);
        const auto& filter = place->statement.topic_filter;
        if (filter && !place->stored.disabled()) index.insert(*filter, place.get());
    }

    void unindex(const CompiledRule& rule) {
        if (rule.statement.topic_filter) index.erase(*rule.statement.topic_filter, &rule);
    }

    Result<store::Position, RuleError> put(proto::Rule rule) {
        const std::string name = rule.name();
        auto compiled = compile_rule(rule, dispatcher.limits(), dispatcher);
        if (!compiled) return fail(compiled.error());
        auto transaction = store.begin(kRules.slot(name));
        kRules.put(transaction, name, rule);
        const auto position = transaction.commit();
        adopt(name, std::move(*compiled));
        return position;
    }

    // -- messages ---------------------------------------------------------------------------------

    // Evaluates one rule; what its actions publish waits for settle().
    void evaluate(CompiledRule& rule, sql::MessageScope& scope) {
        sql::Evaluation evaluation(rule.statement, scope);
        if (!evaluation.is_selected()) {
            return dispatcher.count(*rule.stats, &RuleStats::not_selected);
        }
        dispatcher.count(*rule.stats, &RuleStats::matched);
        const sql::Value value = evaluation.select();
        output.clear();
        sql::append_output(output, value, rule.statement.version);

        Ticket ticket{rule.stats, nullptr};
        if (rule.error_action) {
            ticket.execution =
                std::make_shared<Execution>(rule.stored.name(), scope.trace_id(), scope.message());
            // One more than there are, so that it does not end before the last one began.
            ticket.execution->pending = static_cast<unsigned>(rule.actions.size()) + 1;
        }
        const ActionInput input{.evaluation = evaluation,
                                .output = output,
                                .rule = rule.stored.name(),
                                .is_json = !value.is(sql::Type::binary),
                                .depth = scope.message().depth,
                                .now = scope.now()};
        for (const auto& action : rule.actions) action->perform(input, ticket, dispatcher);
        if (ticket.execution) dispatcher.begun(ticket.execution);
    }

    // An error action that fails has nobody to tell but the counters.
    void run_error_action(const Execution& execution, Instant now) {
        CompiledRule* rule = find(execution.rule);
        if (!rule || !rule->error_action) return;
        const std::string document = error_document(execution);
        sql::MessageScope scope(execution.message.get(), now, machinery);
        sql::Evaluation evaluation(rule->statement.version, scope);
        const ActionInput input{.evaluation = evaluation,
                                .output = bytes_of(document),
                                .rule = execution.rule,
                                .is_json = true,
                                .depth = execution.message.get().depth,
                                .now = now};
        rule->error_action->perform(input, Ticket{rule->stats, nullptr}, dispatcher);
    }

    // Publishes and reports until there is nothing left.  A publication may bring messages, and so
    // call on_message(), before it returns: that leaves its own to the settle() that is at work.
    void settle(Instant now) {
        if (std::exchange(settling, true)) return;
        bool more = true;
        while (more) {
            more = dispatcher.publish_next();
            if (const auto failed = dispatcher.take_failed()) {
                run_error_action(*failed, now);
                more = true;
            }
        }
        settling = false;
    }
};

RuleEngine::RuleEngine(store::Store& store,
                       Publisher& publisher,
                       HttpSender& http,
                       FileSink& files,
                       crypto::Random random,
                       RuleIdentity identity,
                       RuleLimits limits)
    : state_(std::make_unique<State>(
          store, publisher, http, files, random, std::move(identity), limits)) {
    state_->load();
}
RuleEngine::~RuleEngine() = default;

Result<store::Position, RuleError> RuleEngine::create(std::string_view name,
                                                      proto::Rule rule,
                                                      Instant now) {
    if (!is_rule_name(name)) {
        return fail(RuleError{RuleError::Kind::bad_request,
                              "the name of a rule has 1 to 128 letters, digits and '_'"});
    }
    if (state_->find(name)) {
        return fail(RuleError{RuleError::Kind::already_exists,
                              "there is a rule \"" + std::string(name) + "\" already"});
    }
    if (state_->rules.size() >= state_->dispatcher.limits().max_rules) {
        return fail(RuleError{
            RuleError::Kind::limit_exceeded,
            "there are " + std::to_string(state_->rules.size()) + " rules, which is the limit"});
    }
    rule.set_name(std::string(name));
    rule.set_created_at_us(to_unix_us(now));
    return state_->put(std::move(rule));
}

Result<store::Position, RuleError> RuleEngine::replace(std::string_view name, proto::Rule rule) {
    const CompiledRule* old = state_->find(name);
    if (!old) return no_such_rule(name);
    rule.set_name(std::string(name));
    rule.set_created_at_us(old->stored.created_at_us());
    if (rule.tags().empty()) *rule.mutable_tags() = old->stored.tags();
    return state_->put(std::move(rule));
}

Result<store::Position, RuleError> RuleEngine::remove(std::string_view name) {
    const auto found = state_->rules.find(name);
    if (found == state_->rules.end()) return no_such_rule(name);
    auto transaction = state_->store.begin(kRules.slot(found->first));
    kRules.erase(transaction, found->first);
    const auto position = transaction.commit();
    state_->unindex(*found->second);
    state_->rules.erase(found);
    return position;
}

Result<store::Position, RuleError> RuleEngine::set_enabled(std::string_view name, bool enabled) {
    const CompiledRule* old = state_->find(name);
    if (!old) return no_such_rule(name);
    proto::Rule rule = old->stored;
    rule.set_disabled(!enabled);
    return state_->put(std::move(rule));
}

Result<store::Position, RuleError> RuleEngine::set_tags(
    std::string_view name, const std::map<std::string, std::string>& tags) {
    const CompiledRule* old = state_->find(name);
    if (!old) return no_such_rule(name);
    proto::Rule rule = old->stored;
    rule.mutable_tags()->clear();
    for (const auto& [key, value] : tags) (*rule.mutable_tags())[key] = value;
    return state_->put(std::move(rule));
}

const proto::Rule* RuleEngine::find(std::string_view name) const {
    const CompiledRule* rule = state_->find(name);
    return rule ? &rule->stored : nullptr;
}

const RuleStats* RuleEngine::stats(std::string_view name) const {
    const CompiledRule* rule = state_->find(name);
    return rule ? rule->stats.get() : nullptr;
}

const RuleStats& RuleEngine::totals() const { return state_->dispatcher.totals(); }
store::Position RuleEngine::kept_at() const { return state_->dispatcher.requests().kept_at(); }
const std::uint64_t& RuleEngine::without_rule() const { return state_->without_rule; }

std::string RuleEngine::arn(std::string_view name) const {
    const RuleIdentity& identity = state_->identity;
    return "arn:aws:iot:" + identity.region + ":" + identity.account + ":rule/" + std::string(name);
}

std::string_view RuleEngine::topic_pattern(std::string_view name) const {
    const CompiledRule* rule = state_->find(name);
    return rule ? rule->statement.topic_filter.value_or("") : std::string_view();
}

std::vector<const proto::Rule*> RuleEngine::list(const Query& query) const {
    std::vector<const proto::Rule*> found;
    for (auto at = state_->rules.upper_bound(query.after); at != state_->rules.end(); ++at) {
        if (found.size() == query.count) break;
        const CompiledRule& rule = *at->second;
        if (query.disabled && rule.stored.disabled() != *query.disabled) continue;
        const auto& filter = rule.statement.topic_filter;
        if (query.topic && (!filter || !matches_topic(*filter, *query.topic))) continue;
        found.push_back(&rule.stored);
    }
    return found;
}

void RuleEngine::on_message(const Message& message, Instant now) {
    if (const auto ingest = parse_basic_ingest(message.topic)) {
        run_rule(ingest->rule, message, now);
        return;
    }
    auto& matching = state_->matching;
    matching.clear();
    state_->index.match(message.topic, matching);
    if (matching.empty()) return;
    {
        sql::MessageScope scope(message, now, state_->machinery);
        for (CompiledRule* rule : matching) state_->evaluate(*rule, scope);
    }
    state_->settle(now);
}

bool RuleEngine::run_rule(std::string_view name, const Message& message, Instant now) {
    CompiledRule* rule = state_->find(name);
    if (!rule || rule->stored.disabled()) {
        ++state_->without_rule;
        return false;
    }
    {
        sql::MessageScope scope(message, now, state_->machinery);
        state_->evaluate(*rule, scope);
    }
    state_->settle(now);
    return true;
}

void RuleEngine::on_http_answer(CallId call, const HttpAnswer& answer, Instant now) {
    state_->dispatcher.on_http_answer(call, answer, now);
    state_->settle(now);
}

void RuleEngine::on_file_answer(CallId call, std::string_view error, Instant now) {
    state_->dispatcher.on_file_answer(call, error);
    state_->settle(now);
}

std::optional<Instant> RuleEngine::on_time(Instant now) {
    const auto next = state_->dispatcher.on_time(now);
    state_->settle(now);
    return next;
}

}  // namespace helio::bridge::rules
