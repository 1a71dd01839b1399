// What applications are told of a frame, from what gateways reported of it.
#pragma once

#include "lns/frame/data_frame.h"
#include "lns/proto/event.pb.h"
#include "lns/uplink/uplink_set.h"

namespace helio::lns {

void to_proto(const Modulation& modulation, proto::Modulation& out);
void to_proto(const Copy& copy, proto::Reception& out);

// When the device had finished sending: by GPS where a gateway has it, by a gateway's clock where
// it is near ours, by our own otherwise.
Instant time_of(const UplinkSet& set);
GpsTime gps_time_of(const UplinkSet& set);

// The head of every event, with an id that is made of the frame and the moment.
void begin_event(Eui64 dev_eui, Instant at, std::uint64_t salt, proto::Event& event);
// A number that stands for the frame and the moment it was heard.
std::uint64_t salt_of(const UplinkSet& set);

proto::Event log_event(Eui64 dev_eui,
                       Instant at,
                       proto::LogEvent::Level level,
                       std::string_view code,
                       std::string_view description);

}  // namespace helio::lns
