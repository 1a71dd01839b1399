#include "bridge/identity/authorizers/authorizer_set.h"

#include "base/base64.h"
#include "base/store/typed_table.h"
#include "bridge/identity/authorizers/http_authorizer.h"
#include "bridge/identity/authorizers/script_authorizer.h"
#include "crypto/x509/certificate.h"

#include <algorithm>
#include <stdexcept>

namespace helio::bridge::identity::authorizers {
namespace {

using Kind = AuthorizerError::Kind;

constexpr store::TypedTable<std::string, proto::Authorizer> kTable(kAuthorizerTable);
constexpr std::size_t kMaxSigningKeys = 10;
constexpr Duration kCachedFor = std::chrono::seconds(300);  // where the answer says nothing

tl::unexpected<AuthorizerError> error(Kind kind, std::string message) {
    return fail(AuthorizerError{kind, std::move(message)});
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("_=,@-").find(c) != std::string_view::npos;
    });
}

// "file:NAME.js" and "arn:aws:lambda:REGION:ACCOUNT:function:NAME[:VERSION]"; empty for others.
std::string script_name(std::string_view function) {
    std::string_view name;
    if (function.starts_with("file:") && function.ends_with(".js")) {
        name = function.substr(5, function.size() - 8);
    } else if (function.starts_with("arn:") &&
               function.find(":function:") != std::string_view::npos) {
        name = function.substr(function.find(":function:") + 10);
        name = name.substr(0, name.find(':'));
    }
    return is_name(name) ? std::string(name) : std::string();
}

Result<std::vector<crypto::jwt::Key>, AuthorizerError> read_signing_keys(
    const proto::Authorizer& record) {
    std::vector<crypto::jwt::Key> keys;
    for (const auto& [name, pem] : record.token_signing_public_keys()) {
        auto read = crypto::jwt::parse_keys(pem);
        if (!read || read->front().kind() != crypto::jwt::KeyKind::rsa) {
            return error(Kind::invalid,
                         "tokenSigningPublicKeys." + name +
                             " must be an RSA public key of 2048 bits or more as PEM.");
        }
        keys.push_back(read->front());
    }
    return keys;
}

Result<void, AuthorizerError> check_record(const proto::Authorizer& record) {
    if (!is_name(record.name())) {
        return error(Kind::invalid,
                     "authorizerName must be 1 to 128 of letters, digits and \"_=,@-\".");
    }
    if (record.token_key_name().size() > 128) {
        return error(Kind::invalid, "tokenKeyName must be at most 128 characters.");
    }
    if (record.token_signing_public_keys_size() > static_cast<int>(kMaxSigningKeys)) {
        return error(Kind::invalid, "tokenSigningPublicKeys must be at most 10.");
    }
    if (!record.signing_disabled() &&
        (record.token_key_name().empty() || record.token_signing_public_keys().empty())) {
        return error(Kind::invalid,
                     "tokenKeyName and tokenSigningPublicKeys must be given where signing is not "
                     "disabled.");
    }
    return {};
}

}  // namespace

AuthorizerSet::AuthorizerSet(store::Store& store, Parts parts)
    : AuthorizerSet(store, std::move(parts), Limits{}) {}

AuthorizerSet::AuthorizerSet(store::Store& store, Parts parts, Limits limits)
    : store_(store), parts_(std::move(parts)), limits_(limits) {
    kTable.scan(store_, [this](const std::string& name, proto::Authorizer& record) {
        auto entry = make(record);
        // Its script may be gone: the authorizer is there and refuses.
        if (!entry) entry = std::make_shared<Entry>(Entry{.record = record});
        entries_[name] = *std::move(entry);
        return true;
    });
}

Result<std::shared_ptr<CustomAuthorizer>, AuthorizerError> AuthorizerSet::make_authorizer(
    const std::string& function) const {
    if (function.starts_with("http://") || function.starts_with("https://")) {
        return std::make_shared<HttpAuthorizer>(function, parts_.rules, parts_.outside);
    }
    const std::string name = script_name(function);
    if (name.empty()) {
        return error(
            Kind::invalid,
            "authorizerFunctionArn must be an http(s) address, \"file:NAME.js\" or the ARN "
            "of a Lambda function NAME, for a script NAME.js in the folder of authorizers.");
    }
    auto source = parts_.script(name);
    if (!source) return error(Kind::invalid, source.error());
    return std::make_shared<ScriptAuthorizer>(*std::move(source), parts_.rules, parts_.scripts);
}

Result<AuthorizerSet::EntryPtr, AuthorizerError> AuthorizerSet::make(
    proto::Authorizer record) const {
    const auto checked = check_record(record);
    if (!checked) return fail(checked.error());
    auto keys = read_signing_keys(record);
    if (!keys) return fail(keys.error());
    auto authorizer = make_authorizer(record.function_arn());
    if (!authorizer) return fail(authorizer.error());
    return std::make_shared<Entry>(Entry{.record = std::move(record),
                                         .authorizer = *std::move(authorizer),
                                         .signing_keys = *std::move(keys)});
}

