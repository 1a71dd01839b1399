#include "tools/helio-sim/options.h"

#include "tools/version/version.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <netdb.h>

namespace helio::sim {
namespace {

constexpr int kUsageError = 2;

// What CLI11 gives us, before it is checked and put in place.
struct Raw {
    std::string server = "127.0.0.1:1700";
    std::string gateway_eui;
    std::string dev_eui;
    std::string join_eui;
    std::string dev_addr;
    std::string region = "EU868";
    std::string run_for;
    std::string expect_downlink;
    std::vector<std::string> refuse;
    double confirmed_percent = 0;
    double loss_percent = 0;
    bool otaa = false;
    bool abp = false;
    bool no_adr = false;
    std::optional<std::uint16_t> first_dev_nonce;
    unsigned data_rate = 0;
    unsigned fport = 1;
};

[[noreturn]] void reject(const std::string& option, const std::string& why) {
    throw CLI::ValidationError(option, why);
}

// An address, or a name that the system knows.
io::Peer parse_server(const std::string& text) {
    if (const auto peer = io::Peer::from_text(text)) return *peer;
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) reject("--server", "'" + text + "' is not HOST:PORT");
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    const std::string host = text.substr(0, colon);
    const int error = getaddrinfo(host.c_str(), text.c_str() + colon + 1, &wanted, &found);
    if (error != 0) reject("--server", host + ": " + gai_strerror(error));
    const io::Peer peer = io::Peer::from_sockaddr(*found->ai_addr);
    freeaddrinfo(found);
    return peer;
}

void parse_eui(const std::string& option, const std::string& text, Eui64& out) {
    if (text.empty()) return;
    const auto eui = Eui64::from_text(text);
    if (!eui) reject(option, "'" + text + "' is not 16 hexadecimal digits");
    out = *eui;
}

// "90s", "500ms", "2m", "1h"
Duration parse_duration(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string unit(end, text.data() + text.size());
    const double us = unit == "ms"                  ? 1e3
                      : unit == "s" || unit.empty() ? 1e6
                      : unit == "m"                 ? 60e6
                      : unit == "h"                 ? 3600e6
                                                    : 0;
    if (error != std::errc{} || us == 0 || value <= 0) {
        reject("--for", "'" + text + "' is not a time such as 60s, 5m or 1h");
    }
    return Duration(static_cast<std::int64_t>(value * us));
}

Refusal parse_refusal(const std::string& text) {
    const std::size_t equals = text.find('=');
    double percent = -1;
    if (equals != std::string::npos) {
        std::from_chars(text.data() + equals + 1, text.data() + text.size(), percent);
    }
    if (percent < 0 || percent > 100) {
        reject("--refuse", "'" + text + "' is not WORD=PERCENT, such as TOO_LATE=10");
    }
    return {.word = text.substr(0, equals), .share = percent / 100};
}

// Goes up from run to run, as a device's counter in its flash memory does.
std::uint16_t nonce_of_this_minute() {
    constexpr std::int64_t kStartOf2026 = 1'767'225'600;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    return static_cast<std::uint16_t>((seconds - kStartOf2026) / 60);
}

void check_radio(const DeviceSettings& device) {
    if (device.sub_band > device.region->sub_bands.size()) {
        reject("--sub-band", std::string(device.region->name) + " has no such sub-band");
    }
    if (RadioSettings::defaults(*device.region, device.sub_band).usable(device.data_rate).empty()) {
        reject("--data-rate",
               "no channel of " + std::string(device.region->name) + " carries this data rate");
    }
}

void take_over(const Raw& raw, Options& out) {
    SimulationSettings& simulation = out.simulation;
    DeviceSettings& device = simulation.device;
    simulation.gateways.server = parse_server(raw.server);
    parse_eui("--gateway-eui", raw.gateway_eui, simulation.gateways.first_eui);
    parse_eui("--dev-eui", raw.dev_eui, simulation.identities.dev_eui);
    parse_eui("--join-eui", raw.join_eui, simulation.identities.join_eui);
    if (!raw.dev_addr.empty()) {
        const auto address = lns::DevAddr::from_text(raw.dev_addr);
        if (!address) reject("--dev-addr", "'" + raw.dev_addr + "' is not 8 hexadecimal digits");
        simulation.identities.dev_addr = *address;
    }
    device.region = lns::find_region(raw.region);
    if (device.region == nullptr) reject("--region", "'" + raw.region + "' is not known");
    device.activation = raw.abp ? Activation::abp : Activation::otaa;
    out.list.activation = device.activation;
    device.adr = !raw.no_adr;
    device.data_rate = static_cast<std::uint8_t>(raw.data_rate);
    device.first_dev_nonce = raw.first_dev_nonce.value_or(nonce_of_this_minute());
    check_radio(device);
    simulation.confirmed = raw.confirmed_percent / 100;
    simulation.loss = raw.loss_percent / 100;
    simulation.fport = static_cast<std::uint8_t>(raw.fport);
    for (const std::string& text : raw.refuse) {
        simulation.gateways.refusals.push_back(parse_refusal(text));
    }
    if (!raw.expect_downlink.empty()) {
        simulation.expected_downlink = from_hex(raw.expect_downlink);
        if (!simulation.expected_downlink) reject("--expect-downlink", "no hexadecimal digits");
    }
    if (!raw.run_for.empty()) out.run_for = parse_duration(raw.run_for);
    if (out.load && !out.run_for) reject("--load", "needs --for, such as --for 20s");
    if (out.load && device.activation == Activation::otaa && !out.load_joins) {
        reject("--load", "sends uplinks of --abp devices, or with --joins join-requests");
    }
}

// Under one headline of the help: what stands under none yet.
void headline(CLI::App& app, const char* text) {
    for (CLI::Option* option : app.get_options()) {
        const bool own = option == app.get_help_ptr() || option == app.get_version_ptr();
        if (!own && option->get_group() == app.get_help_ptr()->get_group()) option->group(text);
    }
}

void add_network(CLI::App& app, Raw& raw, Options& out) {
    app.add_flag(
        "--register", out.register_first, "Register the gateways and devices first, with helioctl");
    app.add_option("--server", raw.server, "Semtech UDP listener of the server (HOST:PORT)");
    app.add_option("--gateways", out.simulation.gateways.count, "How many gateways")
        ->check(CLI::Range(1, 100'000));
    app.add_option("--gateway-eui", raw.gateway_eui, "EUI of the first; the others count up");
    app.add_option("--devices", out.simulation.devices, "How many devices")
        ->check(CLI::Range(1, 10'000'000));
    app.add_option("--rate", out.simulation.uplinks_per_second, "Uplinks a second of all devices")
        ->check(CLI::PositiveNumber);
    app.add_option("--for", raw.run_for, "How long, such as 60s; else until Ctrl-C");
    app.add_option("--region", raw.region, "EU868, US915");
    app.add_option("--sub-band", out.simulation.device.sub_band, "1..8 in US915; 0: all channels");
    headline(app, "The network");
}

void add_devices(CLI::App& app, Raw& raw, Options& out) {
    auto* const otaa = app.add_flag("--otaa", raw.otaa, "Devices join (default)");
    app.add_flag("--abp", raw.abp, "Devices have sessions from the start")->excludes(otaa);
    app.add_option("--seed", out.simulation.identities.seed, "Of the keys and of what happens");
    app.add_option("--dev-eui", raw.dev_eui, "DevEUI of the first device; the others count up");
    app.add_option("--join-eui", raw.join_eui, "JoinEUI of all");
    app.add_option("--dev-addr", raw.dev_addr, "DevAddr of the first ABP device");
    app.add_option("--data-rate", raw.data_rate, "That devices start with")
        ->check(CLI::Range(0, 15));
    app.add_flag("--no-adr", raw.no_adr, "Devices leave their data rate as it is");
    app.add_option("--confirmed", raw.confirmed_percent, "Percent of confirmed uplinks")
        ->check(CLI::Range(0.0, 100.0));
    app.add_option("--fport", raw.fport, "Of the uplinks")->check(CLI::Range(1, 223));
    app.add_option("--first-dev-nonce", raw.first_dev_nonce, "Default: from the clock");
    app.add_option("--first-fcnt", out.simulation.device.first_fcnt, "Of ABP devices");
    headline(app, "The devices");
}

void add_trouble_and_reports(CLI::App& app, Raw& raw, Options& out) {
    app.add_option("--loss", raw.loss_percent, "Percent of receptions lost, up and down")
        ->check(CLI::Range(0.0, 100.0));
    app.add_option("--refuse", raw.refuse, "WORD=PERCENT of downlinks that gateways refuse");
    app.add_option("--expect-downlink", raw.expect_downlink, "Hex; other payloads are counted");
    headline(app, "Trouble");
    app.add_flag("--json", out.json, "The report as JSON");
    app.add_flag("--show", out.show, "A line for each frame as it happens");
    app.add_option("--csv", out.csv, "Write the list for 'helioctl device import' and end");
    app.add_option("--profile", out.list.profile, "Device profile in that list");
    app.add_option("--destination", out.list.destination, "Destination in that list");
    headline(app, "What is told");
    app.add_flag("--load", out.load, "Only send, as fast as --rate says, and answer nothing");
    app.add_flag("--joins", out.load_joins, "With --load: join-requests");
    app.add_option("--copies", out.load_copies, "With --load: gateways that hear a frame")
        ->check(CLI::Range(1, 64));
    headline(app, "Load");
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& exit_status) {
    CLI::App app(
        "Plays LoRaWAN gateways and devices against a server, over Semtech UDP.\n"
        "\n"
        "To try a server, in the folder where it was started:\n"
        "  helio-sim --register --devices 10 --gateways 2 --rate 1 --show\n"
        "To register by hand: helio-sim --csv list.csv ..., helioctl device import list.csv, "
        "helioctl gateway add ...");
    app.set_version_flag("--version", std::string("helio-sim ") + helio::version());
    Raw raw;
    Options out;
    add_network(app, raw, out);
    add_devices(app, raw, out);
    add_trouble_and_reports(app, raw, out);
    try {
        app.parse(argc, argv);
        take_over(raw, out);
    } catch (const CLI::Success& done) {
        exit_status = app.exit(done);
        return std::nullopt;
    } catch (const CLI::Error& error) {
        app.exit(error);
        exit_status = kUsageError;
        return std::nullopt;
    }
    return out;
}

}  // namespace helio::sim
