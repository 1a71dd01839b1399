#include "bridge/api/device_json.h"

#include "bridge/api/kept_members.h"
#include "lns/device/keys.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using lns::proto::WirelessDevice;

constexpr std::size_t kKeySize = 16;
constexpr std::string_view kKeptInLorawan[] = {"FPorts"};
constexpr std::string_view kKeptOutside[] = {"Positioning"};

std::string key_of(const Fields& in, std::string_view name) {
    return std::string(
        text_of(in.required(in.hex(name, kKeySize), name, "must be 32 hexadecimal digits")));
}

void read_otaa(const Fields& in, WirelessDevice::Otaa& otaa) {
    otaa.set_app_key(key_of(in, "AppKey"));
    // AWS says AppEui in 1.0.x and JoinEui in 1.1: the same number.
    const std::string_view name = in.has("JoinEui") ? "JoinEui" : "AppEui";
    otaa.set_join_eui(in.required(in.eui(name), name, "must be 16 hexadecimal digits").value());
    if (const auto key = in.hex("GenAppKey", kKeySize)) {
        otaa.set_gen_app_key(std::string(text_of(*key)));
    }
}

void read_abp(const Fields& in, WirelessDevice::Abp& abp) {
    const auto address = in.required(in.text("DevAddr"), "DevAddr", "must be 8 hexadecimal digits");
    if (const auto dev_addr = lns::DevAddr::from_text(address)) {
        abp.set_dev_addr(dev_addr->value());
    } else if (!address.empty()) {
        in.wrong("DevAddr", "must be 8 hexadecimal digits");
    }
    if (const auto keys = in.object("SessionKeys")) {
        abp.set_nwk_s_key(key_of(*keys, "NwkSKey"));
        abp.set_app_s_key(key_of(*keys, "AppSKey"));
    } else if (!in.has("SessionKeys")) {
        in.missing("SessionKeys", "must be an object with NwkSKey and AppSKey");
    }
    abp.set_fcnt_start(static_cast<std::uint32_t>(in.number("FCntStart", 0, 65535).value_or(0)));
    abp.set_allow_fcnt_reset(in.flag("AllowFCntReset").value_or(false));
}

void read_lorawan(const Fields& in, WirelessDevice& device) {
    device.set_dev_eui(
        in.required(in.eui("DevEui"), "DevEui", "must be 16 hexadecimal digits").value());
    device.set_device_profile_id(
        in.required(in.text("DeviceProfileId"), "DeviceProfileId", "must be a profile's Id"));
    device.set_service_profile_id(in.text("ServiceProfileId").value_or(""));
    for (const std::string_view name : {"OtaaV1_1", "AbpV1_1"}) {
        if (in.has(name)) {
            in.wrong(name, "is LoRaWAN 1.1, which is not supported: use OtaaV1_0_x or AbpV1_0_x");
        }
    }
    const auto otaa = in.object("OtaaV1_0_x"), abp = in.object("AbpV1_0_x");
    if (otaa && abp) {
        in.wrong("AbpV1_0_x", "must not stand beside OtaaV1_0_x: a device has one activation");
    } else if (otaa) {
        read_otaa(*otaa, *device.mutable_otaa());
    } else if (abp) {
        read_abp(*abp, *device.mutable_abp());
    } else if (!in.has("OtaaV1_0_x") && !in.has("AbpV1_0_x") && !in.has("OtaaV1_1") &&
               !in.has("AbpV1_1")) {
        in.missing("OtaaV1_0_x", "or AbpV1_0_x must be an object with the device's keys");
    }
}

json::object lorawan_of(const WirelessDevice& device) {
    json::object out{{"DevEui", Eui64::from_value(device.dev_eui()).to_text()},
                     {"DeviceProfileId", device.device_profile_id()}};
    if (!device.service_profile_id().empty()) {
        out["ServiceProfileId"] = device.service_profile_id();
    }
    const auto hex = [](const std::string& key) { return to_hex(bytes_of(key)); };
    if (device.has_otaa()) {
        json::object otaa{{"AppKey", hex(device.otaa().app_key())},
                          {"AppEui", Eui64::from_value(device.otaa().join_eui()).to_text()}};
        if (!device.otaa().gen_app_key().empty()) {
            otaa["GenAppKey"] = hex(device.otaa().gen_app_key());
        }
        out["OtaaV1_0_x"] = std::move(otaa);
    } else if (device.has_abp()) {
        const auto& abp = device.abp();
        json::object shown{
            {"DevAddr", lns::DevAddr::from_value(abp.dev_addr()).to_text()},
            {"SessionKeys",
             json::object{{"NwkSKey", hex(abp.nwk_s_key())}, {"AppSKey", hex(abp.app_s_key())}}},
            {"FCntStart", abp.fcnt_start()}};
        // Not AWS's: shown only where somebody asked for it.
        if (abp.allow_fcnt_reset()) shown["AllowFCntReset"] = true;
        out["AbpV1_0_x"] = std::move(shown);
    }
    return out;
}

json::object kept_of(const WirelessDevice& device) {
    json::object kept;
    merge_kept(device.aws_extra_json(), kept);
    return kept;
}

