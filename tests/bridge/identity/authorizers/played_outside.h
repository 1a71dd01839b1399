// The world as authorizers see it, played: requests wait until the test answers them, the clock is
// the test's.
#pragma once

#include "bridge/identity/authorizers/outside.h"
#include "tests/support/catch.h"

#include <deque>

namespace helio::bridge::identity::authorizers {

struct PlayedOutside final : Outside {
    bool send(HttpCall call, std::function<void(HttpReply)> done) override {
        if (full) return false;
        calls.push_back(std::move(call));
        waiting.push_back(std::move(done));
        return true;
    }
    bool run(std::function<void()> work, std::function<void()> done) override {
        if (full) return false;
        work();
        done();
        return true;
    }
    Instant now() override { return time; }

    void reply(int status, std::string body) {
        REQUIRE_FALSE(waiting.empty());
        const auto done = std::move(waiting.front());
        waiting.pop_front();
        done({.status = status, .error = status == 0 ? body : "", .body = std::move(body)});
    }

    Instant time = from_unix_us(1'700'000'000'000'000);
    bool full = false;
    std::vector<HttpCall> calls;
    std::deque<std::function<void(HttpReply)>> waiting;
};

inline constexpr char kPolicy[] =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})";

}  // namespace helio::bridge::identity::authorizers
