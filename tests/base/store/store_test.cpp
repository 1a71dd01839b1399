#include "tests/base/store/store_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::store;

TEST_CASE("a change is read at once and announced only when its commit is durable", "[store]") {
    StoreFixture f;
    CHECK(f.get("a") == "(none)");
    const Position position = f.put("a", "1");
    CHECK(position == 1);
    CHECK(f.get("a") == "1");
    f.flush();
    CHECK(f.get("a") == "1");
    CHECK(f.durable.empty());
    CHECK(f.log.rows(kThings).empty());
    f.log.step();
    f.store->poll();
    CHECK(f.durable == std::vector<Position>{1});
    CHECK(f.get("a") == "1");
    CHECK(f.log.rows(kThings).size() == 1);
    CHECK(f.store->durable() == 1);
}

TEST_CASE("while a commit is in flight the next one fills and covers it", "[store]") {
    StoreFixture f;
    f.put("a", "1");
    f.put("b", "1");
    f.flush();
    CHECK(f.put("a", "2") == 2);
    f.erase("b");
    CHECK(f.get("a") == "2");
    CHECK(f.get("b") == "(none)");
    f.flush();  // one append is in flight at a time
    f.log.step();
    f.store->poll();
    CHECK(f.durable == std::vector<Position>{1});
    CHECK(f.get("a") == "2");
    CHECK(f.get("b") == "(none)");
    f.make_durable();
    CHECK(f.durable == std::vector<Position>{1, 2});
    CHECK(f.get("b") == "(none)");
    CHECK(f.log.rows(kThings).size() == 1);
}

TEST_CASE("a transaction that is dropped never happened", "[store]") {
    StoreFixture f;
    f.put("a", "1");
    const Sequence first = f.event("kept");
    {
        auto tx = f.store->begin(0);
        tx.put(kThings, bytes_of("a"), bytes_of("2"));
        tx.put(kThings, bytes_of("b"), bytes_of("2"));
        tx.erase(kThings, bytes_of("a"));
        tx.append_event(bytes_of("dropped"));
        CHECK_FALSE(tx.get(kThings, bytes_of("a")));
        CHECK(text_of(*tx.get(kThings, bytes_of("b"))) == "2");
    }
    CHECK(f.get("a") == "1");
    CHECK(f.get("b") == "(none)");
    CHECK(f.scan() == "a=1 ");
    CHECK(f.events() == "1.0=kept ");
    CHECK(f.event("next") == Sequence{first.position, first.index + 1});
    f.put("b", "3");
    f.make_durable();
    CHECK(f.scan() == "a=1 b=3 ");
    CHECK(f.events() == "1.0=kept 1.1=next ");
}

TEST_CASE("a scan merges what is durable, in flight and filling in key order", "[store]") {
    StoreFixture f;
    for (const char* key : {"ka", "kc", "ke", "x"}) f.put(key, "durable");
    f.make_durable();
    for (const char* key : {"kb", "kc"}) f.put(key, "flight");
    f.erase("ke");
    f.flush();
    for (const char* key : {"kb", "kf"}) f.put(key, "fills");
    f.erase("ka");
    CHECK(f.scan("k") == "kb=fills kc=flight kf=fills ");
    CHECK(f.scan("k", "kc") == "kc=flight kf=fills ");
    CHECK(f.scan("k", "kbb") == "kc=flight kf=fills ");
    CHECK(f.scan("", "kf") == "kf=fills x=durable ");
    CHECK(f.scan("kz").empty());
    f.put("ke", "again");
    CHECK(f.scan("ke") == "ke=again ");
}

TEST_CASE("a scan stops where it is told to, and another one may run inside", "[store]") {
    StoreFixture f;
    for (const char* key : {"a", "b", "c"}) f.put(key, "1");
    f.make_durable();
    for (const char* key : {"bb", "d"}) f.put(key, "2");
    std::string seen;
    f.store->scan(kThings, {}, {}, [&](ByteView key, ByteView) {
        seen += text_of(key);
        f.store->scan(kThings, {}, key, [&](ByteView inner, ByteView) {
            seen += text_of(inner);
            return false;
        });
        return seen.size() < 7;
    });
    CHECK(seen == "aabbbbbb");
}

