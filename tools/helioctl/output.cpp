#include "tools/helioctl/output.h"

#include "base/base64.h"
#include "base/time.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

std::string plain(const json::value& value) {
    if (const auto* text = value.if_string()) return std::string(*text);
    return json::serialize(value);
}

// What the best gateway heard: "-60 dBm 9.5 dB", and how many heard it.
std::string reception_text(const json::object& event) {
    const json::value* list = event.if_contains("Gateways");
    if (list == nullptr || !list->is_array() || list->get_array().empty()) return "";
    const auto& gateways = list->get_array();
    const auto snr = [](const json::value& gateway) {
        return gateway.at("Snr").to_number<double>();
    };
    const auto& best = *std::ranges::max_element(gateways, {}, snr);
    return fmt::format("  {} dBm {:.1f} dB  {} gateway{}",
                       best.at("Rssi").to_number<int>(),
                       snr(best),
                       gateways.size(),
                       gateways.size() == 1 ? "" : "s");
}

std::string radio_text(const json::object& event) {
    const json::value* frequency = event.if_contains("Frequency");
    if (frequency == nullptr) return "";
    return fmt::format(
        "  {} {:.1f} MHz", member(event, "Modulation"), frequency->to_number<double>() / 1e6);
}

std::string payload_text(const json::object& event) {
    const auto data = from_base64(member(event, "PayloadData"));
    return data && !data->empty() ? "  " + to_hex(*data) : std::string();
}

std::string details_of(std::string_view kind, const json::object& event) {
    if (kind == "up") {
        return fmt::format("FCnt {}  FPort {}{}{}{}",
                           member(event, "FCnt"),
                           member(event, "FPort"),
                           radio_text(event),
                           reception_text(event),
                           payload_text(event));
    }
    if (kind == "join") {
        return fmt::format("DevAddr {}{}", member(event, "DevAddr"), reception_text(event));
    }
    if (kind == "ack") {
        const auto* good = event.if_contains("Acknowledged");
        return fmt::format("{}  {}",
                           good != nullptr && *good == true ? "acknowledged" : "not acknowledged",
                           member(event, "MessageId"));
    }
    if (kind == "txack") {
        return fmt::format("FCnt {}{}  by {}  {}",
                           member(event, "FCnt"),
                           radio_text(event),
                           member(event, "GatewayEui"),
                           member(event, "MessageId"));
    }
    if (kind == "status") {
        return fmt::format(
            "margin {} dB  battery {}", member(event, "Margin"), member(event, "Battery"));
    }
    return fmt::format(
        "{} {}: {}", member(event, "Level"), member(event, "Code"), member(event, "Description"));
}

// AWS's iot writes times as seconds of Unix time, in members with these names.
bool is_time(std::string_view name, const json::value& value) {
    return value.is_double() &&
           (name.ends_with("Date") || name == "notBefore" || name == "notAfter");
}

std::string time_text(double unix_s) {
    return to_rfc3339(from_unix_us(static_cast<std::int64_t>(unix_s * 1e6)), 0);
}

}  // namespace

std::string Table::text(std::string_view empty) const {
    if (rows_.size() == 1) return std::string(empty) + '\n';
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += fmt::format("{:<{}}  ", row[i], widths[i]);
        }
        while (line.ends_with(' ')) line.pop_back();
        out += line + '\n';
    }
    return out;
}

std::string member(const json::object& object, std::string_view path) {
    const std::size_t dot = path.find('.');
    const json::value* value = object.if_contains(path.substr(0, dot));
    if (value == nullptr || value->is_null()) return "-";
    if (dot == std::string_view::npos) return plain(*value);
    return value->is_object() ? member(value->get_object(), path.substr(dot + 1)) : "-";
}

std::string lines_of(const json::object& object, int indent) {
    std::string out;
    for (const auto& entry : object) {
        out.append(static_cast<std::size_t>(indent), ' ');
        if (entry.value().is_object()) {
            out += std::string(entry.key()) + ":\n";
            out += lines_of(entry.value().get_object(), indent + 2);
        } else {
            const std::string_view name = entry.key();
            out += fmt::format("{}: {}\n",
                               name,
                               is_time(name, entry.value()) ? time_text(entry.value().as_double())
                                                            : plain(entry.value()));
        }
    }
    return out;
}

std::string event_line(const json::object& event) {
    const std::string kind = member(event, "Kind");
    std::string time = member(event, "Time");
    if (time.size() == 24) time = time.substr(11, 12);  // the time of day
    std::string line = fmt::format(
        "{}  {:<6}  {}  {}", time, kind, member(event, "DevEui"), details_of(kind, event));
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

}  // namespace helio::ctl
