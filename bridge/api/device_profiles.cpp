// DeviceProfile: create, get, list, delete.  Frequencies are in units of 100 Hz here, as in LoRaWAN
// frames and in AWS's API; the record holds Hz.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = lns::proto;
using proto::DeviceProfile;

constexpr std::string_view kKind = "DeviceProfile";
constexpr std::int64_t kMinFrequency = 1'000'000;  // 100 MHz
constexpr std::int64_t kMaxFrequency = 16'700'000;

struct VersionName {
    std::string_view name;
    proto::MacVersion version;
};
constexpr VersionName kVersions[] = {
    {"1.0.0", proto::MAC_1_0_0},
    {"1.0.1", proto::MAC_1_0_1},
    {"1.0.2", proto::MAC_1_0_2},
    {"1.0.3", proto::MAC_1_0_3},
    {"1.0.4", proto::MAC_1_0_4},
};

std::string_view name_of(proto::MacVersion version) {
    for (const VersionName& row : kVersions) {
        if (row.version == version) return row.name;
    }
    return "1.1.0";
}

std::optional<std::uint32_t> frequency_hz(const Fields& in, std::string_view name) {
    const auto value = in.number(name, kMinFrequency, kMaxFrequency);
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value * 100);
}

std::optional<std::uint32_t> small(const Fields& in, std::string_view name, std::int64_t max) {
    const auto value = in.number(name, 0, max);
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

void read_version(const Fields& in, DeviceProfile& profile) {
    const std::string name = in.text("MacVersion").value_or("1.0.3");
    const auto* row = std::ranges::find(kVersions, name, &VersionName::name);
    if (row == std::end(kVersions)) {
        in.wrong("MacVersion", "must be one of 1.0.0, 1.0.1, 1.0.2, 1.0.3 and 1.0.4");
        return;
    }
    profile.set_mac_version(row->version);
}

void read_lorawan(const Fields& in, const ApiConfig& config, DeviceProfile& profile) {
    read_version(in, profile);
    profile.set_reg_params_revision(
        in.text("RegParamsRevision", {.max = 64}).value_or("RP002-1.0.3"));
    profile.set_region(in.text("RfRegion").value_or(config.regions.front()));
    if (std::ranges::find(config.regions, profile.region()) == config.regions.end()) {
        in.wrong("RfRegion", fmt::format("must be one of {}", fmt::join(config.regions, ", ")));
    }
    profile.set_supports_join(in.flag("SupportsJoin").value_or(true));
    profile.set_supports_32bit_fcnt(in.flag("Supports32BitFCnt").value_or(true));
    profile.set_supports_class_b(in.flag("SupportsClassB").value_or(false));
    profile.set_supports_class_c(in.flag("SupportsClassC").value_or(false));
    profile.set_class_b_timeout_s(small(in, "ClassBTimeout", 1000).value_or(0));
    profile.set_class_c_timeout_s(small(in, "ClassCTimeout", 1000).value_or(0));
    profile.set_rx_delay_1_s(small(in, "RxDelay1", 15).value_or(0));
    profile.set_rx1_dr_offset(small(in, "RxDrOffset1", 7).value_or(0));
    if (const auto v = small(in, "RxDataRate2", 15)) profile.set_rx2_data_rate(*v);
    if (const auto v = frequency_hz(in, "RxFreq2")) profile.set_rx2_frequency_hz(*v);
    if (const auto v = small(in, "MaxEirp", 15)) profile.set_max_eirp_dbm(*v);
    if (const auto v = small(in, "MaxDutyCycle", 100)) profile.set_max_duty_cycle(*v);
    if (const auto v = in.number("PingSlotPeriod", 128, 4096)) {
        profile.set_ping_slot_period(static_cast<std::uint32_t>(*v));
    }
    if (const auto v = small(in, "PingSlotDr", 15)) profile.set_ping_slot_data_rate(*v);
    if (const auto v = frequency_hz(in, "PingSlotFreq")) profile.set_ping_slot_frequency_hz(*v);
    const auto presets = in.numbers("FactoryPresetFreqsList", 20, kMinFrequency, kMaxFrequency);
    if (!presets) return;
    for (const std::int64_t preset : *presets) {
        profile.add_factory_preset_frequencies_hz(static_cast<std::uint32_t>(preset * 100));
    }
}

json::object lorawan_of(const DeviceProfile& profile) {
    json::object out{
        {"SupportsClassB", profile.supports_class_b()},
        {"ClassBTimeout", profile.class_b_timeout_s()},
        {"SupportsClassC", profile.supports_class_c()},
        {"ClassCTimeout", profile.class_c_timeout_s()},
        {"MacVersion", name_of(profile.mac_version())},
        {"RegParamsRevision", profile.reg_params_revision()},
        {"RxDelay1", profile.rx_delay_1_s()},
        {"RxDrOffset1", profile.rx1_dr_offset()},
        {"RfRegion", profile.region()},
        {"SupportsJoin", profile.supports_join()},
        {"Supports32BitFCnt", profile.supports_32bit_fcnt()},
    };
    if (profile.has_rx2_data_rate()) out["RxDataRate2"] = profile.rx2_data_rate();
    if (profile.has_rx2_frequency_hz()) out["RxFreq2"] = profile.rx2_frequency_hz() / 100;
    if (profile.has_max_eirp_dbm()) out["MaxEirp"] = profile.max_eirp_dbm();
    if (profile.has_max_duty_cycle()) out["MaxDutyCycle"] = profile.max_duty_cycle();
    if (profile.has_ping_slot_period()) out["PingSlotPeriod"] = profile.ping_slot_period();
    if (profile.has_ping_slot_data_rate()) out["PingSlotDr"] = profile.ping_slot_data_rate();
    if (profile.has_ping_slot_frequency_hz()) {
        out["PingSlotFreq"] = profile.ping_slot_frequency_hz() / 100;
    }
    json::array presets;
    for (const std::uint32_t hz : profile.factory_preset_frequencies_hz()) {
        presets.push_back(hz / 100);
    }
    if (!presets.empty()) out["FactoryPresetFreqsList"] = std::move(presets);
    return out;
}

json::object summary_of(const DeviceProfile& profile) {
    return {{"Arn", profile.arn()}, {"Name", profile.name()}, {"Id", profile.id()}};
}

}  // namespace

