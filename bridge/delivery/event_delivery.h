// From an event that is durable to messages: decode the payload, write the JSON, publish it on the
// application's topic, and hand the AWS form to the destination's rule or topic.
//
//   PublishEvent --> [codec host, where the profile has a codec] --> JSON --> EventSink
//
// How far events were handed on is kept by a cursor, stored some time later: after a crash those
// behind it are handed on again.  At least once, never none.
#pragma once

#include "base/store/event_cursor.h"
#include "base/store/store.h"
#include "bridge/delivery/device_directory.h"
#include "bridge/payload/codec_client.h"
#include "lns/network_server.h"

#include <deque>

namespace helio::bridge::delivery {

// Where messages go: the broker and the rules.
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void publish(std::string_view topic, std::string_view payload) = 0;
    virtual bool has_rule(std::string_view name) const = 0;
    virtual void run_rule(std::string_view name,
                          std::string_view topic,
                          std::string_view payload) = 0;
};

class EventDelivery {
  public:
    struct Stats {
        std::uint64_t events = 0;
        std::uint64_t events_again = 0;        // after a start, because they may not have been
        std::uint64_t of_unknown_devices = 0;  // deleted meanwhile
        std::uint64_t without_object = 0;      // the codec failed
        std::uint64_t without_rule = 0;        // the destination names one that is not there
        std::uint64_t corrupt = 0;
    };

    EventDelivery(store::Store& store,
                  const lns::Registry& registry,
                  payload::CodecClient& codecs,
                  EventSink& sink);

    // Once at start: hands on what a crash may have kept back.
    void recover(Instant now);

    // The event is durable.  In the order of the log.
    void on_event(const lns::PublishEvent& event, Instant now);

    // A log event that is about delivery itself, so that it is in no log: published at once.
    void publish_log(Eui64 dev_eui,
                     lns::proto::LogEvent::Level level,
                     std::string_view code,
                     std::string_view description,
                     Instant now);

    DeviceDirectory& directory() { return directory_; }
    const Stats& stats() const { return stats_; }

  private:
    struct Waiting {
        store::Sequence sequence;
        bool done;
    };

    void hand_on(const lns::proto::Event& event,
                 const DeviceEntry& device,
                 std::string_view object);
    void decode(const lns::PublishEvent& event, const DeviceEntry& device, Instant now);
    void tell_owner(Eui64 dev_eui,
                    const Result<payload::Decoded, payload::CodecError>& result,
                    Instant now);
    void finish(store::Sequence sequence);

    store::Store& store_;
    payload::CodecClient& codecs_;
    EventSink& sink_;
    DeviceDirectory directory_;
    store::EventCursor cursor_;
    std::deque<Waiting> waiting_;  // bounded by the codec client's queue
    struct Text {
        std::string topic;
        std::string payload;
        std::string aws_payload;
    };
    Text text_;  // reused, so that an event does not allocate
    Stats stats_;
};

}  // namespace helio::bridge::delivery
