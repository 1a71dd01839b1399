#include "tools/heliograph/api_ports.h"

#include "lns/adr/adr_of_device.h"
#include "tools/heliograph/data_folder.h"

namespace helio::server {

using bridge::api::BackupState;
using bridge::api::GatewayLive;
using bridge::api::SeenGateway;

Result<lns::CommandAnswer, lns::CommandError> NetworkPort::command(
    const lns::DeviceCommand& command, Instant now) {
    return network_.on_command(command, now);
}

std::vector<lns::proto::QueueItem> NetworkPort::queue(Eui64 dev_eui) const {
    return network_.queue(dev_eui);
}

std::optional<std::string> NetworkPort::explain_adr(Eui64 dev_eui) const {
    const auto adr = lns::adr_of(registry_, dev_eui);
    if (!adr) return std::nullopt;
    if (!adr->enabled) return "ADR is turned off in the device profile";
    if (!adr->asked_for) return "the device does not ask for ADR";
    return std::string(lns::adr::explain(adr->decision));
}

std::optional<GatewayLive> GatewaysPort::live(Eui64 gateway) const {
    const auto view = backend_ == nullptr ? std::nullopt : backend_->find(gateway);
    if (!view) return std::nullopt;
    std::uint64_t refused = 0;
    for (std::size_t i = 0; i < view->counters.tx_acks.size(); ++i) {
        if (i != static_cast<std::size_t>(lns::TxAckStatus::ok))
            refused += view->counters.tx_acks[i];
    }
    GatewayLive live{
        .connected = view->downlink_path,
        .last_seen = view->last_seen,
        .last_uplink = view->last_uplink,
        .uplinks = view->counters.uplinks,
        .downlinks = view->counters.downlinks,
        .downlinks_refused = refused,
    };
    if (view->address) live.address = view->address->text();
    if (view->round_trips.samples > 0) {
        live.round_trip_ms =
            std::chrono::duration<double, std::milli>(view->round_trips.p50).count();
    }
    return live;
}

std::vector<SeenGateway> GatewaysPort::seen() const {
    std::vector<SeenGateway> out;
    if (backend_ == nullptr) return out;
    for (const auto& one : backend_->unknown()) {
        out.push_back({.eui = one.gateway,
                       .address = one.address.text(),
                       .first_seen = one.first_seen,
                       .last_seen = one.last_seen,
                       .datagrams = one.packets});
    }
    return out;
}

void CodecsPort::check(std::string source, Answer answer) {
    codecs_.check(
        {bridge::payload::make_codec(std::move(source))},
        [answer = std::move(answer)](const auto& checked) {
            if (checked) return answer({});
            const auto& error = checked.error();
            const bool busy = error.kind == bridge::payload::CodecFailure::overloaded;
            answer(fail(Problem{.busy = busy, .text = error.text}));
        },
        clock_());
}

Backups::Backups(io::Loop& loop, store::LmdbLog& log, std::filesystem::path data)
    : loop_(loop),
      log_(log),
      data_(std::move(data)),
      status_(std::make_shared<bridge::api::BackupStatus>()) {}

Result<void, std::string> Backups::start(std::string_view directory) {
    if (status_->state == BackupState::running) {
        return fail("a backup to " + status_->directory + " is running; wait for its end");
    }
    const std::filesystem::path folder(directory);
    *status_ = {.state = BackupState::running, .directory = folder.string()};
    log_.back_up(folder,
                 [&loop = loop_, data = data_, folder, status = status_](std::string error) {
                     if (error.empty()) error = copy_identity(data, folder);
                     loop.post([status, error = std::move(error)] {
                         status->state = error.empty() ? BackupState::done : BackupState::failed;
                         status->reason = error;
                     });
                 });
    return {};
}

}  // namespace helio::server
