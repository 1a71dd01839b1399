#include "tools/heliograph/custom_authorizers.h"

#include "bridge/identity/authorizers/http_authorizer.h"
#include "bridge/identity/authorizers/jwt_authorizer.h"
#include "bridge/identity/authorizers/script_authorizer.h"
#include "bridge/policy/document.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace helio::server {
namespace {

using namespace bridge::identity::authorizers;

constexpr std::chrono::seconds kMinAfterOfAws{300};
constexpr std::size_t kMaxScript = 256u << 10;

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) return std::nullopt;
    return std::move(text).str();
}

std::string setting_file(const AuthorizerSettings& settings,
                         std::string_view key,
                         const std::string& path) {
    auto text = read_file(path);
    if (!text) {
        throw std::runtime_error("authorizer." + settings.name + "." + std::string(key) + ": \"" +
                                 path + "\" cannot be read");
    }
    return *std::move(text);
}

AuthorizerSet::Parts parts(LoopOutside& outside,
                           bridge::payload::CodecClient& scripts,
                           AnswerRules rules,
                           const std::filesystem::path& data) {
    return {.outside = outside,
            .scripts = scripts,
            .rules = rules,
            .script = [folder = data / "authorizers"](
                          const std::string& name) -> Result<std::string, std::string> {
                auto text = read_file(folder / (name + ".js"));
                if (!text || text->size() > kMaxScript) {
                    return fail("There is no script authorizers/" + name +
                                ".js of at most 262144 bytes in the data folder.");
                }
                return *std::move(text);
            }};
}

// Scripts that hang are killed soon, so that few of them cannot fill the time of all.
bridge::payload::CodecLimits script_limits() {
    bridge::payload::CodecLimits limits;
    limits.max_waiting = 2000;
    limits.max_batch = 16;
    return limits;
}

bool is_file(std::string_view policy) {
    return policy.find('/') != std::string_view::npos || policy.ends_with(".json");
}

}  // namespace

CustomAuthorizers::CustomAuthorizers(io::Loop& loop,
                                     store::Store& store,
                                     const std::vector<AuthorizerSettings>& settings,
                                     const std::filesystem::path& data,
                                     Host host,
                                     bool strict,
                                     crypto::Random random,
                                     log::Log& log)
    : outside_(loop),
      host_(loop, std::move(host.program), std::move(host.arguments), log, script_limits()),
      documents_([](std::string_view text) { return bridge::policy::parse_document(text); }),
      rules_{&documents_, strict ? kMinAfterOfAws : std::chrono::seconds(1)},
      set_(store, parts(outside_, host_.client(), rules_, data)),
      grants_(set_,
              [this](const auto& principals, Instant now) {
                  broker_->kick_if(
                      [&](const bridge::mqtt::Identity* who, std::string_view) {
                          return std::ranges::find(principals, who) != principals.end();
                      },
                      {.reason = bridge::mqtt::ReasonCode::maximum_connect_time,
                       .why = bridge::mqtt::EndReason::authorization_expired},
                      now);
              }),
      named_(CustomChecker::Serves::clients_that_name_one, set_, grants_, random),
      rest_(CustomChecker::Serves::the_rest, set_, grants_, random) {
    set_.on_refusal([&log](const std::string& name, const bridge::identity::Refusal& refusal) {
        log.sampled(log::Level::warning,
                    "a custom authorizer lets somebody not in",
                    {{"authorizer", name}, {"why", refusal.why}});
    });
    for (const AuthorizerSettings& one : settings) add(one);
}

void CustomAuthorizers::add(const AuthorizerSettings& settings) {
    bridge::identity::proto::Authorizer record;
    record.set_name(settings.name);
    record.set_token_key_name(settings.token_key);
    record.set_signing_disabled(settings.signature_key_file.empty());
    record.set_is_default(settings.is_default);
    record.set_function_arn(!settings.url.empty()    ? settings.url
                            : !settings.file.empty() ? "file:" + settings.file
                                                     : "jwt:" + settings.issuer);
    if (!settings.signature_key_file.empty()) {
        (*record.mutable_token_signing_public_keys())["settings"] =
            setting_file(settings, "signature_key_file", settings.signature_key_file);
    }
    set_.add_configured(std::move(record), make(settings));
}

std::shared_ptr<CustomAuthorizer> CustomAuthorizers::make(const AuthorizerSettings& settings) {
    switch (settings.type) {
        case AuthorizerSettings::Type::jwt:
            return make_jwt(settings);
        case AuthorizerSettings::Type::http:
            return std::make_shared<HttpAuthorizer>(settings.url, rules_, outside_);
        case AuthorizerSettings::Type::javascript:
            break;
    }
    return std::make_shared<ScriptAuthorizer>(
        setting_file(settings, "file", settings.file), rules_, host_.client());
}

std::shared_ptr<CustomAuthorizer> CustomAuthorizers::make_jwt(const AuthorizerSettings& settings) {
    std::shared_ptr<KeySource> keys;
    if (!settings.key_file.empty()) {
        auto read = crypto::jwt::parse_keys(setting_file(settings, "key_file", settings.key_file));
        if (!read) {
            throw std::runtime_error("authorizer." + settings.name + ".key_file: of \"" +
                                     settings.key_file + "\" " +
                                     std::string(sentence(read.error())));
        }
        keys = KeySource::fixed(*std::move(read));
    } else if (!settings.jwks_url.empty()) {
        keys = KeySource::at_address(outside_, settings.jwks_url);
    } else {
        keys = KeySource::of_issuer(outside_, settings.issuer);
    }
    JwtPolicy policy{.stored = settings.policy, .find = [this, name = settings.policy]() {
                         return stored_ ? stored_(name) : nullptr;
                     }};
    if (is_file(settings.policy)) {
        const auto document =
            bridge::policy::parse_document(setting_file(settings, "policy", settings.policy));
        if (!document) {
            throw std::runtime_error("authorizer." + settings.name + ".policy: \"" +
                                     settings.policy + "\" is no policy: " + document.error());
        }
        policy = {.stored = "", .find = [document = *document] { return document; }};
    }
    return std::make_shared<JwtAuthorizer>(
        std::move(keys),
        crypto::jwt::Expectation{.issuer = settings.issuer, .audience = settings.audience},
        std::move(policy),
        outside_);
}

std::optional<Instant> CustomAuthorizers::on_turn_end(Instant now) {
    std::optional<Instant> next;
    for (const auto& at : {set_.on_time(now), grants_.on_time(now), host_.client().on_time(now)}) {
        if (at && (!next || *at < *next)) next = at;
    }
    host_.client().flush(now);
    return next;
}

}  // namespace helio::server
