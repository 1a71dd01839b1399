#include "gateway-bridge/semtech-udp/push_data.h"

#include "gateway-bridge/semtech-udp/json_reader.h"
#include "gateway-bridge/semtech-udp/rxpk.h"
#include "gateway-bridge/semtech-udp/stat.h"

namespace helio::gateway_bridge::semtech_udp {
namespace {

void clear(PushData& data) {
    data.uplinks.clear();
    data.status.reset();
    data.dropped = {};
    data.payloads_used = 0;
    data.metadata.clear();
}

void read_root(JsonReader& in, PushData& out) {
    std::string_view key;
    while (in.next_member(key)) {
        if (key == "rxpk" && in.enter_array()) {
            while (in.next_element()) read_rxpk(in, out);
        } else if (key == "stat" && in.enter_object()) {
            read_stat(in, out.status.emplace());
        } else {
            in.skip();
        }
    }
}

}  // namespace

Result<void, PushDataError> parse_push_data(ByteView json, PushData& out) {
    clear(out);
    // Decoded payloads are shorter than their base64: the buffer does not move while we read.
    if (out.payloads.size() < json.size()) out.payloads.resize(json.size());

    JsonReader in(text_of(json));
    if (!in.enter_object()) return fail(PushDataError::not_an_object);
    read_root(in, out);
    if (in.failed() || !in.at_end()) {
        clear(out);
        return fail(PushDataError::not_json);
    }
    return {};
}

}  // namespace helio::gateway_bridge::semtech_udp
