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
    int trim(Sequence below, Store::EventLogSize keep = {}) {
        int calls = 1;
        for (; store->trim_events(below, keep); ++calls) flush();
        return calls;
    }
    std::string first_event() const { return events().substr(0, events().find(' ')); }
};

}  // namespace

TEST_CASE("the event log is trimmed at its head, some rows a call", "[store]") {
    Fixture f;
    CHECK(f.store->event_log_size().events == 200);
    CHECK(f.trim({151, 0}) == 3);
    CHECK(f.store->event_log_size().events == 50);
    CHECK(f.first_event() == "151.0=150");
    f.flush();
    f.start();
    CHECK(f.store->event_log_size().events == 50);
    CHECK(f.store->event_log_size().bytes == 150);
    CHECK(f.first_event() == "151.0=150");
}

TEST_CASE("the history is kept up to its bound in events and in bytes", "[store]") {
    Fixture f;
    f.trim({201, 0}, {.events = 150, .bytes = 1'000'000});
    CHECK(f.store->event_log_size().events == 150);
    CHECK(f.first_event() == "51.0=50");
    f.trim({201, 0}, {.events = 1000, .bytes = 300});
    CHECK(f.store->event_log_size().events == 100);
    CHECK(f.first_event() == "101.0=100");
    CHECK(f.store->event_log_size().bytes == 300);
}

TEST_CASE("an event that a cursor has not passed is not trimmed", "[store]") {
    Fixture f;
    EventCursor cursor(*f.store, "publish");
    f.trim({201, 0});
    CHECK(f.store->event_log_size().events == 200);
    cursor.advance({120, 0});
    f.trim({201, 0});
    CHECK(f.first_event() == "120.0=119");
}
