// What a policy costs an authorised publish: the whole question as the broker asks it, against an
// authorizer that says yes, which is what a broker without policies would do.
#include "bridge/identity/policy_authorizer.h"

#include <benchmark/benchmark.h>

namespace {

using namespace helio;
using namespace helio::bridge;

class Source final : public identity::PolicySource {
  public:
    explicit Source(std::string_view text) : document_(*policy::parse_document(text)) {}
    std::uint64_t generation() const override { return 1; }
    std::vector<identity::NamedDocument> documents_of(const identity::Principal&) const override {
        return {{"bench", document_}};
    }
    std::optional<identity::ThingFacts> thing_of(const identity::Principal&) const override {
        return identity::ThingFacts{.name = "sensor-0042", .type = "sensor"};
    }

  private:
    policy::DocumentPtr document_;
};

// A device's usual policy: its own topics, and one that nobody may touch.
constexpr std::string_view kPolicy = R"({"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"iot:Connect","Resource":"arn:aws:iot:us-east-1:123456789012:client/${iot:Connection.Thing.ThingName}"},
  {"Effect":"Allow","Action":["iot:Publish","iot:Receive"],"Resource":[
    "arn:aws:iot:us-east-1:123456789012:topic/$aws/things/${iot:Connection.Thing.ThingName}/*",
    "arn:aws:iot:us-east-1:123456789012:topic/fleet/${iot:Connection.Thing.ThingTypeName}/*/state",
    "arn:aws:iot:us-east-1:123456789012:topic/dt/${iot:ClientId}/*"]},
  {"Effect":"Deny","Action":"iot:Publish","Resource":"arn:aws:iot:us-east-1:123456789012:topic/*/secret/*"},
  {"Effect":"Allow","Action":"iot:Subscribe","Resource":"arn:aws:iot:us-east-1:123456789012:topicfilter/dt/*"}]})";

struct Bench {
    Source source{kPolicy};
    identity::PolicyAuthorizer authorizer{
        source, policy::Arns("us-east-1", "123456789012"), [] { return Instant{}; }};
    identity::Principal who{identity::PrincipalKind::certificate, "c0ffee", {}};
};

class Open final : public mqtt::Authorizer {
  public:
    bool may_connect(const mqtt::Identity*, std::string_view) override { return true; }
    bool may_publish(const mqtt::Identity*, std::string_view, std::string_view, bool) override {
        return true;
    }
    bool may_subscribe(const mqtt::Identity*, std::string_view, std::string_view) override {
        return true;
    }
};

constexpr std::string_view kTopics[] = {
    "dt/sensor-0042/temperature",
    "dt/sensor-0042/humidity",
    "fleet/sensor/munich/state",
    "$aws/things/sensor-0042/shadow/update",
    "dt/sensor-0042/battery",
    "dt/sensor-0042/position",
    "dt/sensor-0042/uptime",
    "dt/sensor-0042/signal",
};

// Topics in turn: up to four are remembered, eight are decided anew each time.
void ask(benchmark::State& state, mqtt::Authorizer& authorizer, const mqtt::Identity& who) {
    const auto topics = static_cast<std::size_t>(state.range(0));
    std::size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            authorizer.may_publish(&who, "sensor-0042", kTopics[i++ % topics], false));
    }
}

void publish_open(benchmark::State& state) {
    Bench bench;
    Open open;
    ask(state, open, bench.who);
}
BENCHMARK(publish_open)->Arg(1);

void publish_by_policy(benchmark::State& state) {
    Bench bench;
    ask(state, bench.authorizer, bench.who);
}
BENCHMARK(publish_by_policy)->Arg(1)->Arg(4)->Arg(8);

// What a connection costs: its policies are compiled.
void first_question(benchmark::State& state) {
    Bench bench;
    for (auto _ : state) {
        bench.who.compiled = {};
        benchmark::DoNotOptimize(
            bench.authorizer.may_publish(&bench.who, "sensor-0042", kTopics[0], false));
    }
}
BENCHMARK(first_question);

void parse_document(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(policy::parse_document(kPolicy));
}
BENCHMARK(parse_document);

}  // namespace
