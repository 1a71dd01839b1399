#include "gateway-bridge/semtech-udp/metadata.h"

#include <array>

namespace helio::gateway_bridge::semtech_udp {
namespace {

constexpr std::size_t kMaxEntries = 32;
constexpr std::size_t kMaxLength = 256;

}  // namespace

void read_metadata(JsonReader& in, std::map<std::string, std::string>& out) {
    if (!in.enter_object()) return in.skip();
    std::array<char, kMaxLength + 4> scratch;  // an escape may need four bytes of room
    std::string_view key;
    while (in.next_member(key)) {
        const auto string = in.string();
        if (!string) continue;
        const auto value = string->text(scratch);
        if (!value || value->size() > kMaxLength || !is_utf8(*value)) continue;
        if (key.size() > kMaxLength || !is_utf8(key) || out.size() == kMaxEntries) continue;
        out.insert_or_assign(std::string(key), std::string(*value));
    }
}

}  // namespace helio::gateway_bridge::semtech_udp
