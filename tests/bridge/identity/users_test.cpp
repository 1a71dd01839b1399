#include "bridge/identity/users.h"

#include "base/base64.h"
#include "base/store/memory_log.h"
#include "tests/support/catch.h"

namespace helio::bridge::identity {
namespace {

using Kind = UserError::Kind;

// A thread pool that the test drives.
struct Threads final : authorizers::Outside {
    bool send(authorizers::HttpCall, std::function<void(authorizers::HttpReply)>) override {
        return false;
    }
    bool run(std::function<void()> work, std::function<void()> done) override {
        jobs.emplace_back(std::move(work), std::move(done));
        return true;
    }
    Instant now() override { return from_unix_us(1'700'000'000'000'000); }
    void finish_all() {
        while (!jobs.empty()) {
            auto [work, done] = std::move(jobs.front());
            jobs.pop_front();
            ++hashed;
            work();
            done();
        }
    }
    std::deque<std::pair<std::function<void()>, std::function<void()>>> jobs;
    int hashed = 0;
};

Credentials login(std::string_view name, std::string_view password) {
    return {.user_name = std::string(name), .password = Bytes(password.begin(), password.end())};
}

struct Fixture {
    store::MemoryLog log;
    store::Store store{std::array{kUserTable}, log};
    Threads threads;
    Users users{store, threads, crypto::seeded_random(1), {.max_running = 2, .max_waiting = 3}};
    std::vector<std::string> lapsed;

    std::optional<UserError::Kind> add(const std::string& name, const std::string& password) {
        return change(&Users::add, name, password);
    }
    std::optional<UserError::Kind> change(void (Users::*what)(const std::string&,
                                                              const std::string&,
                                                              Users::Done),
                                          const std::string& name,
                                          const std::string& password) {
        std::optional<Users::Changed> out;
        (users.*what)(name, password, [&](Users::Changed result) { out = std::move(result); });
        threads.finish_all();
        REQUIRE(out);
        return *out ? std::nullopt : std::optional(out->error().kind);
    }
    Identified knock(const Credentials& shown) {
        REQUIRE(users.is_for(shown));
        std::optional<Identified> out;
        users.check(shown, threads.now(), [&](Identified who, Instant) { out = std::move(who); });
        threads.finish_all();
        REQUIRE(out);
        return *std::move(out);
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "a user comes in with the right password only, and hashes are kept, not passwords",
                 "[users]") {
    CHECK_FALSE(users.is_for(login("ann", "secret")));  // there are no users yet
    REQUIRE_FALSE(add("ann", "secret-word"));
    const auto who = knock(login("ann", "secret-word"));
    REQUIRE(who);
    CHECK((*who)->kind() == PrincipalKind::user);
    CHECK((*who)->name() == "ann");
    CHECK_FALSE(knock(login("ann", "wrong")));
    CHECK_FALSE(knock(login("ann", "")));
    CHECK_FALSE(knock({.user_name = "ann"}));
    CHECK(knock(login("ann?SDK=Python&Platform=x", "secret-word")));
    CHECK(users.find("ann")->SerializeAsString().find("secret-word") == std::string::npos);
}

TEST_CASE_METHOD(Fixture,
                 "an unknown user costs the same work and gets the same answer as a wrong password",
                 "[users]") {
    REQUIRE_FALSE(add("ann", "secret"));
    threads.hashed = 0;
    const auto wrong = knock(login("ann", "wrong"));
    CHECK(threads.hashed == 1);
    const auto unknown = knock(login("bob", "wrong"));
    CHECK(threads.hashed == 2);
    CHECK(wrong.error().kind == unknown.error().kind);
    CHECK(wrong.error().why == unknown.error().why);
    CHECK_FALSE(knock(login("", "")));
    CHECK_FALSE(knock(login(std::string("a\0b", 3), "x")));
    CHECK_FALSE(knock(login(std::string(70'000, 'a'), "x")));
}

TEST_CASE_METHOD(Fixture,
                 "a password that was right is not hashed again, until it is changed",
                 "[users]") {
    REQUIRE_FALSE(add("ann", "secret"));
    REQUIRE(knock(login("ann", "secret")));
    threads.hashed = 0;
    CHECK(knock(login("ann", "secret")));
    CHECK(threads.hashed == 0);
    CHECK(users.stats().remembered == 1);

    users.on_lapse([this](const std::string& name) { lapsed.push_back(name); });
    REQUIRE_FALSE(change(&Users::set_password, "ann", "another"));
    CHECK(lapsed == std::vector<std::string>{"ann"});
    CHECK_FALSE(knock(login("ann", "secret")));
    CHECK(knock(login("ann", "another")));
    REQUIRE(users.remove("ann"));
    CHECK(lapsed.size() == 2);
    REQUIRE_FALSE(add("bob", "x"));
    CHECK_FALSE(knock(login("ann", "another")));
}

TEST_CASE_METHOD(Fixture,
                 "a password that is changed while it is checked lets nobody in",
                 "[users]") {
    REQUIRE_FALSE(add("ann", "secret"));
    std::optional<Identified> out;
    users.check(login("ann", "secret"), threads.now(), [&](Identified who, Instant) {
        out = std::move(who);
    });
    REQUIRE(users.remove("ann"));
    threads.finish_all();
    CHECK_FALSE(out.value());
}

TEST_CASE_METHOD(Fixture, "so many passwords wait at most, a few are hashed at a time", "[users]") {
    REQUIRE_FALSE(add("ann", "secret"));
    std::vector<Identified> answers;
    for (int i = 0; i < 10; ++i) {
        users.check(login("ann", "guess" + std::to_string(i)),
                    threads.now(),
                    [&](Identified who, Instant) { answers.push_back(std::move(who)); });
    }
    CHECK(threads.jobs.size() == 2);
    REQUIRE(answers.size() == 5);
    CHECK(answers[0].error().kind == Refusal::Kind::busy);
    CHECK(users.stats().busy == 5);
    threads.finish_all();
    CHECK(answers.size() == 10);
    CHECK(users.stats().refused == 5);
}

TEST_CASE_METHOD(Fixture, "users are made once, changed where they are, and kept", "[users]") {
    CHECK(add("", "x") == Kind::invalid);
    CHECK(add("a b", "x") == Kind::invalid);
    CHECK(add("a/b", "x") == Kind::invalid);
    CHECK(add("ann", "") == Kind::invalid);
    CHECK(add("ann", std::string(1025, 'x')) == Kind::invalid);
    CHECK_FALSE(add("ann", std::string(1024, 'x')));
    CHECK(add("ann", "x") == Kind::exists);
    CHECK(change(&Users::set_password, "bob", "x") == Kind::not_found);
    CHECK(users.remove("bob").error().kind == Kind::not_found);
    REQUIRE_FALSE(add("bob", "x"));
    CHECK(users.list("", 1).at(0).name() == "ann");
    CHECK(users.list("ann", 5).at(0).name() == "bob");
    store.flush(threads.now());
    store::Store again(std::array{kUserTable}, log);
    const Users reopened(again, threads, crypto::seeded_random(2));
    CHECK(reopened.find("bob"));
    CHECK(reopened.is_for(login("x", "y")));
}

TEST_CASE_METHOD(Fixture, "HTTP requests show a user by Basic authentication", "[users]") {
    REQUIRE_FALSE(add("ann", "se:cret"));
    const auto request = [](std::string value) {
        return Credentials{.way = Way::http,
                           .http = std::make_shared<net::HttpRequest>(
                               net::HttpRequest{.method = "POST",
                                                .target = "/topics/a",
                                                .headers = {{"Authorization", std::move(value)}}})};
    };
    CHECK(knock(request("Basic " + to_base64(bytes_of("ann:se:cret")))));
    CHECK_FALSE(knock(request("Basic " + to_base64(bytes_of("ann:wrong")))));
    CHECK_FALSE(users.is_for(request("Basic " + to_base64(bytes_of("ann")))));
    CHECK_FALSE(users.is_for(request("Basic !")));
    CHECK_FALSE(users.is_for(request("Bearer x")));
}

TEST_CASE_METHOD(Fixture,
                 "names that are not known are passed on where somebody else serves them",
                 "[users]") {
    REQUIRE_FALSE(add("ann", "x"));
    users.pass_unknown_names_where([] { return true; });
    CHECK(users.is_for(login("ann", "x")));
    CHECK_FALSE(users.is_for(login("bob", "x")));
}

}  // namespace helio::bridge::identity
