#include "tools/helioctl/command_line.h"

#include "tools/helioctl/completion.h"
#include "tools/helioctl/verb_tree.h"
#include "tools/helioctl/verbs.h"
#include "tools/version/version.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <memory>

namespace helio::ctl {
namespace {

class CommandLine : VerbTree {
  public:
    CommandLine() {
        app_.require_subcommand(1);
        app_.set_version_flag("--version", fmt::format("helioctl {}", version()));
        app_.add_option("--endpoint",
                        session_.settings.endpoint,
                        "The server's address [$HELIO_ENDPOINT, http://127.0.0.1:8080]");
        app_.add_option("--credentials",
                        session_.settings.credentials,
                        "A credentials file [$HELIO_CREDENTIALS, data/credentials, AWS's]");
        app_.add_option("--ca-file",
                        session_.settings.ca_file,
                        "The certificate to trust with https [ca.pem beside the credentials]");
        app_.add_flag("--json", session_.settings.json, "Print JSON for programs");
        app_.fallthrough();
        add_gateway();
        add_device();
        add_queue();
        add_profile();
        add_destination();
        add_codec();
        add_rule();
        add_identity_verbs(*this);
        add_user();
        add_rest();
    }

    int run(int argc, char* argv[]) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app_.exit(error) == 0 ? 0 : 2;
        }
        return work_ ? work_() : 2;
    }

  private:
    static void skip_flag(CLI::App* app, bool& flag) {
        app->add_flag("--skip-existing", flag, "What is there already is no error and stays");
    }

    void add_gateway() {
        CLI::App* gateway = group("gateway", "Gateways: register, list, see who is heard");
        auto [add, o] = verb<GatewayAdd>(gateway, "add", "Register a gateway", gateway_add);
        add->add_option("EUI", o->eui, "Its EUI, 16 hexadecimal digits")->required();
        add->add_option("--name", o->name, "A name for people");
        add->add_option("--description", o->description, "A note");
        add->add_option("--region", o->region, "EU868 or US915 [the server's first]");
        skip_flag(add, o->skip_existing);
        add->add_option("--sub-band", o->sub_bands, "Sub-bands that it listens to, 1 to 8 (US915)");
        bare_verb(gateway, "list", "List the registered gateways", gateway_list);
        bare_verb(gateway, "seen", "List gateways that send and are not registered", gateway_seen);
        verb_on(gateway, "show", "Show a gateway and its figures", "EUI|ID", gateway_show);
        verb_on(gateway, "delete", "Delete a gateway", "EUI|ID", gateway_delete);
    }

