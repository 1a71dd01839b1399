// The whole network server behind five verbs.  Pure: inputs with the time go in, effects come out in
// the Outbox; no socket, no thread, no clock.  State is changed through the Store only, and an effect
// may leave the server when the commit at its position is durable.
#pragma once

#include "base/store/store.h"
#include "base/time.h"
#include "lns/proto/gateway_messages.h"

#include "lns/proto/event.pb.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace helio::lns {

struct PublishEvent {
    store::Sequence sequence;
    proto::Event event;
};

// Effects of one or more calls, each with the position that must be durable before it leaves.  The
// caller owns it and reuses it.
struct Outbox {
    struct Downlink {
        store::Position position;
        GatewayDownlink downlink;
    };
    struct Publish {
        store::Position position;
        PublishEvent publish;
    };
    std::vector<Downlink> send_downlink;
    std::vector<Publish> publish_event;
};

}  // namespace helio::lns
