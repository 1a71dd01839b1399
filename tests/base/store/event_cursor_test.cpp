#include "base/store/event_cursor.h"

#include "base/store/memory_log.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::store;

TEST_CASE("a cursor is where it was put last and made durable, each by its name", "[store]") {
    MemoryLog log;
    {
        Store store({}, log);
        EventCursor delivery(store, "delivery");
        CHECK(delivery.position() == Sequence{});
        delivery.advance({7, 3});
        store.flush(Instant{});
        store.poll();
        delivery.advance({9, 0});  // not flushed: the process ends here
    }
    Store store({}, log);
    CHECK(EventCursor(store, "delivery").position() == Sequence{7, 3});
    CHECK(EventCursor(store, "other").position() == Sequence{});
}