void AuthorizerSet::add_configured(proto::Authorizer record,
                                   std::shared_ptr<CustomAuthorizer> authorizer) {
    const auto checked = check_record(record);
    auto keys = read_signing_keys(record);
    if (!checked || !keys) {
        throw std::runtime_error("[authorizer." + record.name() +
                                 "]: " + (checked ? keys.error() : checked.error()).message);
    }
    const auto entry = std::make_shared<Entry>(Entry{.record = std::move(record),
                                                     .configured = true,
                                                     .authorizer = std::move(authorizer),
                                                     .signing_keys = *std::move(keys)});
    entries_[entry->record.name()] = entry;
}

AuthorizerSet::Changed AuthorizerSet::create(proto::Authorizer record, Instant now) {
    if (find(record.name()) != nullptr) {
        return error(Kind::exists, "There is an authorizer \"" + record.name() + "\" already.");
    }
    if (entries_.size() >= limits_.max_authorizers) {
        return error(Kind::too_many, "There may be at most 100 authorizers.");
    }
    record.set_created_at_us(to_unix_us(now));
    record.set_updated_at_us(to_unix_us(now));
    record.set_is_default(false);
    auto entry = make(std::move(record));
    if (!entry) return fail(entry.error());
    const proto::Authorizer& stored = (*entry)->record;
    auto transaction = store_.begin(kTable.slot(stored.name()));
    kTable.put(transaction, stored.name(), stored);
    entries_[stored.name()] = *entry;
    return transaction.commit();
}

AuthorizerSet::Changed AuthorizerSet::update(proto::Authorizer record, Instant now) {
    const EntryPtr before = find_entry(record.name());
    if (!before) return error(Kind::not_found, "There is no authorizer \"" + record.name() + "\".");
    if (before->configured) {
        return error(Kind::invalid,
                     "The authorizer \"" + record.name() + "\" is made by the configuration.");
    }
    record.set_created_at_us(before->record.created_at_us());
    record.set_updated_at_us(to_unix_us(now));
    record.set_is_default(before->record.is_default());
    auto entry = make(std::move(record));
    if (!entry) return fail(entry.error());
    (*entry)->running = 0;  // calls of before count for the entry that they began with
    const proto::Authorizer& stored = (*entry)->record;
    auto transaction = store_.begin(kTable.slot(stored.name()));
    kTable.put(transaction, stored.name(), stored);
    entries_[stored.name()] = *entry;
    cache_.clear();
    return transaction.commit();
}

AuthorizerSet::Changed AuthorizerSet::remove(const std::string& name) {
    const EntryPtr entry = find_entry(name);
    if (!entry) return error(Kind::not_found, "There is no authorizer \"" + name + "\".");
    if (entry->configured) {
        return error(Kind::invalid,
                     "The authorizer \"" + name + "\" is made by the configuration.");
    }
    if (entry->record.is_default()) {
        return error(Kind::conflict, "The authorizer \"" + name + "\" is the default one.");
    }
    auto transaction = store_.begin(kTable.slot(name));
    kTable.erase(transaction, name);
    entries_.erase(name);
    cache_.clear();
    return transaction.commit();
}

AuthorizerSet::Changed AuthorizerSet::set_default(const std::string& name, Instant now) {
    const EntryPtr entry = find_entry(name);
    if (!entry) return error(Kind::not_found, "There is no authorizer \"" + name + "\".");
    if (entry->record.is_default()) {
        return error(Kind::exists, "The authorizer \"" + name + "\" is the default one already.");
    }
    if (entry->configured) {
        return error(
            Kind::invalid,
            "The authorizer \"" + name + "\" is made by the configuration: set `default` there.");
    }
    auto transaction = store_.begin(kTable.slot(name));
    for (const auto& [other_name, other] : entries_) {
        if (!other->record.is_default() || other->configured) continue;
        other->record.set_is_default(false);
        kTable.put(transaction, other_name, other->record);
    }
    entry->record.set_is_default(true);
    entry->record.set_updated_at_us(to_unix_us(now));
    kTable.put(transaction, name, entry->record);
    return transaction.commit();
}

AuthorizerSet::Changed AuthorizerSet::clear_default() {
    for (const auto& [name, entry] : entries_) {
        if (!entry->record.is_default() || entry->configured) continue;
        entry->record.set_is_default(false);
        auto transaction = store_.begin(kTable.slot(name));
        kTable.put(transaction, name, entry->record);
        return transaction.commit();
    }
    return error(Kind::not_found, "There is no default authorizer.");
}

AuthorizerSet::EntryPtr AuthorizerSet::find_entry(std::string_view name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second;
}

const proto::Authorizer* AuthorizerSet::find(std::string_view name) const {
    const EntryPtr entry = find_entry(name);
    return entry ? &entry->record : nullptr;
}