Outcome create_device_profile(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);

    DeviceProfile profile;
    profile.set_name(body.text("Name").value_or(""));
    read_tags(body, *profile.mutable_tags());
    const json::object nothing;
    const auto lorawan = body.object("LoRaWAN");
    read_lorawan(lorawan.value_or(Fields(nothing, "LoRaWAN.", problems)), context.config, profile);
    profile.set_id(new_id(context, "CreateDeviceProfile", token_of(body)));
    if (problems.any()) return fail(validation(problems.text()));

    profile.set_arn(arn_of(context.config, "iotwireless", kKind, profile.id()));
    if (context.registry.device_profile(profile.id())) {
        return created(profile.arn(), profile.id(), 0);
    }
    const auto position = context.registry.create(profile);
    if (!position) return fail(refusal(position.error(), kKind, profile.id()));
    return created(profile.arn(), profile.id(), *position);
}

Outcome get_device_profile(Context& context, const Call& call) {
    const auto profile = context.registry.device_profile(call.label("Id"));
    if (!profile) return fail(not_found(kKind, call.label("Id")));
    json::object body = summary_of(*profile);
    body["LoRaWAN"] = lorawan_of(*profile);
    return reply_with(body);
}

Outcome list_device_profiles(Context& context, const Call& call) {
    const auto page = page_of(call, kMaxPage);
    if (!page) return fail(page.error());
    json::array rows;
    PageWriter writer(*page, rows);
    context.registry.device_profiles(page->after, [&](const DeviceProfile& profile) {
        if (!writer.wants_more()) return false;
        writer.add(profile.id(), summary_of(profile));
        return true;
    });
    json::object body;
    writer.finish(body);
    body["DeviceProfileList"] = std::move(rows);
    return reply_with(body);
}

Outcome delete_device_profile(Context& context, const Call& call) {
    const auto position = context.registry.erase_device_profile(call.label("Id"));
    if (!position) return fail(refusal(position.error(), kKind, call.label("Id")));
    return Reply{.wait_for = *position};
}

}  // namespace helio::bridge::api
