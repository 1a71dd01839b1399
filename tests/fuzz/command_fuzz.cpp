// What people send as JSON: a command for a device and the body of a topic rule.  What is taken
// stands up to being used, and a rule's JSON is read as it was written.
#include "bridge/integration/downlink_command.h"
#include "bridge/rules/file_path.h"
#include "bridge/rules/rule_json.h"
#include "tests/fuzz/property.h"

#include <filesystem>

using namespace helio;
using namespace helio::bridge;

namespace {

void command(std::string_view text) {
    const Eui64 device = Eui64::from_value(0x0102030405060708);
    const auto read = integration::parse_downlink_command(text, device);
    if (!read) return fuzz::require(!read.error().message.empty());
    fuzz::require(read->dev_eui == device && read->fport >= 1 && read->id.size() <= 128);
}

void rule(std::string_view text) {
    auto read = rules::parse_topic_rule_payload(text);
    if (!read) return fuzz::require(!read.error().message.empty());
    read->set_name("r");
    const auto again = rules::parse_topic_rule_payload(rules::topic_rule_json(*read));
    fuzz::require(again && again->sql() == read->sql());
    fuzz::require(again->actions_size() == read->actions_size());
    fuzz::require(again->disabled() == read->disabled());
}

void path(std::string_view text) {
    if (!rules::is_safe_relative_path(text)) return;
    const auto full = (std::filesystem::path("/files") / text).lexically_normal();
    fuzz::require(full.string().starts_with("/files/"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    command(text);
    rule(text);
    path(text);
    return 0;
}
