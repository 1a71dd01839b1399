#include "tools/helio-sim/load/load_generator.h"

#include "crypto/cmac.h"
#include "lns/frame/join_request.h"
#include "lns/frame/mic.h"
#include "lns/frame/payload_crypto.h"
#include "tools/helio-sim/load/batch_sender.h"
#include "tools/helio-sim/load/push_data_template.h"

#include <algorithm>
#include <cassert>
#include <ctime>
#include <vector>

namespace helio::sim {
namespace {

// MHDR, DevAddr, FCtrl, FCnt, FPort, the payload and the MIC.
constexpr std::size_t kUplinkSize = 9 + LoadPayload::kSize + 4;
constexpr std::size_t kJoinRequestSize = 23;
constexpr std::array<std::uint32_t, 3> kFrequencies = {868'100'000, 868'300'000, 868'500'000};

Instant wall_now() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Duration thread_cpu() {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return std::chrono::seconds(at.tv_sec) + Duration(at.tv_nsec / 1000);
}

void sleep_for(Duration duration) {
    const timespec wait{.tv_sec = duration.count() / 1'000'000,
                        .tv_nsec = duration.count() % 1'000'000 * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, nullptr);
}

void put_big_endian(std::uint64_t value, std::span<std::uint8_t, 8> out) {
    std::ranges::copy(Eui64::from_value(value).big_endian(), out.begin());
}

std::uint64_t get_big_endian(std::span<const std::uint8_t, 8> in) {
    return Eui64::from_big_endian(in).value();
}

}  // namespace

std::array<std::uint8_t, LoadPayload::kSize> encode_load_payload(const LoadPayload& payload) {
    std::array<std::uint8_t, LoadPayload::kSize> out{};
    put_big_endian(static_cast<std::uint64_t>(to_unix_us(payload.sent_at)),
                   std::span(out).first<8>());
    put_big_endian(payload.sequence, std::span(out).last<8>());
    return out;
}

std::optional<LoadPayload> parse_load_payload(ByteView bytes) {
    if (bytes.size() != LoadPayload::kSize) return std::nullopt;
    return LoadPayload{
        .sent_at = from_unix_us(static_cast<std::int64_t>(get_big_endian(bytes.first<8>()))),
        .sequence = get_big_endian(bytes.last<8>())};
}

struct LoadGenerator::State {
    explicit State(const LoadSettings& s)
        : settings(s),
          sender(s.server),
          frame(s.joins ? kJoinRequestSize : kUplinkSize),
          batch(frame.size() * BatchSender::kMost) {}

    void make_uplink(const Identity& device, std::uint32_t fcnt, Instant now);
    void make_join_request(const Identity& device, std::uint32_t round);
    std::uint64_t send_batch(std::uint64_t frames, LoadReport& report);