    void add_device() {
        CLI::App* device = device_ = group("device", "Devices: register, import, look at");
        auto [add, o] = verb<DeviceAdd>(device, "add", "Register a device", device_add);
        add->add_option("DEVEUI", o->dev_eui, "16 hexadecimal digits")->required();
        add->add_option("--name", o->name, "A name for people");
        add->add_option("--join-eui", o->join_eui, "OTAA: JoinEUI (AppEUI)");
        add->add_option("--app-key", o->app_key, "OTAA: AppKey");
        add->add_option("--dev-addr", o->dev_addr, "ABP: DevAddr");
        add->add_flag("--allow-fcnt-reset",
                      o->allow_fcnt_reset,
                      "ABP: accept counters that begin again (replays too)");
        add->add_option("--nwk-s-key", o->nwk_s_key, "ABP: NwkSKey");
        add->add_option("--app-s-key", o->app_s_key, "ABP: AppSKey");
        add->add_option("--status-requests-per-day",
                        o->status_requests_per_day,
                        "Ask for battery and margin so often (DevStatusReq)")
            ->check(CLI::Range(0, 86'400));
        add->add_option("--profile", o->profile, "Device profile, name or Id [made on demand]");
        add->add_option("--destination", o->destination, "Destination [default, made on demand]");
        add->add_option("--region", o->region, "Of the profile made on demand")
            ->capture_default_str();
        auto [list, l] = verb<DeviceList>(device, "list", "List the devices", device_list);
        list->add_option("--destination", l->destination, "Only of this destination");
        list->add_option("--profile", l->profile, "Only of this device profile");
        verb_on(device, "show", "Show a device", "DEVEUI|ID", device_show);
        verb_on(device, "delete", "Delete a device", "DEVEUI|ID", device_delete);
        verb_on(device,
                "session",
                "Show its session: address, counters, data rate",
                "DEVEUI|ID",
                device_session);

        struct Frames {
            std::string device;
            int count = 20;
        };
        auto [frames, f] = verb<Frames>(
            device, "frames", "Show its last frames", [](Session& session, const Frames& v) {
                device_frames(session, v.device, v.count);
            });
        frames->add_option("DEVEUI|ID", f->device)->required();
        frames->add_option("--count", f->count, "How many")
            ->capture_default_str()
            ->check(CLI::Range(1, 500));

        auto [import, i] = verb<DeviceImport>(
            device, "import", "Register all devices of a CSV file", device_import);
        import
            ->add_option("FILE",
                         i->file,
                         "Columns: name,dev_eui,join_eui,app_key,nwk_s_key,app_s_key,dev_addr,"
                         "profile,destination")
            ->required();
        import->add_flag("--dry-run", i->dry_run, "Check everything and change nothing");
        skip_flag(import, i->skip_existing);
        import->add_option("--profile", i->profile, "Where the column is empty");
        import->add_option("--destination", i->destination, "Where the column is empty");
        import->add_option("--region", i->region, "Of the profile made on demand")
            ->capture_default_str();
    }

    void add_queue() {
        auto [queue, text] = verb<std::string>(
            device_,
            "queue",
            "Downlinks that wait for a device: queue DEVEUI lists them",
            [](Session& session, const std::string& device) {
                if (device.empty()) {
                    throw CtlError("Say whose queue: `helioctl device queue DEVEUI`.");
                }
                queue_list(session, device);
            });
        queue->add_option("DEVEUI|ID", *text);
        verb_on(queue, "list", "List what waits", "DEVEUI|ID", queue_list);
        verb_on(queue, "flush", "Throw away what waits", "DEVEUI|ID", queue_flush);
        auto [send, o] = verb<QueueSend>(queue, "send", "Send a downlink", queue_send);
        send->add_option("DEVEUI|ID", o->device)->required();
        send->add_option("--port", o->fport, "FPort")
            ->capture_default_str()
            ->check(CLI::Range(1, 223));
        auto* payload = send->add_option_group("payload");
        payload->add_option("--hex", o->hex, "The payload in hexadecimal digits");
        payload->add_option("--base64", o->base64, "The payload in base64");
        payload->add_option("--text", o->text, "The payload as text");
        payload->require_option(1);
        send->add_flag("--confirmed", o->confirmed, "The device must acknowledge it");
    }

    void add_profile() {
        CLI::App* profile = group("profile", "Device profiles");
        auto [add, o] = verb<ProfileAdd>(profile, "add", "Make a device profile", profile_add);
        add->add_option("NAME", o->name)->required();
        add->add_option("--region", o->region, "EU868 or US915")->capture_default_str();
        add->add_option("--mac-version", o->mac_version, "LoRaWAN 1.0.0 to 1.0.4")
            ->capture_default_str();
        add->add_option("--revision", o->revision, "Regional parameters")->capture_default_str();
        add->add_option("--rx-delay", o->rx_delay, "Seconds to the first receive window");
        add->add_flag("--no-join", o->no_join, "The devices are activated by personalization");
        add->add_flag("--class-c", o->class_c, "The devices can do class C");
        skip_flag(add, o->skip_existing);
        bare_verb(profile, "list", "List the device profiles", profile_list);
        verb_on(profile, "show", "Show a device profile", "NAME|ID", profile_show);
        verb_on(profile, "delete", "Delete a device profile", "NAME|ID", profile_delete);
    }

    void add_destination() {
        CLI::App* destination = group("destination", "Where devices' messages go");
        auto [add, o] =
            verb<DestinationAdd>(destination, "add", "Make a destination", destination_add);
        add->add_option("NAME", o->name)->required();
        add->add_option("--topic", o->topic, "An MQTT topic for messages in AWS's form");
        add->add_option("--rule", o->rule, "A rule that gets them");
        skip_flag(add, o->skip_existing);
        add->add_option("--description", o->description, "A note");
        bare_verb(destination, "list", "List the destinations", destination_list);
        verb_on(destination, "delete", "Delete a destination", "NAME", destination_delete);
    }

    void add_codec() {
        CLI::App* codec = group("codec", "JavaScript that decodes the payloads of a profile");
        struct Set {
            std::string profile, file;
        };
        auto [set, o] = verb<Set>(
            codec,
            "set",
            "Decode the profile's devices with a file",
            [](Session& session, const Set& v) { codec_set(session, v.profile, v.file); });
        set->add_option("PROFILE", o->profile, "Name or Id")->required();
        set->add_option("FILE", o->file, "decodeUplink and encodeDownlink; - reads standard input")
            ->required();
        verb_on(codec, "get", "Print the codec", "PROFILE", codec_get);
        verb_on(codec, "delete", "Remove the codec", "PROFILE", codec_delete);
    }

    void add_user() {
        CLI::App* user = group("user", "Users with passwords, for MQTT and HTTPS publish");
        const auto with_password = [&](const char* name, const char* help, auto work) {
            auto [made, o] = verb<UserPassword>(user, name, help, work);
            made->add_option("NAME", o->name)->required();
            made->add_option(
                "--password-file", o->password_file, "First line of it; - reads standard input");
        };
        with_password("add", "Make a user; attach policies to user/NAME", user_add);
        with_password("passwd", "Set another password, and end the user's connections", user_passwd);
        bare_verb(user, "list", "List the users", user_list);
        verb_on(user, "remove", "Remove a user, and end its connections", "NAME", user_remove);
    }

    void add_rule() {
        CLI::App* rule = group("rule", "Rules: SQL on messages, and what to do with the result");
        auto [add, o] = verb<RuleAdd>(rule, "add", "Make a rule", rule_add);
        add->add_option("NAME", o->name)->required();
        add->add_option("--sql", o->sql, "SELECT ... FROM 'topic' WHERE ...");
        add->add_option("--republish", o->republish, "Publish the result on this topic");
        add->add_option("--http", o->http, "POST the result to this address");
        add->add_option("--file", o->file, "Append the result to this file of the server");
        add->add_option("--error-republish", o->error_republish, "Where failures are published");
        add->add_option("--description", o->description, "A note");
        add->add_option("--file-json", o->payload_file, "All of it in AWS's TopicRulePayload");
        add->add_flag("--disabled", o->disabled, "Do not run it yet");
        add->add_flag("--replace", o->replace, "The rule is there already");
        bare_verb(rule, "list", "List the rules", rule_list);
        verb_on(rule, "show", "Show a rule", "NAME", rule_show);
        verb_on(rule, "delete", "Delete a rule", "NAME", rule_delete);
        verb_on(rule, "enable", "Run it", "NAME", [](Session& session, const std::string& name) {
            rule_enable(session, name, true);
        });
        verb_on(
            rule,
            "disable",
            "Stop running it",
            "NAME",
            [](Session& session, const std::string& name) { rule_enable(session, name, false); });
        auto [test, t] =
            verb<RuleTest>(rule, "test", "Try a rule or an SQL statement on a message", rule_test);
        test->add_option("NAME", t->name, "A rule");
        test->add_option("--sql", t->sql, "Or a statement");
        test->add_option("--topic", t->topic, "The message's topic")->required();
        test->add_option("--payload", t->payload, "The message");
        test->add_option("--payload-file", t->payload_file, "The message; - reads standard input");
    }

    void add_rest() {
        auto [tail_app, o] =
            verb<Tail>(&app_, "tail", "Print events and frames as they come", tail);
        tail_app->add_option("DEVEUI|ID", o->device, "Only of this device");
        tail_app->add_option("--last", o->last, "Begin with so many")
            ->capture_default_str()
            ->check(CLI::Range(0, 500));
        tail_app->add_option_function<int>(
            "--for",
            [options = o](int seconds) { options->time = std::chrono::seconds(seconds); },
            "Stop after so many seconds");
        verb_on(
            &app_, "backup", "Copy the data to a folder of the server's machine", "DIR", backup);

        auto [completion, shell] =
            verb<std::string>(&app_,
                              "completion",
                              "Print a completion script",
                              [this](Session&, const std::string& s) {
                                  std::vector<CompletionRow> rows;
                                  collect_rows(app_, "", rows);
                                  fmt::print("{}", completion_script(s, rows));
                              });
        completion->add_option("SHELL", *shell, "bash, zsh or fish")
            ->required()
            ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    }

    static void collect_rows(const CLI::App& app,
                             const std::string& path,
                             std::vector<CompletionRow>& rows) {
        const auto position = rows.size();
        rows.push_back({.path = path, .words = {}});
        const auto any = [](const CLI::App*) { return true; };
        std::vector<std::string> words;
        for (const CLI::App* child : app.get_subcommands(any)) {
            if (child->get_name().empty()) {  // an option group
                for (const CLI::Option* option : child->get_options()) {
                    words.push_back("--" + option->get_lnames().front());
                }
                continue;
            }
            words.push_back(child->get_name());
            collect_rows(
                *child, path.empty() ? child->get_name() : path + ' ' + child->get_name(), rows);
        }
        for (const CLI::Option* option : app.get_options()) {
            if (!option->get_lnames().empty()) words.push_back("--" + option->get_lnames().front());
        }
        rows[position].words = std::move(words);
    }

    CLI::App* device_ = nullptr;
};

}  // namespace

int run(int argc, char* argv[]) {
    CommandLine command_line;
    try {
        return command_line.run(argc, argv);
    } catch (const CtlError& error) {
        fmt::print(stderr, "helioctl: {}\n", error.what());
    } catch (const std::exception& error) {
        fmt::print(stderr,
                   "helioctl: the server's answer could not be understood ({}): is --endpoint a "
                   "Heliograph of this version ({})?\n",
                   error.what(),
                   version());
    }
    return 1;
}

}  // namespace helio::ctl