// One that was set by the API goes before the configuration's.
const proto::Authorizer* AuthorizerSet::default_one() const {
    const proto::Authorizer* configured = nullptr;
    for (const auto& [name, entry] : entries_) {
        if (!entry->record.is_default()) continue;
        if (!entry->configured) return &entry->record;
        configured = &entry->record;
    }
    return configured;
}

std::vector<const proto::Authorizer*> AuthorizerSet::list() const {
    std::vector<const proto::Authorizer*> out;
    for (const auto& [name, entry] : entries_) out.push_back(&entry->record);
    return out;
}

bool AuthorizerSet::is_configured(std::string_view name) const {
    const EntryPtr entry = find_entry(name);
    return entry && entry->configured;
}

bool AuthorizerSet::check_signature(const Entry& entry, AuthorizerRequest& request) const {
    if (entry.record.signing_disabled()) return true;
    const auto text =
        request.signature ? request.signature : passed_value(request, kTokenSignature);
    const auto signature = text ? from_base64(*text) : std::nullopt;
    if (!request.token || !signature) return false;
    request.signature_verified = std::ranges::any_of(entry.signing_keys, [&](const auto& key) {
        return key.verifies(crypto::jwt::Algorithm::rs256, bytes_of(*request.token), *signature);
    });
    return request.signature_verified;
}

// By what makes one HTTP request the same as another for the authorizer.
std::optional<crypto::Sha256> AuthorizerSet::cache_key(const Entry& entry,
                                                       const AuthorizerRequest& request) const {
    if (!entry.record.caching_for_http() || request.mqtt || !request.http) return std::nullopt;
    std::string text = entry.record.name() + '\n';
    if (request.token) {
        text += *request.token;
    } else if (const auto header = net::find_header(request.http->headers, "authorization")) {
        text += '\n' + std::string(*header);
    } else {
        return std::nullopt;
    }
    return crypto::sha256(bytes_of(text));
}

void AuthorizerSet::invoke(std::string_view name,
                           AuthorizerRequest request,
                           Instant now,
                           CustomAuthorizer::Answer answer) {
    const EntryPtr entry = find_entry(name);
    if (!entry || entry->record.inactive() || !entry->authorizer) {
        ++stats_.unknown;
        return say_no(name, refuse("there is no active authorizer of this name"), answer);
    }
    const std::string& token_key = entry->record.token_key_name();
    if (!request.token && !token_key.empty()) request.token = passed_value(request, token_key);
    if (!check_signature(*entry, request)) {
        ++stats_.bad_signatures;
        return say_no(name, refuse("the token or its signature is missing or wrong"), answer);
    }
    const auto key = cache_key(*entry, request);
    if (key) {
        const auto found = cache_.find(*key);
        if (found != cache_.end() && now < found->second.until) {
            ++stats_.cached;
            return answer(found->second.granted);
        }
    }
    if (entry->running >= limits_.max_running) {
        ++stats_.busy;
        return say_no(
            name,
            refuse("too many calls of the authorizer are on their way", Refusal::Kind::busy),
            answer);
    }
    const auto pending = std::make_shared<Pending>(Pending{.deadline = now + limits_.max_time,
                                                           .entry = entry,
                                                           .answer = std::move(answer),
                                                           .cache_key = key});
    ++entry->running;
    ++running_;
    pending_.push_back(pending);
    entry->authorizer->authorize(
        request, now, [this, pending, alive = std::weak_ptr<int>(alive_)](Authorized result) {
            if (alive.expired() || pending->done) return;
            finish(*pending, std::move(result));
        });
}

void AuthorizerSet::say_no(std::string_view name,
                           tl::unexpected<Refusal> refusal,
                           const CustomAuthorizer::Answer& answer) const {
    if (on_refusal_) on_refusal_(std::string(name.substr(0, 128)), refusal.value());
    answer(std::move(refusal));
}

void AuthorizerSet::finish(Pending& pending, Authorized result) {
    pending.done = true;
    --pending.entry->running;
    --running_;
    if (result) {
        ++stats_.granted;
        if (pending.cache_key) {
            if (cache_.size() >= limits_.max_cached) cache_.clear();
            cache_[*pending.cache_key] = {
                *result, parts_.outside.now() + result->refresh_after.value_or(kCachedFor)};
        }
    } else {
        ++(result.error().kind == Refusal::Kind::busy ? stats_.busy : stats_.refused);
    }
    const auto answer = std::move(pending.answer);
    if (!result) return say_no(pending.entry->record.name(), fail(result.error()), answer);
    answer(std::move(result));
}

std::optional<Instant> AuthorizerSet::on_time(Instant now) {
    while (!pending_.empty() && (pending_.front()->done || pending_.front()->deadline <= now)) {
        const auto pending = std::move(pending_.front());
        pending_.pop_front();
        if (pending->done) continue;
        ++stats_.timed_out;
        finish(*pending, refuse("the authorizer did not answer in time"));
    }
    if (pending_.empty()) return std::nullopt;
    return pending_.front()->deadline;
}

}  // namespace helio::bridge::identity::authorizers
