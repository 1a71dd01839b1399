// All custom authorizers: those of the configuration and those that the API makes, which of them is
// the default, and the calls that are on their way.
//
// A token's signature is checked before an authorizer hears of it.  Each authorizer has so many
// calls at most on their way, and each call ends after five seconds, whatever the authorizer does.
#pragma once

#include "base/store/store.h"
#include "bridge/identity/authorizers/custom_authorizer.h"
#include "bridge/identity/authorizers/document_cache.h"
#include "bridge/identity/authorizers/outside.h"
#include "bridge/identity/proto/authorizer.pb.h"
#include "crypto/digest.h"
#include "crypto/jwt/key.h"

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace helio::bridge::payload {
class CodecClient;
}

namespace helio::bridge::identity::authorizers {

inline constexpr store::TableSpec kAuthorizerTable{
    100, "authorizers", store::PartitionedBy::global};

struct AuthorizerError {
    enum class Kind : std::uint8_t { invalid, exists, not_found, conflict, too_many };
    Kind kind;
    std::string message;  // a sentence for a person
};

class AuthorizerSet {
  public:
    struct Limits {
        std::size_t max_authorizers = 100;
        std::size_t max_running = 500;  // calls of one authorizer
        Duration max_time = std::chrono::seconds(5);
        std::size_t max_cached = 10'000;  // answers to HTTP requests
    };
    struct Stats {
        std::uint64_t granted = 0;
        std::uint64_t refused = 0;  // by the authorizer, or because its answer is wrong
        std::uint64_t bad_signatures = 0;
        std::uint64_t timed_out = 0;
        std::uint64_t busy = 0;
        std::uint64_t unknown = 0;  // no authorizer of the name, or an inactive one
        std::uint64_t cached = 0;   // HTTP requests that were let in without a call
    };
    // What is needed to make authorizers.
    struct Parts {
        Outside& outside;
        payload::CodecClient& scripts;
        AnswerRules rules;
        // The text of NAME.js; the error is a sentence.
        std::function<Result<std::string, std::string>(const std::string& name)> script;
    };

    AuthorizerSet(store::Store& store, Parts parts);
    AuthorizerSet(store::Store& store, Parts parts, Limits limits);
    AuthorizerSet(const AuthorizerSet&) = delete;
    AuthorizerSet& operator=(const AuthorizerSet&) = delete;

    // Of the configuration: the API shows it and cannot change it.  Throws std::runtime_error with
    // one sentence where a signing key is none.
    void add_configured(proto::Authorizer record, std::shared_ptr<CustomAuthorizer> authorizer);

    using Changed = Result<store::Position, AuthorizerError>;
    Changed create(proto::Authorizer record, Instant now);
    // Replaces it, its time of creation and its being the default apart.
    Changed update(proto::Authorizer record, Instant now);
    Changed remove(const std::string& name);
    Changed set_default(const std::string& name, Instant now);
    Changed clear_default();

    const proto::Authorizer* find(std::string_view name) const;
    const proto::Authorizer* default_one() const;        // null without
    std::vector<const proto::Authorizer*> list() const;  // by name
    bool is_configured(std::string_view name) const;

    // `request` needs no token yet: it is read under the authorizer's token key, and the signature
    // from where it is passed.
    void invoke(std::string_view name,
                AuthorizerRequest request,
                Instant now,
                CustomAuthorizer::Answer answer);

    // Ends what takes too long; when to call again.
    std::optional<Instant> on_time(Instant now);

    Instant now() const { return parts_.outside.now(); }
    std::size_t running() const { return running_; }
    const Stats& stats() const { return stats_; }
    // For the log: whom an authorizer, or the lack of one, kept out, and why.
    using OnRefusal = std::function<void(const std::string& name, const Refusal&)>;
    void on_refusal(OnRefusal callback) { on_refusal_ = std::move(callback); }

  private:
    struct Entry {
        proto::Authorizer record;
        bool configured = false;
        std::shared_ptr<CustomAuthorizer> authorizer;
        std::vector<crypto::jwt::Key> signing_keys;
        std::size_t running = 0;
    };
    using EntryPtr = std::shared_ptr<Entry>;
    struct Pending {
        Instant deadline;
        EntryPtr entry;
        CustomAuthorizer::Answer answer;
        std::optional<crypto::Sha256> cache_key;
        bool done = false;
    };
    struct Cached {
        Granted granted;
        Instant until;
    };

    Result<EntryPtr, AuthorizerError> make(proto::Authorizer record) const;
    Result<std::shared_ptr<CustomAuthorizer>, AuthorizerError> make_authorizer(
        const std::string& function) const;
    EntryPtr find_entry(std::string_view name) const;
    bool check_signature(const Entry& entry, AuthorizerRequest& request) const;
    std::optional<crypto::Sha256> cache_key(const Entry& entry,
                                            const AuthorizerRequest& request) const;
    void say_no(std::string_view name,
                tl::unexpected<Refusal> refusal,
                const CustomAuthorizer::Answer& answer) const;
    void finish(Pending& pending, Authorized result);

    store::Store& store_;
    Parts parts_;
    Limits limits_;
    Stats stats_;
    OnRefusal on_refusal_;
    std::map<std::string, EntryPtr, std::less<>> entries_;
    std::deque<std::shared_ptr<Pending>> pending_;  // by their deadlines
    std::map<crypto::Sha256, Cached> cache_;
    std::size_t running_ = 0;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // late answers look for us
};

}  // namespace helio::bridge::identity::authorizers