TEST_CASE("tables do not see each other's keys", "[store]") {
    StoreFixture f;
    f.put("a", "1");
    CHECK(f.get("a", kOthers) == "(none)");
    f.make_durable();
    CHECK(f.get("a", kOthers) == "(none)");
}

TEST_CASE("events are numbered by commit and index, and read in order", "[store]") {
    StoreFixture f;
    CHECK(f.event("a") == Sequence{1, 0});
    CHECK(f.event("b") == Sequence{1, 1});
    f.flush();
    CHECK(f.event("c") == Sequence{2, 0});
    CHECK(f.events() == "1.0=a 1.1=b 2.0=c ");
    f.log.step();
    f.store->poll();
    CHECK(f.events() == "1.0=a 1.1=b 2.0=c ");
    CHECK(f.events({1, 1}) == "1.1=b 2.0=c ");
    CHECK(f.events({1, 2}) == "2.0=c ");
    CHECK(text_of(*f.store->event({1, 1})) == "b");
    CHECK_FALSE(f.store->event({1, 2}));
    CHECK(f.store->event_log_size().events == 3);
    CHECK(f.store->event_log_size().bytes == 3);
}

TEST_CASE("a commit of many events is read back whole, whatever the sizes", "[store]") {
    StoreFixture f;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 300; ++i) texts.push_back(std::string(i * 37 % 900, 'x'));
    texts[100] = std::string(100'000, 'y');
    for (const auto& text : texts) f.event(text);
    const auto check = [&] {
        std::size_t i = 0;
        f.store->read_events({}, [&](Sequence at, ByteView bytes) {
            REQUIRE(at == Sequence{1, static_cast<std::uint32_t>(i)});
            REQUIRE(text_of(bytes) == texts[i]);
            ++i;
            return true;
        });
        CHECK(i == texts.size());
        CHECK(text_of(*f.store->event({1, 299})) == texts[299]);
    };
    check();
    f.make_durable();
    check();
}

TEST_CASE("what a log refuses is kept and offered again", "[store]") {
    StoreFixture f;
    f.put("a", "1");
    f.flush();
    f.log.fail("no space left on device");
    f.store->poll();
    CHECK(f.store->stalled());
    CHECK(f.store->trouble() == "no space left on device");
    CHECK(f.durable.empty());
    CHECK(f.get("a") == "1");
    CHECK(f.put("b", "2") == 2);
    f.flush();
    CHECK_FALSE(f.log.in_flight());  // not before its time
    f.now += std::chrono::seconds(1);
    f.flush();
    REQUIRE(f.log.in_flight());
    f.log.step();
    f.store->poll();
    CHECK(f.durable == std::vector<Position>{1});
    CHECK_FALSE(f.store->stalled());
    CHECK(f.store->trouble().empty());
    f.make_durable();
    CHECK(f.scan() == "a=1 b=2 ");
}

TEST_CASE("after an unknown answer nothing is emitted or stored any more", "[store]") {
    const bool stored = GENERATE(false, true);
    StoreFixture f;
    f.put("a", "1");
    f.flush();
    f.log.lose(stored);
    f.store->poll();
    CHECK(f.store->fenced());
    f.put("b", "2");
    f.now += std::chrono::seconds(10);
    f.flush();
    CHECK(f.durable.empty());
    CHECK_FALSE(f.log.in_flight());
    f.start();
    CHECK(f.scan() == (stored ? "a=1 " : ""));
    CHECK_FALSE(f.store->fenced());
}

TEST_CASE("a crash keeps the commit in flight whole or not at all", "[store]") {
    StoreFixture f;
    f.put("a", "1");
    f.make_durable();
    f.put("a", "2");
    f.put("b", "2");
    f.event("e");
    f.flush();
    f.put("c", "3");
    SECTION("before") {
        f.crash(MemoryLog::Crash::before_commit);
        CHECK(f.scan() == "a=1 ");
        CHECK(f.events().empty());
        CHECK(f.store->filling() == 2);
    }
    SECTION("after") {
        f.crash(MemoryLog::Crash::after_commit);
        CHECK(f.scan() == "a=2 b=2 ");
        CHECK(f.events() == "2.0=e ");
        CHECK(f.store->filling() == 3);
        CHECK(f.store->last_commit_time() == f.now);
    }
}

