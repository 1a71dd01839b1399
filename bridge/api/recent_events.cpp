#include "bridge/api/recent_events.h"

#include "base/base64.h"
#include "base/time.h"
#include "lns/device/keys.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = lns::proto;

// Other rooms keep messages of theirs in the log as well: those are passed over.
std::optional<proto::Event> parse_event(ByteView bytes) {
    constexpr std::uint8_t kDevEuiTag = 1 << 3 | 1;  // field 1, fixed64: the first of every Event
    proto::Event event;
    if (bytes.empty() || bytes.front() != kDevEuiTag ||
        !event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
        event.kind_case() == proto::Event::KIND_NOT_SET) {
        return std::nullopt;
    }
    return event;
}

std::string modulation_text(const proto::Modulation& modulation) {
    switch (modulation.kind_case()) {
        case proto::Modulation::kLora:
            return fmt::format("SF{}BW{}",
                               modulation.lora().spreading_factor(),
                               modulation.lora().bandwidth_hz() / 1000);
        case proto::Modulation::kFsk:
            return fmt::format("FSK{}", modulation.fsk().bit_rate());
        case proto::Modulation::kLrFhss:
            return "LR-FHSS";
        case proto::Modulation::KIND_NOT_SET:
            break;
    }
    return "";
}

json::array gateways_json(const google::protobuf::RepeatedPtrField<proto::Reception>& receptions) {
    json::array out;
    for (const proto::Reception& reception : receptions) {
        out.push_back(
            json::object{{"GatewayEui", Eui64::from_value(reception.gateway_eui()).to_text()},
                         {"Rssi", reception.rssi_dbm()},
                         {"Snr", reception.snr_db()}});
    }
    return out;
}

std::string address_text(std::uint32_t dev_addr) {
    return lns::DevAddr::from_value(dev_addr).to_text();
}

void put_up(const proto::UplinkEvent& up, json::object& out) {
    out["DevAddr"] = address_text(up.dev_addr());
    out["FCnt"] = up.fcnt();
    if (up.has_fport()) out["FPort"] = up.fport();
    out["Confirmed"] = up.confirmed();
    out["PayloadData"] = to_base64(bytes_of(up.data()));
    out["DataRate"] = up.data_rate();
    out["Modulation"] = modulation_text(up.modulation());
    out["Frequency"] = up.frequency_hz();
    out["Adr"] = up.adr();
    out["Gateways"] = gateways_json(up.receptions());
}

void put_log(const proto::LogEvent& log, json::object& out) {
    constexpr std::string_view kLevels[] = {"INFO", "WARNING", "ERROR"};
    out["Level"] = kLevels[std::clamp<int>(log.level(), 0, 2)];
    out["Code"] = log.code();
    out["Description"] = log.description();
}

}  // namespace

std::vector<RecentEvent> newest_events(const store::Store& store,
                                       std::size_t count,
                                       FunctionRef<bool(const proto::Event&)> wanted) {
    std::vector<RecentEvent> found;  // newest first between windows, oldest first inside of one
    store::Position end = store.durable() + 1;
    std::size_t examined = 0;
    for (store::Position width = 64; end > 1 && found.size() < count && examined < kMaxExamined;
         width *= 2) {
        const store::Position begin = end > width ? end - width : 1;
        std::vector<RecentEvent> window;
        store.read_events({begin, 0}, [&](store::Sequence sequence, ByteView bytes) {
            if (sequence.position >= end || ++examined > 2 * kMaxExamined) return false;
            auto event = parse_event(bytes);
            if (event && wanted(*event)) window.push_back({sequence, *std::move(event)});
            return true;
        });
        found.insert(found.begin(),
                     std::make_move_iterator(window.begin()),
                     std::make_move_iterator(window.end()));
        end = begin;
    }
    if (found.size() > count) found.erase(found.begin(), found.end() - static_cast<long>(count));
    return found;
}

std::vector<RecentEvent> events_after(const store::Store& store,
                                      store::Sequence after,
                                      std::size_t count) {
    std::vector<RecentEvent> found;
    std::size_t examined = 0;
    store.read_events(after, [&](store::Sequence sequence, ByteView bytes) {
        if (sequence.position > store.durable() || found.size() >= count ||
            ++examined > kMaxExamined) {
            return false;
        }
        if (sequence <= after) return true;
        if (auto event = parse_event(bytes)) found.push_back({sequence, *std::move(event)});
        return true;
    });
    return found;
}

std::string sequence_text(store::Sequence sequence) {
    return fmt::format("{}.{}", sequence.position, sequence.index);
}

std::optional<store::Sequence> sequence_from(std::string_view text) {
    store::Sequence out;
    const char* const end = text.data() + text.size();
    const auto position = std::from_chars(text.data(), end, out.position);
    if (position.ec != std::errc{} || position.ptr == end || *position.ptr != '.') {
        return std::nullopt;
    }
    const auto index = std::from_chars(position.ptr + 1, end, out.index);
    if (index.ec != std::errc{} || index.ptr != end) return std::nullopt;
    return out;
}

json::object event_json(const RecentEvent& recent) {
    const proto::Event& event = recent.event;
    json::object out{{"Sequence", sequence_text(recent.sequence)},
                     {"Time", to_rfc3339(from_unix_us(event.time_us()), 3)},
                     {"DevEui", Eui64::from_value(event.dev_eui()).to_text()}};
    switch (event.kind_case()) {
        case proto::Event::kUp:
            out["Kind"] = "up";
            put_up(event.up(), out);
            break;
        case proto::Event::kJoin:
            out["Kind"] = "join";
            out["DevAddr"] = address_text(event.join().dev_addr());
            out["JoinEui"] = Eui64::from_value(event.join().join_eui()).to_text();
            out["Gateways"] = gateways_json(event.join().receptions());
            break;
        case proto::Event::kAck:
            out["Kind"] = "ack";
            out["MessageId"] = event.ack().message_id();
            out["Acknowledged"] = event.ack().acknowledged();
            break;
        case proto::Event::kTxack:
            out["Kind"] = "txack";
            out["MessageId"] = event.txack().message_id();
            out["FCnt"] = event.txack().fcnt_down();
            out["GatewayEui"] = Eui64::from_value(event.txack().gateway_eui()).to_text();
            out["Frequency"] = event.txack().frequency_hz();
            out["Modulation"] = modulation_text(event.txack().modulation());
            break;
        case proto::Event::kStatus:
            out["Kind"] = "status";
            out["Margin"] = event.status().margin_db();
            out["Battery"] = event.status().battery();
            break;
        case proto::Event::kLog:
            out["Kind"] = "log";
            put_log(event.log(), out);
            break;
        case proto::Event::KIND_NOT_SET:
            break;
    }
    return out;
}

}  // namespace helio::bridge::api
