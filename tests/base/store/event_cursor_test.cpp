#include "base/store/event_cursor.h"

#include "tests/base/store/store_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::store;

namespace {

// 200 commits of one event each: "0" .. "199" at positions 1 .. 200.
struct Fixture : StoreFixture {
    Fixture() : StoreFixture(MemoryLog::Answers::at_once) {
        for (int i = 0; i < 200; ++i) {
            event(std::to_string(i));
            flush();
        }
    }
};

}  // namespace

TEST_CASE("a cursor is where it was put last and made durable, each by its name", "[store]") {
    StoreFixture f(MemoryLog::Answers::at_once);
    {
        EventCursor delivery(*f.store, "delivery");
        CHECK(delivery.position() == Sequence{});
        delivery.advance({7, 3});
        f.put("a", "1");
        f.flush();
        delivery.advance({9, 0});  // not flushed: the process ends here
    }
    f.start();
    CHECK(EventCursor(*f.store, "delivery").position() == Sequence{7, 3});
    CHECK(EventCursor(*f.store, "other").position() == Sequence{});
}

TEST_CASE("a cursor hands on each durable event once, and after a crash what was not saved",
          "[store]") {
    Fixture f;
    std::string handed;
    const auto hand_on = [&](EventCursor& cursor) {
        handed.clear();
        cursor.hand_on([&](Sequence, ByteView bytes) {
            handed += std::string(text_of(bytes)) + " ";
            return handed.size() < 12;
        });
        return handed;
    };
    {
        EventCursor cursor(*f.store, "publish");
        cursor.advance({196, 1});
        CHECK(hand_on(cursor) == "196 197 198 ");
        CHECK(hand_on(cursor) == "198 199 ");
        CHECK(hand_on(cursor).empty());
        f.event("200");
        CHECK(hand_on(cursor).empty());  // not durable yet
        f.flush();                       // saves the cursor on the way
        CHECK(hand_on(cursor) == "200 ");
    }
    f.start();
    EventCursor cursor(*f.store, "publish");
    CHECK(cursor.position() == Sequence{200, 1});
    CHECK(hand_on(cursor) == "200 ");
}

TEST_CASE("a cursor that moved alone is saved within a second", "[store]") {
    Fixture f;
    {
        EventCursor cursor(*f.store, "publish");
        cursor.advance({7, 1});
        f.flush();
        CHECK(f.store->durable() == 200);
        f.now += std::chrono::seconds(1);
        f.flush();
        CHECK(f.store->durable() == 201);
        f.now += std::chrono::seconds(10);
        f.flush();
        CHECK(f.store->durable() == 201);
        cursor.advance({8, 1});
        CHECK(f.store->close(f.now));
    }
    f.start();
    CHECK(EventCursor(*f.store, "publish").position() == Sequence{8, 1});
}
