// One accepted uplink on its way through: the steps of handling it, which share the frame, the
// session and the transaction.  Made for one frame and dropped after it.
#pragma once

#include "lns/adr/adr.h"
#include "lns/downlink/compose.h"
#include "lns/downlink/sender.h"
#include "lns/mac/commands.h"
#include "lns/proto/session.pb.h"
#include "lns/uplink/session_finder.h"

namespace helio::lns {

struct UplinkContext {
    const UplinkSet& set;
    const DataFrame& frame;
    const ConfiguredRegion& region;
    std::uint8_t data_rate;
    Instant now;
};

class AcceptedUplink {
  public:
    AcceptedUplink(Core& core, Sender& sender, const UplinkContext& in, FoundSession found);

    void run();

  private:
    bool is_new() const { return found_.match != Match::repeat; }
    DevAddr addr() const { return in_.frame.dev_addr; }
    const Region& region() const { return *in_.region.region; }

    void decrypt();
    void take_in_counters();
    void load_session();
    void take_in_commands();
    void take_in_ack();
    void decide_adr();
    void publish_uplink();
    void answer();

    bool status_is_due() const;
    mac::Parameters desired() const;
    mac::Requests plan_requests(std::size_t budget) const;
    void choose_item(const std::vector<Window>& windows);
    void drop_item(const proto::QueueItem& item, std::string_view code, std::string_view text);
    void end_confirmed(const proto::QueueItem& item, bool acknowledged);
    void emit(DownlinkContent content, std::vector<Route> routes);
    Bytes encode(const DownlinkContent& content, FCnt32 fcnt) const;
    bool item_is_confirmed() const { return item_ && item_->confirmed(); }

    Core& core_;
    Sender& sender_;
    const UplinkContext& in_;
    FoundSession found_;
    FrameState state_;
    const Policy& policy_;
    mac::NetworkSettings settings_;

    std::array<std::uint8_t, 256> plain_{};
    ByteView data_;      // for the application
    ByteView commands_;  // for us

    std::optional<proto::Session> session_;  // where it was loaded
    bool session_changed_ = false;
    std::optional<adr::Decision> adr_;
    mac::UplinkOutcome outcome_;
    std::string acked_message_id_;

    std::vector<proto::QueueItem> queue_;
    std::size_t queue_begin_ = 0;  // items before it are gone
    bool queue_read_ = false;
    const proto::QueueItem* item_ = nullptr;

    std::optional<store::Transaction> tx_;
    std::optional<Flight> flight_;  // made, to leave with the transaction
    std::optional<Reserved> reserved_;
};

}  // namespace helio::lns
