#include "tools/helio-sim/gateways.h"

namespace helio::sim {
namespace {

constexpr Duration kKeepAlive = std::chrono::seconds(5);
constexpr Duration kStatistics = std::chrono::seconds(30);
constexpr std::size_t kLatenciesKept = 100'000;
constexpr std::size_t kTokens = 65'536;
// A gateway sends one small datagram now and then.
constexpr io::UdpOptions kSmallSocket{.receive_buffer_bytes = 256 * 1024, .max_queued = 256};

io::Peer any_port(const io::Peer& server) {
    return *io::Peer::from_text(server.is_ipv4() ? "0.0.0.0:0" : "[::]:0");
}

}  // namespace

Gateways::Gateways(io::Loop& loop,
                   const GatewaysSettings& settings,
                   Report& report,
                   std::mt19937_64& random,
                   OnTransmission on_transmission)
    : loop_(loop),
      settings_(settings),
      report_(report),
      random_(random),
      on_transmission_(std::move(on_transmission)),
      schedule_(loop),
      sent_(kTokens),
      up_(std::make_unique<io::UdpSocket>(
          loop, any_port(settings.server), "--server", [this](auto batch) {
              for (const io::Datagram& d : batch) {
                  const auto answer = parse_from_server(d.bytes);
                  if (answer && answer->kind == FromServer::Kind::push_ack) {
                      on_push_ack(answer->token);
                  }
              }
          })) {
    gateways_.reserve(settings.count);
    for (std::uint32_t i = 0; i < settings.count; ++i) {
        gateways_.push_back({.eui = Eui64::from_value(settings.first_eui.value() + i),
                             .radio = Concentrator(static_cast<std::uint32_t>(random_()))});
        const auto on_datagrams = [this, i](std::span<const io::Datagram> batch) {
            for (const io::Datagram& d : batch) {
                const auto answer = parse_from_server(d.bytes);
                if (!answer) continue;
                if (answer->kind == FromServer::Kind::pull_ack) ++report_.pull_acks;
                if (answer->kind != FromServer::Kind::pull_resp) continue;
                on_order(gateways_[i], answer->token, answer->request);
            }
        };
        gateways_[i].down = std::make_unique<io::UdpSocket>(
            loop, any_port(settings.server), "--server", on_datagrams, kSmallSocket);
    }
}

void Gateways::start() {
    for (std::uint32_t i = 0; i < count(); ++i) {
        keep_alive(i);
        schedule_.at(loop_.now() + std::chrono::seconds(1), [this, i] { tell_statistics(i); });
    }
}

void Gateways::keep_alive(std::uint32_t index) {
    gateways_[index].down->send(settings_.server, pull_data(token_++, gateways_[index].eui));
    ++report_.pull_data;
    schedule_.at(loop_.now() + kKeepAlive, [this, index] { keep_alive(index); });
}

void Gateways::tell_statistics(std::uint32_t index) {
    Gateway& gateway = gateways_[index];
    up_->send(settings_.server,
              push_stat(next_token(index), gateway.eui, gateway.stats, loop_.now()));
    gateway.stats = {};
    schedule_.at(loop_.now() + kStatistics, [this, index] { tell_statistics(index); });
}

std::uint16_t Gateways::next_token(std::uint32_t gateway) {
    const std::uint16_t token = token_++;
    sent_[token] = {.at = Steady::now(), .gateway = gateway, .waiting = true};
    ++report_.push_data;
    return token;
}

void Gateways::forward(std::uint32_t index, ByteView phy, const Arrival& arrival) {
    Gateway& gateway = gateways_[index];
    ++gateway.stats.received;
    ++gateway.stats.forwarded;
    up_->send(settings_.server,
              push_data(next_token(index),
                        gateway.eui,
                        {.phy = phy,
                         .counter_us = gateway.radio.counter_at(arrival.end),
                         .time = arrival.end,
                         .frequency_hz = arrival.frequency_hz,
                         .modulation = arrival.modulation,
                         .level = arrival.level}));
}

void Gateways::on_push_ack(std::uint16_t token) {
    Sent& sent = sent_[token];
    if (!sent.waiting) return;
    sent.waiting = false;
    ++report_.push_acks;
    ++gateways_[sent.gateway].stats.acknowledged;
    const auto us = static_cast<std::uint32_t>(
        std::chrono::duration_cast<Duration>(Steady::now() - sent.at).count());
    if (report_.push_ack_us.size() < kLatenciesKept) {
        report_.push_ack_us.push_back(us);
    } else {  // each one so far stays with the same chance
        const std::uint64_t place = random_() % ++latencies_;
        if (place < kLatenciesKept) report_.push_ack_us[place] = us;
    }
}

std::optional<std::string_view> Gateways::refusal() {
    double at = chance();
    for (const Refusal& refusal : settings_.refusals) {
        if (at < refusal.share) return refusal.word;
        at -= refusal.share;
    }
    return std::nullopt;
}

void Gateways::on_order(Gateway& gateway,
                        std::uint16_t token,
                        const std::optional<TxRequest>& request) {
    ++report_.pull_resps;
    ++gateway.stats.downlinks;
    if (!request) return void(++report_.pull_resps_malformed);

    std::string_view word = "NONE";
    std::optional<Concentrator::Transmission> when;
    if (const auto refused = refusal()) {
        word = *refused;
    } else if (const auto accepted = gateway.radio.accept(*request, loop_.now())) {
        when = *accepted;
        ++gateway.stats.transmitted;
    } else {
        word = accepted.error();
    }
    auto& count = report_.tx_acks.try_emplace(std::string(word)).first->second;
    ++count;
    gateway.down->send(settings_.server, tx_ack(token, gateway.eui, word));
    if (when) on_transmission_(*request, *when);
}

}  // namespace helio::sim
