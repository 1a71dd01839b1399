#include "bridge/identity/authorizers/key_source.h"

#include "crypto/jwt/strict_json.h"

#include <algorithm>
#include <boost/json/value.hpp>

namespace helio::bridge::identity::authorizers {
namespace {

using namespace std::chrono_literals;

constexpr Duration kOld = 10min;
constexpr Duration kRest = 30s;  // between fetches that tokens ask for
constexpr std::size_t kMaxWaiting = 2000;

std::string text_member(const boost::json::object& object, const char* name) {
    const auto* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

bool is_address(std::string_view url) {
    return url.starts_with("https://") || url.starts_with("http://");
}

}  // namespace

std::shared_ptr<KeySource> KeySource::fixed(std::vector<crypto::jwt::Key> keys) {
    const std::shared_ptr<KeySource> out(new KeySource);
    out->keys_ = std::make_shared<const std::vector<crypto::jwt::Key>>(std::move(keys));
    return out;
}

std::shared_ptr<KeySource> KeySource::at_address(Outside& outside, std::string jwks_url) {
    std::shared_ptr<KeySource> out(new KeySource);
    out->outside_ = &outside;
    out->url_ = std::move(jwks_url);
    return out;
}

std::shared_ptr<KeySource> KeySource::of_issuer(Outside& outside, std::string issuer) {
    std::shared_ptr<KeySource> out(new KeySource);
    out->outside_ = &outside;
    out->issuer_ = std::move(issuer);
    return out;
}

bool KeySource::has(std::string_view key_id) const {
    if (!keys_) return false;
    return key_id.empty() || std::ranges::any_of(*keys_, [&](const crypto::jwt::Key& key) {
               return key.id().empty() || key.id() == key_id;
           });
}

void KeySource::keys(std::string_view key_id, Instant now, Done done) {
    if (outside_ == nullptr) return done(keys_);
    const bool known = has(key_id);
    const bool is_time = now >= fetch_again_;
    if (is_time && !fetching_ && (!known || now - fetched_at_ >= kOld)) fetch(now);
    if (known || !fetching_ || waiting_.size() >= kMaxWaiting) return done(keys_);
    waiting_.push_back(std::move(done));
}

void KeySource::fetch(Instant now) {
    fetching_ = true;
    fetch_again_ = now + kRest;
    ++stats_.fetches;
    if (url_.empty()) {
        discover();
    } else {
        fetch_keys();
    }
}

void KeySource::get(const std::string& url, void (KeySource::*then)(const HttpReply&)) {
    const bool taken = outside_->send({.url = url, .headers = {{"Accept", "application/json"}}},
                                      [weak = weak_from_this(), then](const HttpReply& reply) {
                                          if (const auto self = weak.lock()) ((*self).*then)(reply);
                                      });
    if (!taken) finish("too many requests wait to be sent");
}

void KeySource::discover() {
    std::string url = issuer_;
    if (url.ends_with('/')) url.pop_back();
    get(url + "/.well-known/openid-configuration", &KeySource::on_configuration);
}

// OpenID Connect Discovery 1.0 §4.3: the issuer must be the very same text.
void KeySource::on_configuration(const HttpReply& reply) {
    if (reply.status != 200) {
        return finish("its configuration was answered with " +
                      (reply.status == 0 ? reply.error : std::to_string(reply.status)));
    }
    const auto object = crypto::jwt::parse_strict_object(reply.body);
    if (!object) return finish("its configuration is no JSON object");
    if (text_member(*object, "issuer") != issuer_) {
        return finish("its configuration is of another issuer");
    }
    const std::string url = text_member(*object, "jwks_uri");
    if (!is_address(url) || (issuer_.starts_with("https://") && !url.starts_with("https://"))) {
        return finish("its configuration has no jwks_uri that can be used");
    }
    url_ = url;
    fetch_keys();
}

void KeySource::fetch_keys() { get(url_, &KeySource::on_keys); }

void KeySource::on_keys(const HttpReply& reply) {
    if (reply.status != 200) {
        return finish("its keys were answered with " +
                      (reply.status == 0 ? reply.error : std::to_string(reply.status)));
    }
    auto keys = crypto::jwt::parse_keys(reply.body);
    if (!keys) return finish("of its keys " + std::string(sentence(keys.error())));
    // Who fetches secrets from an address lets that address make tokens for everybody who reads it.
    std::erase_if(*keys,
                  [](const auto& key) { return key.kind() == crypto::jwt::KeyKind::secret; });
    keys_ = std::make_shared<const std::vector<crypto::jwt::Key>>(*std::move(keys));
    fetched_at_ = outside_->now();
    finish({});
}

void KeySource::finish(std::string error) {
    fetching_ = false;
    if (!error.empty()) {
        ++stats_.failed;
        if (!issuer_.empty()) url_.clear();  // the issuer may have moved its keys
    }
    last_error_ = std::move(error);
    for (const Done& done : std::exchange(waiting_, {})) done(keys_);
}

}  // namespace helio::bridge::identity::authorizers