    LoadSettings settings;
    BatchSender sender;
    PushDataTemplate frame;
    Bytes batch;
    Bytes phy;
    std::vector<Identity> devices;
    std::uint64_t sequence = 0;
    std::uint16_t token = 0;
};

void LoadGenerator::State::make_uplink(const Identity& device, std::uint32_t fcnt, Instant now) {
    auto payload = encode_load_payload({.sent_at = now, .sequence = sequence});
    lns::crypt_frm_payload(device.app_s_key,
                           {lns::Direction::up, device.dev_addr, lns::FCnt32{fcnt}},
                           payload,
                           payload);
    phy.clear();
    lns::encode_unsigned({.direction = lns::Direction::up,
                          .dev_addr = device.dev_addr,
                          .fcnt = wire_of(lns::FCnt32{fcnt}),
                          .fport = std::uint8_t{1},
                          .frm_payload = {payload}},
                         phy);
    const lns::MicInput input{lns::Direction::up, device.dev_addr, lns::FCnt32{fcnt}};
    lns::append_mic(lns::data_mic(device.nwk_s_key, input, phy), phy);
}

void LoadGenerator::State::make_join_request(const Identity& device, std::uint32_t round) {
    phy = lns::encode_join_request(device.join_eui,
                                   device.dev_eui,
                                   lns::DevNonce{static_cast<std::uint16_t>(round)},
                                   device.app_key);
}

// The next frames, as many as fit a batch; how many that were.
std::uint64_t LoadGenerator::State::send_batch(std::uint64_t frames, LoadReport& report) {
    const std::uint64_t fit = BatchSender::kMost / settings.copies;
    const std::uint64_t count = std::min(frames, fit);
    const Instant now = wall_now();
    std::size_t used = 0;
    for (std::uint64_t i = 0; i < count; ++i, ++sequence) {
        const auto index = static_cast<std::uint32_t>(sequence % devices.size());
        const auto round = static_cast<std::uint32_t>(sequence / devices.size());
        if (settings.joins) {
            make_join_request(devices[index], settings.first_fcnt + round);
        } else {
            make_uplink(devices[index], settings.first_fcnt + round, now);
        }
        for (std::uint32_t copy = 0; copy < settings.copies; ++copy) {
            const std::uint32_t gateway = (index + copy) % settings.gateways;
            frame.write({.token = token++,
                         .gateway = Eui64::from_value(settings.gateway_eui.value() + gateway),
                         .counter_us = static_cast<std::uint32_t>(to_unix_us(now)),
                         .frequency_hz = kFrequencies[sequence % kFrequencies.size()],
                         .phy = phy},
                        std::span(batch).subspan(used, frame.size()));
            used += frame.size();
        }
    }
    const std::size_t sent = sender.send(ByteView(batch).first(used), frame.size());
    report.frames += count;
    report.datagrams += sent;
    report.send_errors += used / frame.size() - sent;
    report.push_acks += sender.drain();
    return count;
}

LoadGenerator::LoadGenerator(const LoadSettings& settings)
    : state_(std::make_unique<State>(settings)) {
    assert(settings.gateways > 0 && settings.copies > 0 && settings.copies <= BatchSender::kMost);
}

LoadGenerator::~LoadGenerator() = default;

void LoadGenerator::prepare(std::uint32_t devices, std::uint32_t apart) {
    state_->devices.clear();
    state_->devices.reserve(devices);
    for (std::uint32_t i = 0; i < devices; ++i) {
        state_->devices.push_back(identity_of(state_->settings.identities, i * apart));
    }
}

void LoadGenerator::send_pull_data() {
    for (std::uint32_t i = 0; i < state_->settings.gateways; ++i) {
        Bytes datagram = {2, 0, 0, 2};
        const auto eui = Eui64::from_value(state_->settings.gateway_eui.value() + i).big_endian();
        datagram.insert(datagram.end(), eui.begin(), eui.end());
        state_->sender.send(datagram, datagram.size());
    }
}

LoadReport LoadGenerator::send_at_rate(double frames_per_second,
                                       Duration duration,
                                       const std::atomic<bool>& stop) {
    using Steady = std::chrono::steady_clock;
    assert(!state_->devices.empty());
    LoadReport report;
    const auto started = Steady::now();
    const Duration cpu_before = thread_cpu();
    const auto per_us = frames_per_second / 1e6;
    for (;;) {
        const auto elapsed = std::chrono::duration_cast<Duration>(Steady::now() - started);
        if (elapsed >= duration || stop.load(std::memory_order_relaxed)) {
            report.took = elapsed;
            break;
        }
        const double due = static_cast<double>(elapsed.count()) * per_us;
        const double ahead = static_cast<double>(report.frames) - due;
        if (ahead < 0) {
            state_->send_batch(static_cast<std::uint64_t>(-ahead) + 1, report);
        } else {
            // Half a batch later, or when the next is due: even, without a system call a frame.
            const double wait = std::max(ahead + BatchSender::kMost / 2.0, 1.0) / per_us;
            sleep_for(Duration(static_cast<std::int64_t>(std::min(wait, 1000.0))));
        }
    }
    report.cpu = thread_cpu() - cpu_before;
    return report;
}

}  // namespace helio::sim