TEST_CASE("a commit without changes answers the newest position that is pending", "[store]") {
    StoreFixture f;
    CHECK(f.store->begin(0).commit() == 0);
    f.put("a", "1");
    CHECK(f.store->begin(0).commit() == 1);
    f.flush();
    CHECK(f.store->begin(0).commit() == 1);
    f.log.step();
    f.store->poll();
    CHECK(f.store->begin(0).commit() == 1);
    CHECK(f.store->durable() == 1);
    f.flush();
    CHECK_FALSE(f.log.in_flight());
}

TEST_CASE("under load a commit is held for more to come, but not for long", "[store]") {
    StoreFixture f(MemoryLog::Answers::at_once);
    f.start({.max_hold = std::chrono::milliseconds(8)});
    const auto flush_after = [&](int us) {
        f.now += Duration(us);
        f.store->flush(f.now);
        return f.store->durable();
    };
    f.put("a", "1");
    CHECK(flush_after(0) == 1);
    CHECK_FALSE(f.store->wake_at());
    f.put("a", "2");
    CHECK(flush_after(40) == 2);  // after one transaction hardly at all
    for (int i = 0; i < 1000; ++i) f.put("b", "1");
    CHECK(flush_after(40) == 3);
    f.put("c", "1");
    CHECK(f.store->wake_at() == f.now + std::chrono::milliseconds(8));
    CHECK(flush_after(7999) == 3);
    CHECK(flush_after(1) == 4);

    for (int i = 0; i < 1000; ++i) f.put("d", "1");
    CHECK(flush_after(1000) == 5);
    f.put("e", "1");
    CHECK(flush_after(-1'000'000) == 6);  // the clock was set back: nothing waits for it

    for (int i = 0; i < 1000; ++i) f.put("f", "1");
    CHECK(flush_after(1000) == 7);
    f.put("g", "1");
    CHECK(f.store->close(f.now));
    CHECK(f.store->durable() == 8);
}

TEST_CASE("a loop knows when to flush again, though nothing happens", "[store]") {
    StoreFixture f;
    CHECK_FALSE(f.store->wake_at());
    f.put("a", "1");
    REQUIRE(f.store->wake_at());
    CHECK(*f.store->wake_at() <= f.now);
    f.flush();
    CHECK_FALSE(f.store->wake_at());
    f.log.fail("no space left on device");
    f.store->poll();
    CHECK(f.store->wake_at() == f.now + std::chrono::milliseconds(250));
}

TEST_CASE("too many pending bytes are an overload until they are durable", "[store]") {
    StoreFixture f;
    f.start({.max_pending_bytes = 1u << 20});
    for (int i = 0; i < 600; ++i) f.put(std::to_string(i), std::string(1000, 'x'));
    CHECK_FALSE(f.store->overloaded());
    f.flush();
    for (int i = 0; i < 600; ++i) f.put(std::to_string(i), std::string(1000, 'x'));
    CHECK(f.store->overloaded());
    f.log.step();
    f.store->poll();
    CHECK_FALSE(f.store->overloaded());
}

TEST_CASE("a key that is empty or too long is an error of the caller", "[store]") {
    StoreFixture f;
    CHECK_THROWS_AS(f.put("", "x"), std::logic_error);
    CHECK_THROWS_AS(f.put(std::string(512, 'k'), "x"), std::logic_error);
    CHECK(f.put(std::string(511, 'k'), "x") == 1);
    CHECK(f.get(std::string(512, 'k')) == "(none)");
}

TEST_CASE("two tables with one number or one name are refused at the start", "[store]") {
    MemoryLog log;
    constexpr TableSpec same_id[] = {{1, "a", PartitionedBy::global},
                                     {1, "b", PartitionedBy::global}};
    constexpr TableSpec same_name[] = {{1, "a", PartitionedBy::global},
                                       {2, "a", PartitionedBy::global}};
    constexpr TableSpec reserved[] = {{0, "a", PartitionedBy::global}};
    CHECK_THROWS_WITH(Store(same_id, log), "store: tables 'a' and 'b' share a number or a name");
    CHECK_THROWS_WITH(Store(same_name, log), "store: tables 'a' and 'a' share a number or a name");
    CHECK_THROWS_WITH(Store(reserved, log),
                      "store: the number of table 'a' is kept for the store itself");
}
