// The JavaScript codec of a device profile: a resource of our own, because AWS has none.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"

#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

constexpr std::string_view kKind = "DeviceProfile";
constexpr std::size_t kMaxCodecBytes = 256 * 1024;

Outcome store_codec(Context& context, const std::string& id, std::string text) {
    auto profile = context.registry.device_profile(id);
    if (!profile) return fail(not_found(kKind, id));
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
    const std::string& id = call.label("Id");
    if (!context.registry.device_profile(id)) return fail(not_found(kKind, id));
    return Reply{.later = [&context, id, text](const Finish& finish) {
        context.codecs.check(text, [&context, id, text, finish](const auto& result) {
            if (result) return finish(store_codec(context, id, text));
            if (result.error().busy) return finish(fail(unavailable(result.error().text)));
            finish(fail(validation("The codec cannot be used: " + result.error().text + ".")));
        });
    }};
}

Outcome get_codec(Context& context, const Call& call) {
    auto profile = context.registry.device_profile(call.label("Id"));
    if (!profile) return fail(not_found(kKind, call.label("Id")));
    if (profile->codec().empty()) return fail(not_found("Codec", call.label("Id")));
    return Reply{.body = std::move(*profile->mutable_codec()),
                 .content_type = "text/javascript; charset=utf-8"};
}

Outcome delete_codec(Context& context, const Call& call) {
    return store_codec(context, call.label("Id"), "");
}

}  // namespace helio::bridge::api
