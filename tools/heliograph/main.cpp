// The server program: reads the settings, makes the parts, runs the loop.
#include "base/config.h"
#include "tools/heliograph/server.h"
#include "tools/heliograph/settings.h"
#include "tools/version/version.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

namespace {

using namespace helio;

struct Options {
    std::string config_file;
    std::string data = "data";
    std::vector<std::string> overrides;
    bool defaults = false;
};

Config read_config(const Options& options) {
    Config config(server::setting_keys());
    if (!options.config_file.empty()) config.load(options.config_file);
    for (const std::string& one : options.overrides) config.set(one);
    return config;
}

void serve(const Options& options) {
    const server::Settings settings = server::settings_of(read_config(options));
    io::Loop loop;
    server::Server server(loop, settings, options.data);
    // People and scripts wait for this line.
    std::printf("ready %s\n", server.listeners_text().c_str());
    std::fflush(stdout);
    loop.on_stop_signal([&] { server.stop(); });
    loop.on_reload_signal([&] { server.reload(); });
    loop.run();
}

void check(const Options& options) {
    if (options.defaults) {
        std::fputs(Config(server::setting_keys()).defaults_as_toml().c_str(), stdout);
        return;
    }
    server::settings_of(read_config(options));
    std::puts("the settings are good");
}

void add_config_options(CLI::App& command, Options& options) {
    command.add_option("--config", options.config_file, "TOML file with settings")
        ->type_name("FILE");
    command.add_option("--set", options.overrides, "one setting, over the file's")
        ->type_name("SECTION.KEY=VALUE")
        ->take_all();
}

}  // namespace

int main(int argc, char* argv[]) {
    Options options;
    CLI::App app("Heliograph: a LoRaWAN network server and an IoT hub");
    app.set_version_flag("--version", std::string("heliograph ") + version());
    app.require_subcommand(1);
    CLI::App* serving = app.add_subcommand("serve", "run the server");
    add_config_options(*serving, options);
    serving->add_option("--data", options.data, "folder for everything that lasts")
        ->type_name("DIR")
        ->capture_default_str();
    CLI::App* checking =
        app.add_subcommand("check", "validate the settings, or print the defaults");
    add_config_options(*checking, options);
    checking->add_flag("--defaults", options.defaults, "print every setting with its default");
    CLI11_PARSE(app, argc, argv);
    try {
        if (*serving) serve(options);
        if (*checking) check(options);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "heliograph: %s\n", error.what());
        return 1;
    }
}
