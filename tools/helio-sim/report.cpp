#include "tools/helio-sim/report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::sim {
namespace {

struct Latency {
    std::uint32_t p50 = 0;
    std::uint32_t p90 = 0;
    std::uint32_t p99 = 0;
    std::uint32_t max = 0;
};

Latency latency_of(std::vector<std::uint32_t> us) {
    if (us.empty()) return {};
    std::ranges::sort(us);
    const auto at = [&](std::size_t percent) { return us[(us.size() - 1) * percent / 100]; };
    return {.p50 = at(50), .p90 = at(90), .p99 = at(99), .max = us.back()};
}

}  // namespace

std::string to_json(const Report& r) {
    const Latency ack = latency_of(r.push_ack_us);
    boost::json::object tx_acks;
    for (const auto& [word, count] : r.tx_acks) tx_acks[word] = count;
    boost::json::object data_rates;
    for (const auto& [rate, count] : r.devices_by_data_rate) {
        data_rates[std::to_string(rate)] = count;
    }
    const boost::json::object root = {
        {"gateways", r.gateways},
        {"devices", r.devices},
        {"devices_joined", r.devices_joined},
        {"joins", {{"sent", r.joins_sent}, {"accepted", r.joins_accepted}}},
        {"uplinks",
         {{"sent", r.uplinks},
          {"unheard", r.uplinks_unheard},
          {"postponed", r.uplinks_postponed},
          {"repeats", r.repeats},
          {"confirmed", r.confirmed},
          {"acknowledged", r.acknowledged},
          {"given_up", r.given_up}}},
        {"push_data",
         {{"sent", r.push_data},
          {"acknowledged", r.push_acks},
          {"latency_us",
           {{"p50", ack.p50}, {"p90", ack.p90}, {"p99", ack.p99}, {"max", ack.max}}}}},
        {"pull_data", {{"sent", r.pull_data}, {"acknowledged", r.pull_acks}}},
        {"downlinks",
         {{"received", r.pull_resps},
          {"malformed", r.pull_resps_malformed},
          {"tx_acks", tx_acks},
          {"heard_rx1", r.heard[0]},
          {"heard_rx2", r.heard[1]},
          {"outside_window", r.outside_window},
          {"lost_on_air", r.lost_on_air},
          {"mic_failures", r.mic_failures},
          {"repeated_counters", r.repeated_counters},
          {"malformed_frames", r.malformed_frames},
          {"application", r.application_downlinks},
          {"payload_mismatches", r.payload_mismatches}}},
        {"mac",
         {{"requests", r.mac_requests},
          {"refused", r.mac_refused},
          {"malformed", r.mac_malformed},
          {"devices_by_data_rate", data_rates}}},
        {"next", {{"fcnt", r.next_fcnt}, {"dev_nonce", r.next_dev_nonce}}},
        {"worked", r.worked()},
    };
    return boost::json::serialize(root);
}

std::string to_text(const Report& r) {
    const Latency ack = latency_of(r.push_ack_us);
    std::string out = fmt::format(
        "{} devices ({} joined) and {} gateways\n", r.devices, r.devices_joined, r.gateways);
    if (r.joins_sent > 0) {
        out += fmt::format("joins      {} sent, {} accepted\n", r.joins_sent, r.joins_accepted);
    }
    out += fmt::format("uplinks    {} sent, {} repeats, {} out of every gateway's reach\n",
                       r.uplinks,
                       r.repeats,
                       r.uplinks_unheard);
    if (r.confirmed > 0) {
        out += fmt::format("           {} confirmed, {} acknowledged, {} given up\n",
                           r.confirmed,
                           r.acknowledged,
                           r.given_up);
    }
    out += fmt::format("PUSH_DATA  {} sent, {} acknowledged; p50 {} us, p99 {} us, max {} us\n",
                       r.push_data,
                       r.push_acks,
                       ack.p50,
                       ack.p99,
                       ack.max);
    out +=
        fmt::format("downlinks  {} received; heard {} in RX1 and {} in RX2; {} outside a window\n",
                    r.pull_resps,
                    r.heard[0],
                    r.heard[1],
                    r.outside_window);
    out += fmt::format("           {} for the application, {} MAC requests ({} refused)\n",
                       r.application_downlinks,
                       r.mac_requests,
                       r.mac_refused);
    out +=
        fmt::format("faults     {} wrong MIC, {} used counters, {} malformed, {} payloads wrong\n",
                    r.mic_failures,
                    r.repeated_counters,
                    r.malformed_frames + r.pull_resps_malformed + r.mac_malformed,
                    r.payload_mismatches);
    return out;
}

}  // namespace helio::sim
