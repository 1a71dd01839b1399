#include "base/io/child_process.h"

#include "tests/base/io/stream_fixture.h"
#include "tests/support/catch.h"

#include <csignal>

using namespace helio;
using namespace helio::io;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Exit {
    std::optional<std::pair<std::int64_t, int>> seen;
    ChildProcess::OnExit callback() {
        return [this](std::int64_t status, int signal) { seen = {status, signal}; };
    }
};

}  // namespace

TEST_CASE("a child reads what is written and its output is heard", "[io][child]") {
    Loop loop;
    Exit exit;
    End end;
    ChildProcess child(loop, "/bin/cat", {}, exit.callback());
    child.channel().set_handler(end);
    const std::string big(1'000'000, 'x');
    child.channel().write(big);
    REQUIRE(loop.run_until([&] { return end.heard.size() == big.size(); }));
    CHECK(end.heard == big);
    CHECK_FALSE(exit.seen);
    child.channel().shutdown();  // end of input: cat ends
    REQUIRE(loop.run_until([&] { return exit.seen.has_value(); }));
    CHECK(exit.seen == std::pair<std::int64_t, int>{0, 0});
}

TEST_CASE("the exit status of a child and the signal that ended it are told", "[io][child]") {
    Loop loop;
    Exit exit;
    SECTION("by itself") {
        ChildProcess child(loop, "/bin/sh", {"-c", "exit 7"}, exit.callback());
        REQUIRE(loop.run_until([&] { return exit.seen.has_value(); }));
        CHECK(exit.seen == std::pair<std::int64_t, int>{7, 0});
    }
    SECTION("killed") {
        ChildProcess child(loop, "/bin/cat", {}, exit.callback());
        child.kill();
        REQUIRE(loop.run_until([&] { return exit.seen.has_value(); }));
        CHECK(exit.seen == std::pair<std::int64_t, int>{0, SIGKILL});
    }
}

TEST_CASE("a child that dies closes its channel", "[io][child]") {
    Loop loop;
    Exit exit;
    End end;
    ChildProcess child(loop, "/bin/cat", {}, exit.callback());
    child.channel().set_handler(end);
    child.kill();
    REQUIRE(loop.run_until([&] { return exit.seen && end.closed; }));
}

TEST_CASE("a child does not outlive its object", "[io][child]") {
    Loop loop;
    int pid = 0;
    {
        ChildProcess child(loop, "/bin/cat", {}, [](std::int64_t, int) { FAIL("nobody asks"); });
        pid = child.pid();
        REQUIRE(kill(pid, 0) == 0);
    }
    CHECK(loop.run_until([&] { return kill(pid, 0) != 0; }));
}

TEST_CASE("a program that is not there is one sentence", "[io][child]") {
    Loop loop;
    CHECK_THROWS_WITH(ChildProcess(loop, "/no/such/program", {}, {}),
                      ContainsSubstring("/no/such/program cannot be started"));
}
