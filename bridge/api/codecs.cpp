// The JavaScript codec of a device profile: a resource of our own, because AWS has none.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"

#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

constexpr std::string_view kKind = "DeviceProfile";
constexpr std::size_t kMaxCodecBytes = 256 * 1024;

Outcome store_codec(Context& context, const Call& call, std::string text) {
    auto profile = context.registry.device_profile(call.label("Id"));
    if (!profile) return fail(not_found(kKind, call.label("Id")));
    profile->set_codec(std::move(text));
    const auto position = context.registry.update(*profile);
    if (!position) return fail(refusal(position.error(), kKind, profile->id()));
    return Reply{.wait_for = *position};
}

}  // namespace

Outcome put_codec(Context& context, const Call& call) {
    const std::string& text = call.request.body;
    if (text.empty()) {
        return fail(validation("The body must be the codec's JavaScript: it is empty."));
    }
    if (text.size() > kMaxCodecBytes) return fail(too_large(kMaxCodecBytes));
    if (text.find("decodeUplink") == std::string::npos &&
        text.find("Decode") == std::string::npos &&
        text.find("encodeDownlink") == std::string::npos &&
        text.find("Encode") == std::string::npos) {
        return fail(validation(
            "The codec must define a function decodeUplink(input) or encodeDownlink(input)."));
    }
    return store_codec(context, call, text);
}

Outcome get_codec(Context& context, const Call& call) {
    auto profile = context.registry.device_profile(call.label("Id"));
    if (!profile) return fail(not_found(kKind, call.label("Id")));
    if (profile->codec().empty()) return fail(not_found("Codec", call.label("Id")));
    return Reply{.body = std::move(*profile->mutable_codec()),
                 .content_type = "text/javascript; charset=utf-8"};
}

Outcome delete_codec(Context& context, const Call& call) { return store_codec(context, call, ""); }

}  // namespace helio::bridge::api
