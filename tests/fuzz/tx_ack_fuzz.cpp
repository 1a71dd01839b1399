// A gateway may send anything: it is never answered with more bytes than it sent, nobody hears of a
// downlink that does not wait, and a refused one has no power.
#include "gateway-bridge/semtech-udp/backend.h"
#include "gateway-bridge/semtech-udp/tx_ack.h"

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;

namespace {

void check(bool holds) {
    if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const TxAckReport report = parse_tx_ack(input);
    check(report.status <= lns::TxAckStatus::other);
    check(report.status == lns::TxAckStatus::ok || !report.used_power_dbm);

    static Backend backend({}, [](Eui64 eui) -> std::optional<GatewayInfo> {
        if (eui.value() % 2 == 0) return std::nullopt;
        return GatewayInfo{};
    });
    static Instant now = from_unix_us(1);
    now += std::chrono::seconds(1);
    Outbox out;
    backend.on_datagram(io::Peer::loopback(1), input, now, out);
    check(out.datagrams.size() <= 1 && out.bytes.size() <= size);
    check(out.tx_acks.empty());
    if (size >= 12 && data[11] % 2 == 0) check(out.bytes.empty() && out.uplinks.empty());
    backend.on_time(now);
    return 0;
}
