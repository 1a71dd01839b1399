// A rule engine with everything around it played: what it publishes, sends and writes is kept, and
// answers come when the test gives them.
#pragma once

#include "base/store/memory_log.h"
#include "bridge/rules/rule_engine.h"
#include "bridge/rules/rule_json.h"

#include <algorithm>
#include <map>
#include <optional>

namespace helio::test {

using namespace bridge::rules;

inline constexpr Instant kNoon = from_unix_us(1'767'268'800'000'000);

class EngineWorld : Publisher, HttpSender, FileSink {
  public:
    explicit EngineWorld(RuleLimits limits = {}) : limits_(limits) { start(); }

    // As after a restart of the program: what is stored is there again.
    void start() {
        engine_.reset();
        store_.reset();
        store_.emplace(kTables, log_);
        engine_.emplace(*store_,
                        static_cast<Publisher&>(*this),
                        static_cast<HttpSender&>(*this),
                        static_cast<FileSink&>(*this),
                        crypto::seeded_random(1),
                        RuleIdentity{.account = "123456789012", .region = "eu-west-1"},
                        limits_);
    }

    RuleEngine& engine() { return *engine_; }
    void flush() { store_->flush(now); }

    // The body of CreateTopicRule; version 2016-03-23 where it names none.  Empty where it was
    // made, else the error.
    std::string add(std::string_view name, std::string_view payload) {
        auto rule = parse_topic_rule_payload(payload);
        if (!rule) return rule.error().message;
        if (rule->sql_version().empty()) rule->set_sql_version("2016-03-23");
        const auto made = engine_->create(name, *rule, now);
        return made ? "" : made.error().message;
    }
    std::string add(std::string_view name, std::string_view sql, std::string_view actions) {
        return add(
            name,
            R"({"sql":")" + std::string(sql) + R"(","actions":[)" + std::string(actions) + "]}");
    }

    void message(std::string_view topic, std::string_view payload) {
        engine_->on_message({.topic = topic, .payload = bytes_of(payload), .client_id = "c-1"},
                            now);
    }
    void pass(Duration duration) {
        now += duration;
        next_time = engine_->on_time(now);
    }
    // Answers the oldest request that is in flight.
    void answer(int status, std::string error = {}) {
        const CallId call = requests.begin()->first;
        requests.erase(requests.begin());
        engine_->on_http_answer(call, {status, std::move(error)}, now);
    }
    void file_answer(std::string_view error = {}) {
        const CallId call = appends.begin()->first;
        appends.erase(appends.begin());
        engine_->on_file_answer(call, error, now);
    }

    // "topic payload" of everything published so far, and nothing any more.
    std::vector<std::string> take_published() {
        std::vector<std::string> lines;
        for (const Publication& p : publications) {
            lines.push_back(p.topic + " " + std::string(text_of(p.payload)));
        }
        publications.clear();
        return lines;
    }

    Instant now = kNoon;
    std::optional<Instant> next_time;
    std::vector<Publication> publications;
    std::map<CallId, HttpRequest> requests;  // in flight
    std::map<CallId, FileAppend> appends;
    bool loop_back = false;      // what is published comes back as a message at once
    std::string refuse_publish;  // why it is refused

  private:
    Result<void, std::string> publish(const Publication& publication) override {
        if (!refuse_publish.empty()) return fail(refuse_publish);
        publications.push_back(publication);
        if (loop_back) {
            engine_->on_message({.topic = publication.topic,
                                 .payload = publication.payload,
                                 .depth = publication.depth},
                                now);
        }
        return {};
    }
    void send(CallId call, const HttpRequest& request) override { requests.emplace(call, request); }
    void append(CallId call, const FileAppend& append) override { appends.emplace(call, append); }

    RuleLimits limits_;
    store::MemoryLog log_;
    std::optional<store::Store> store_;
    std::optional<RuleEngine> engine_;
};

using Lines = std::vector<std::string>;

}  // namespace helio::test
