// The keys of a token issuer: a file's, or fetched from a JWKS address, which may itself come from
// OpenID Connect discovery (issuer + "/.well-known/openid-configuration").
//
// Fetched keys are kept; they are fetched again in the background when they get old, and at once
// when a token names a key that is not among them (issuers change keys), but not more often than
// every half a minute, so that invented names cost the issuer nothing.  One fetch is on its way at
// a time. Where a fetch fails, the keys that were good stay good.
#pragma once

#include "bridge/identity/authorizers/outside.h"
#include "crypto/jwt/key.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::identity::authorizers {

using Keys = std::shared_ptr<const std::vector<crypto::jwt::Key>>;

class KeySource : public std::enable_shared_from_this<KeySource> {
  public:
    // Null where there are none.  Before keys() returns or later on the loop thread.
    using Done = std::function<void(Keys)>;

    static std::shared_ptr<KeySource> fixed(std::vector<crypto::jwt::Key> keys);
    static std::shared_ptr<KeySource> at_address(Outside& outside, std::string jwks_url);
    static std::shared_ptr<KeySource> of_issuer(Outside& outside, std::string issuer);

    // `key_id` is empty where the token names none.
    void keys(std::string_view key_id, Instant now, Done done);

    struct Stats {
        std::uint64_t fetches = 0;
        std::uint64_t failed = 0;
    };
    const Stats& stats() const { return stats_; }
    const std::string& last_error() const { return last_error_; }

  private:
    KeySource() = default;

    bool has(std::string_view key_id) const;
    void fetch(Instant now);
    void discover();
    void fetch_keys();
    void on_configuration(const HttpReply& reply);
    void on_keys(const HttpReply& reply);
    void finish(std::string error);
    void get(const std::string& url, void (KeySource::*then)(const HttpReply&));

    Outside* outside_ = nullptr;  // null: fixed
    std::string issuer_;          // where the address is to be discovered
    std::string url_;
    Keys keys_;
    Instant fetched_at_{};   // the last that succeeded
    Instant fetch_again_{};  // not before
    bool fetching_ = false;
    std::vector<Done> waiting_;
    Stats stats_;
    std::string last_error_;
};

}  // namespace helio::bridge::identity::authorizers
