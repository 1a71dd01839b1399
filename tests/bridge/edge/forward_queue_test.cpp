#include "bridge/edge/forward_queue.h"

#include "base/store/memory_log.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::edge;

namespace {

constexpr Instant kNow = from_unix_us(1'700'000'000'000'000);

proto::Queued message(const std::string& payload, std::int64_t expires_at_us = 0) {
    proto::Queued out;
    out.set_topic("t");
    out.set_payload(payload);
    out.set_expires_at_us(expires_at_us);
    return out;
}

struct Fixture {
    store::MemoryLog log;
    store::Store store{std::array{kQueueTable}, log};
    ForwardQueue queue{store, "up", 1000, AtBound::drop_oldest};

    std::string next() {
        const auto item = queue.next(kNow);
        return item ? item->message.payload() : "";
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "messages leave in their order, and stay until they are acknowledged",
                 "[edge]") {
    for (const char* text : {"a", "b", "c"}) REQUIRE(queue.push(message(text)));
    const auto a = queue.next(kNow);
    const auto b = queue.next(kNow);
    REQUIRE(b);
    queue.done(b->sequence);
    CHECK(queue.size() == 2);
    queue.rewind();  // the connection is lost
    CHECK(next() == "a");
    CHECK(next() == "c");
    CHECK(next() == "");
    REQUIRE(queue.push(message("d")));
    queue.done(4);  // not even sent
    CHECK(next() == "");
    queue.done(a->sequence);
    queue.done(a->sequence);  // acknowledged twice
    queue.done(999);
    CHECK(queue.size() == 1);
}

TEST_CASE_METHOD(Fixture,
                 "what a run left is found by the next one, each upstream's apart",
                 "[edge]") {
    ForwardQueue other(store, "up2", 1000, AtBound::drop_oldest);
    REQUIRE(queue.push(message("a")));
    REQUIRE(other.push(message("x")));
    REQUIRE(queue.push(message("b")));
    store.flush(kNow);
    store::Store again(std::array{kQueueTable}, log);
    ForwardQueue reopened(again, "up", 1000, AtBound::drop_oldest);
    CHECK(reopened.size() == 2);
    CHECK(reopened.bytes() == queue.bytes());
    CHECK(reopened.next(kNow)->message.payload() == "a");
    REQUIRE(reopened.push(message("c")));
    CHECK(reopened.next(kNow)->message.payload() == "b");
    CHECK(reopened.next(kNow)->message.payload() == "c");
}

TEST_CASE_METHOD(Fixture,
                 "at the bound the oldest messages give way, but none that is on the wire",
                 "[edge]") {
    const std::string big(150, 'x');
    for (int i = 0; i < 3; ++i) REQUIRE(queue.push(message(std::to_string(i) + big)));
    CHECK(next()[0] == '0');  // on the wire
    for (int i = 3; i < 9; ++i) REQUIRE(queue.push(message(std::to_string(i) + big)));
    CHECK(queue.bytes() <= 1000);
    CHECK(queue.stats().dropped_full == 5);
    CHECK(next()[0] == '6');
    CHECK(next()[0] == '7');
    queue.rewind();
    CHECK(next()[0] == '0');
    CHECK_FALSE(queue.push(message(std::string(2000, 'x'))));
    CHECK(queue.stats().dropped_full == 6);
}

TEST_CASE_METHOD(Fixture, "or the newest, where that is wished for", "[edge]") {
    ForwardQueue newest(store, "n", 300, AtBound::drop_newest);
    REQUIRE(newest.push(message(std::string(150, 'a'))));
    CHECK_FALSE(newest.push(message(std::string(150, 'b'))));
    CHECK(newest.next(kNow)->message.payload()[0] == 'a');
    CHECK(newest.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a message that expired on the way is not sent", "[edge]") {
    REQUIRE(queue.push(message("late", to_unix_us(kNow))));
    REQUIRE(queue.push(message("fresh", to_unix_us(kNow) + 1)));
    CHECK(next() == "fresh");
    CHECK(queue.size() == 1);
    CHECK(queue.stats().dropped_expired == 1);
}

TEST_CASE_METHOD(
    Fixture,
    "behind a message that is never acknowledged, memory does not grow with what passes",
    "[edge]") {
    REQUIRE(queue.push(message("stuck")));
    CHECK(next() == "stuck");
    SECTION("others are acknowledged") {
        for (int i = 0; i < 10'000; ++i) {
            REQUIRE(queue.push(message(std::to_string(i))));
            const auto item = queue.next(kNow);
            REQUIRE(item);
            REQUIRE(item->message.payload() == std::to_string(i));
            queue.done(item->sequence);
        }
        CHECK(queue.size() == 1);
    }
    SECTION("others wait, and the oldest of them give way") {
        for (int i = 0; i < 10'000; ++i) REQUIRE(queue.push(message(std::to_string(i))));
        CHECK(queue.stats().dropped_full == 10'001 - queue.size());
        CHECK(next() == std::to_string(10'001 - queue.size()));
    }
    CHECK(queue.entries() < queue.size() + 2000);
    queue.rewind();
    CHECK(queue.entries() == queue.size());
    CHECK(next() == "stuck");
}
