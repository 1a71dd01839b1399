// An API on a store in memory, with a signing client and parts that are played: a test reads as
// calls and answers.
#pragma once

#include "base/store/memory_log.h"
#include "base/store/store.h"
#include "bridge/api/api.h"
#include "bridge/registry/tables.h"
#include "bridge/rules/proto/rule.pb.h"
#include "crypto/sigv4.h"
#include "lns/device/registry.h"
#include "lns/device/tables.h"
#include "tests/support/catch.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <map>

namespace helio::bridge::api::test {

namespace json = boost::json;

// For tests only.
inline const AccessKey kKey{"HELIOTESTONLY0000001", "test-only+secret/0123456789abcdefABCDEF00"};
inline constexpr Instant kNow = from_unix_us(1'769'904'000'000'000);

// Queues only; counters and windows are lns's business.
struct PlayedNetwork final : NetworkServerPort {
    explicit PlayedNetwork(store::Store& s) : store(s) {}

    Result<lns::CommandAnswer, lns::CommandError> command(const lns::DeviceCommand& command,
                                                          Instant now) override {
        using Answer = Result<lns::CommandAnswer, lns::CommandError>;
        if (const auto* enqueue = std::get_if<lns::EnqueueDownlink>(&command)) {
            auto& items = queues[enqueue->dev_eui];
            if (items.size() >= 3) return fail(lns::CommandError::queue_full);
            lns::proto::QueueItem item;
            item.set_message_id(enqueue->message_id);
            item.set_fport(enqueue->fport);
            item.set_data(std::string(text_of(enqueue->data)));
            item.set_confirmed(enqueue->confirmed);
            item.set_enqueued_at_us(to_unix_us(now));
            items.push_back(item);
        } else if (const auto* one = std::get_if<lns::DeleteDownlink>(&command)) {
            if (std::erase_if(queues[one->dev_eui], [&](const auto& item) {
                    return item.message_id() == one->message_id;
                }) == 0) {
                return fail(lns::CommandError::unknown_message);
            }
        } else if (const auto* flush = std::get_if<lns::FlushQueue>(&command)) {
            queues[flush->dev_eui].clear();
        }
        return Answer(lns::CommandAnswer{.position = store.filling()});
    }
    std::vector<lns::proto::QueueItem> queue(Eui64 dev_eui) const override {
        const auto found = queues.find(dev_eui);
        return found == queues.end() ? std::vector<lns::proto::QueueItem>() : found->second;
    }

    std::optional<std::string> explain_adr(Eui64) const override { return std::nullopt; }

    store::Store& store;
    std::map<Eui64, std::vector<lns::proto::QueueItem>> queues;
};

struct PlayedGateways final : GatewayPort {
    std::optional<GatewayLive> live(Eui64 gateway) const override {
        const auto found = lives.find(gateway);
        return found == lives.end() ? std::nullopt : std::optional(found->second);
    }
    std::vector<SeenGateway> seen() const override { return strangers; }

    std::map<Eui64, GatewayLive> lives;
    std::vector<SeenGateway> strangers;
};

struct PlayedBackup final : BackupPort {
    Result<void, std::string> start(std::string_view directory) override {
        if (current.state == BackupState::running) return fail(std::string("A backup is running."));
        current = {.state = BackupState::running, .directory = std::string(directory)};
        return {};
    }
    BackupStatus status() const override { return current; }

    BackupStatus current;
};

// Takes everything for a codec but what says "broken".
struct PlayedCodecs final : CodecPort {
    void check(std::string source, Answer answer) override {
        if (source.find("broken") == std::string::npos) return answer({});
        answer(fail(Problem{.text = "SyntaxError: broken (line 1)"}));
    }
};

// What rules do is the rule engine's business: nothing is carried out here.
struct PlayedEffects final : rules::Publisher, rules::HttpSender, rules::FileSink {
    Result<void, std::string> publish(const rules::Publication&) override { return {}; }
    void send(rules::CallId, const rules::HttpRequest&) override {}
    void append(rules::CallId, const rules::FileAppend&) override {}
};

inline std::vector<store::TableSpec> tables() {
    std::vector<store::TableSpec> all(lns::kTables.begin(), lns::kTables.end());
    all.insert(all.end(), rules::kTables.begin(), rules::kTables.end());
    all.insert(all.end(), registry::kTables.begin(), registry::kTables.end());
    return all;
}

struct Answer {
    int status;
    HttpHeaders headers;
    std::string text;
    store::Position wait_for;

    json::object body() const { return json::parse(text).as_object(); }
    std::string string(const char* name) const { return std::string(body().at(name).as_string()); }
    std::string message() const {
        return string(body().contains("Message") ? "Message" : "message");
    }
    std::string header(std::string_view name) const {
        for (const auto& [key, value] : headers) {
            if (key == name) return value;
        }
        return "";
    }
    std::string error() const { return header("x-amzn-ErrorType"); }
};

class World {
  public:
    store::MemoryLog log;
    store::Store store{tables(), log};
    lns::Registry registry{store};
    PlayedEffects effects;
    rules::RuleEngine rules{store,
                            effects,
                            effects,
                            effects,
                            crypto::seeded_random(8),
                            {.account = "123456789012", .region = "eu-west-1"}};
    KeyRing keys;
    registry::Registry iot{{.store = store,
                            .random = crypto::seeded_random(9),
                            .place = {.region = "eu-west-1"},
                            .issuer = crypto::x509::make_authority(
                                "test CA", kNow, crypto::seeded_random(10))},
                           keys};
    PlayedNetwork network{store};
    PlayedGateways gateways;
    PlayedBackup backup;
    PlayedCodecs codecs;
    Instant now = kNow;
    Api api = make_api();

    Answer call(std::string method,
                std::string target,
                std::string body = "",
                std::string_view service = "iotwireless") {
        return unsigned_call(sign({.method = std::move(method),
                                   .target = std::move(target),
                                   .headers = {{"Host", "127.0.0.1:8080"}},
                                   .body = std::move(body)},
                                  service));
    }
    Answer unsigned_call(const HttpRequest& request) {
        ApiAnswer answer = api.handle(request, now);
        if (answer.later) {
            std::optional<ApiAnswer> late;
            answer.later([&](ApiAnswer one) { late = std::move(one); });
            REQUIRE(late);  // all parts that are played answer at once
            answer = *std::move(late);
        }
        return {answer.status, answer.headers, answer.body, answer.wait_for};
    }
    HttpRequest sign(HttpRequest request, std::string_view service) const {
        namespace sigv4 = crypto::sigv4;
        std::vector<sigv4::Header> headers;
        for (const auto& [name, value] : request.headers) headers.push_back({name, value});
        const auto made = sigv4::sign({.method = request.method,
                                       .path = request.path(),
                                       .query = request.query(),
                                       .headers = headers,
                                       .body = request.body},
                                      {kKey.id, kKey.secret},
                                      "eu-west-1",
                                      service,
                                      now);
        request.headers.emplace_back("X-Amz-Date", made.x_amz_date);
        request.headers.emplace_back("Authorization", made.authorization);
        return request;
    }

    // What most tests begin with.  Each answers the id.
    std::string destination(const std::string& name = "field") {
        const auto answer =
            call("POST",
                 "/destinations",
                 R"({"Name":")" + name + R"(","ExpressionType":"MqttTopic","Expression":"x/y"})");
        REQUIRE(answer.status == 201);
        return name;
    }
    std::string profile() {
        const auto answer = call("POST",
                                 "/device-profiles",
                                 R"({"Name":"p","LoRaWAN":{"MacVersion":"1.0.3",
                                     "RfRegion":"EU868","SupportsJoin":true}})");
        REQUIRE(answer.status == 201);
        return answer.string("Id");
    }
    static std::string otaa_json(const std::string& profile,
                                 const std::string& dev_eui,
                                 const std::string& more = "") {
        return R"({"Type":"LoRaWAN","Name":"d","DestinationName":"field")" + more +
               R"(,"LoRaWAN":{"DevEui":")" + dev_eui + R"(","DeviceProfileId":")" + profile +
               R"(","OtaaV1_0_x":{"AppKey":"000102030405060708090a0b0c0d0e0f",)"
               R"("AppEui":"70b3d57ed0000000"}}})";
    }
    std::string device(const std::string& dev_eui = "0102030405060708") {
        if (!registry.destination("field")) destination();
        const auto answer = call("POST", "/wireless-devices", otaa_json(profile(), dev_eui));
        REQUIRE(answer.status == 201);
        return answer.string("Id");
    }

  private:
    Api make_api() {
        keys.add_administrator(kKey);
        return Api(Context{.store = store,
                           .registry = registry,
                           .rules = rules,
                           .iot = iot,
                           .network = network,
                           .gateways = gateways,
                           .backup = backup,
                           .codecs = codecs,
                           .random = crypto::seeded_random(7),
                           .config = {.region = "eu-west-1", .tls_port = 8443},
                           .metrics = [] { return "helio_up 1\n"; }},
                   keys);
    }
};

}  // namespace helio::bridge::api::test