void keep(const Fields& body, WirelessDevice& device) {
    check_positioning(body);
    json::object kept = kept_of(device);
    merge_kept(body.keep(kKeptOutside), kept);
    if (const auto lorawan = body.object("LoRaWAN")) {
        check_fports(*lorawan);
        merge_kept(lorawan->keep(kKeptInLorawan), kept);
    }
    device.set_aws_extra_json(kept.empty() ? std::string() : json::serialize(kept));
}

}  // namespace

WirelessDevice read_device(const Fields& body) {
    WirelessDevice device;
    if (body.required(body.text("Type"), "Type", "must be LoRaWAN") != "LoRaWAN" &&
        body.has("Type")) {
        body.wrong("Type", "must be LoRaWAN");
    }
    device.set_name(body.text("Name").value_or(""));
    device.set_description(body.text("Description", kDescriptionRule).value_or(""));
    device.set_destination(body.required(body.text("DestinationName", kDestinationNameRule),
                                         "DestinationName",
                                         "must be a destination's name"));
    read_tags(body, *device.mutable_tags());
    if (const auto lorawan = body.object("LoRaWAN")) {
        read_lorawan(*lorawan, device);
    } else if (!body.has("LoRaWAN")) {
        body.missing("LoRaWAN", "must be an object with DevEui, DeviceProfileId and keys");
    }
    keep(body, device);
    return device;
}

void read_device_update(const Fields& body, WirelessDevice& device) {
    if (const auto name = body.text("Name")) device.set_name(*name);
    if (const auto text = body.text("Description", kDescriptionRule)) {
        device.set_description(*text);
    }
    if (const auto name = body.text("DestinationName", kDestinationNameRule)) {
        device.set_destination(*name);
    }
    const auto lorawan = body.object("LoRaWAN");
    if (lorawan) {
        if (const auto id = lorawan->text("DeviceProfileId")) device.set_device_profile_id(*id);
        if (const auto id = lorawan->text("ServiceProfileId")) device.set_service_profile_id(*id);
        const auto abp = lorawan->object("AbpV1_0_x");
        if (abp && !device.has_abp()) {
            lorawan->wrong("AbpV1_0_x", "must be absent: the device is activated over the air");
        } else if (abp) {
            if (const auto start = abp->number("FCntStart", 0, 65535)) {
                device.mutable_abp()->set_fcnt_start(static_cast<std::uint32_t>(*start));
            }
            if (const auto allow = abp->flag("AllowFCntReset")) {
                device.mutable_abp()->set_allow_fcnt_reset(*allow);
            }
        }
    }
    keep(body, device);
}

json::object device_json(const WirelessDevice& device) {
    json::object out{{"Type", "LoRaWAN"},
                     {"Name", device.name()},
                     {"DestinationName", device.destination()},
                     {"Id", device.id()},
                     {"Arn", device.arn()}};
    if (!device.description().empty()) out["Description"] = device.description();
    json::object lorawan = lorawan_of(device);
    for (const auto& member : kept_of(device)) {
        json::object& home = member.key() == "Positioning" ? out : lorawan;
        home[member.key()] = member.value();
    }
    out["LoRaWAN"] = std::move(lorawan);
    return out;
}

json::object device_summary(const WirelessDevice& device) {
    return {{"Arn", device.arn()},
            {"Id", device.id()},
            {"Type", "LoRaWAN"},
            {"Name", device.name()},
            {"DestinationName", device.destination()},
            {"LoRaWAN", json::object{{"DevEui", Eui64::from_value(device.dev_eui()).to_text()}}}};
}

Outcome register_device(Context& context, const Fields& body, Problems& problems, Instant now) {
    WirelessDevice device = read_device(body);
    device.set_id(new_id(context, "CreateWirelessDevice", token_of(body)));
    if (problems.any()) return fail(validation(problems.text()));

    device.set_arn(arn_of(context.config, "iotwireless", kDeviceKind, device.id()));
    device.set_created_at_us(to_unix_us(now));
    if (const auto before = context.registry.dev_eui_of(device.id());
        before && before->value() == device.dev_eui()) {
        return created(device.arn(), device.id(), 0);
    }
    const auto position = context.registry.create(device);
    if (position) return created(device.arn(), device.id(), *position);
    return fail(device_refusal(context, position.error(), device));
}

ApiError device_refusal(const Context& context,
                        lns::RegistryError error,
                        const WirelessDevice& device) {
    using Refused = lns::RegistryError;
    switch (error) {
        case Refused::unknown_destination:
            return not_found("Destination", device.destination());
        case Refused::unknown_device_profile:
            return not_found("DeviceProfile", device.device_profile_id());
        case Refused::unknown_service_profile:
            return not_found("ServiceProfile", device.service_profile_id());
        case Refused::dev_eui_taken:
            if (const auto holder = context.registry.device(Eui64::from_value(device.dev_eui()))) {
                return refusal(error, kDeviceKind, holder->id());
            }
            break;
        default:
            break;
    }
    return refusal(error, kDeviceKind, device.id());
}

}  // namespace helio::bridge::api
