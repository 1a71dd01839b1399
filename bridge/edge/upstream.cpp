#include "bridge/edge/upstream.h"

#include <algorithm>

namespace helio::bridge::edge {
namespace {

using namespace std::chrono_literals;
using mqtt::PropertyId;
using mqtt::Qos;

constexpr std::string_view kPath = "heliograph-path";  // ids of servers, joined by ','
constexpr std::size_t kMaxServers = 8;
constexpr mqtt::PacketId kLastMessageId = 0xefff;  // above are those of subscriptions
constexpr Duration kEchoTime = 30s;
constexpr std::size_t kMaxEchoes = 10'000;
constexpr std::size_t kMaxSendPerTurn = 256;

bool overlaps(const std::vector<TopicMap>& maps) {
    const auto has = [&](Direction d) {
        return std::ranges::any_of(maps, [&](const TopicMap& m) { return m.direction == d; });
    };
    return has(Direction::in) && has(Direction::out);
}

std::uint64_t digest_of(std::string_view topic, ByteView payload) {
    const std::hash<std::string_view> hash;
    return hash(topic) * 0x9e37'79b9'7f4a'7c15u ^ hash(text_of(payload));
}

std::vector<UpstreamClient::Subscription> subscriptions_of(const std::vector<TopicMap>& maps) {
    std::vector<UpstreamClient::Subscription> out;
    for (const TopicMap& map : maps) {
        if (map.direction == Direction::in) out.push_back({map.remote_filter(), map.qos});
    }
    return out;
}

std::string path_of(const mqtt::Properties& properties) {
    std::string path;
    properties.each_user_property([&](const mqtt::UserProperty& one) {
        if (one.name == kPath) path = one.value;
    });
    return path;
}

}  // namespace

Upstream::Upstream(UpstreamOptions options,
                   store::Store& store,
                   UpstreamPort& port,
                   PublishHere publish_here,
                   crypto::Random random)
    : options_(std::move(options)),
      store_(store),
      port_(port),
      publish_here_(std::move(publish_here)),
      random_(std::move(random)),
      queue_(store, options_.name, options_.queue_bytes, options_.at_bound),
      client_(options_.client,
              subscriptions_of(options_.maps),
              {.online = [this](bool present, Instant now) { on_online(present, now); },
               .message = [this](const auto& message, Instant now) { on_message(message, now); },
               .acknowledged = [this](mqtt::PacketId id,
                                      mqtt::ReasonCode reason,
                                      Instant now) { on_acknowledged(id, reason, now); }}) {}

// -- up ------------------------------------------------------------------------------------------

bool Upstream::was_here(const mqtt::Properties& properties) const {
    const std::string all = path_of(properties);
    std::string_view path = all;
    std::size_t servers = 0;
    while (!path.empty()) {
        const std::string_view one = path.substr(0, path.find(','));
        path.remove_prefix(std::min(path.size(), one.size() + 1));
        if (one == options_.server_id || ++servers >= kMaxServers) return true;
    }
    return false;
}

// With our own sign; what another bridge has brought has it already.
std::string Upstream::signed_path(std::string path) const {
    if (path == options_.server_id || path.ends_with(',' + options_.server_id)) return path;
    if (!path.empty()) path += ',';
    return path + options_.server_id;
}

// Without what is of one connection only, and signed.
Bytes Upstream::properties_for_upstream(const mqtt::Properties& properties) const {
    Bytes out;
    properties.each_raw([&](PropertyId id, ByteView bytes) {
        using enum PropertyId;
        if (id == topic_alias || id == subscription_identifier || id == message_expiry_interval) {
            return;
        }
        if (id == user_property) {
            mqtt::Reader reader(bytes.subspan(1));
            if (text_of(reader.binary()) == kPath) return;
        }
        out.insert(out.end(), bytes.begin(), bytes.end());
    });
    mqtt::PropertyList sign;
    sign.add_user(kPath, signed_path(path_of(properties)));
    const ByteView wire = sign.view().wire();
    out.insert(out.end(), wire.begin(), wire.end());
    return out;
}

proto::Queued Upstream::to_queued(const mqtt::PublishedMessage& message,
                                  std::string topic,
                                  Instant now) const {
    proto::Queued out;
    out.set_topic(std::move(topic));
    out.set_payload(message.payload.data(), message.payload.size());
    out.set_retain(message.retain);
    if (options_.client.version == mqtt::Version::v5) {
        const Bytes properties = properties_for_upstream(message.properties);
        out.set_properties(properties.data(), properties.size());
    }
    if (const auto seconds = message.properties.find<PropertyId::message_expiry_interval>()) {
        out.set_expires_at_us(to_unix_us(now + std::chrono::seconds(*seconds)));
    }
    return out;
}

store::Position Upstream::on_local(const mqtt::PublishedMessage& message,
                                   Origin origin,
                                   Instant now) {
    if (publishing_) return 0;  // it came from there
    for (const TopicMap& map : options_.maps) {
        if (map.direction != Direction::out) continue;
        auto topic = map.remote_of(message.topic);
        if (!topic) continue;
        if (origin == Origin::client && was_here(message.properties)) {
            ++stats_.loops;
            return 0;
        }
        const proto::Queued queued = to_queued(message, *std::move(topic), now);
        if (map.qos == Qos::at_least_once) return queue_.push(queued).value_or(0);
        publish_directly(queued, now);
        return 0;
    }
    return 0;
}

void Upstream::publish_directly(const proto::Queued& message, Instant now) {
    if (!client_.online()) {
        ++stats_.dropped_offline;
        return;
    }
    remember_echo(message.topic(), bytes_of(message.payload()), now);
    client_.publish({.retain = message.retain() && client_.allows_retain(),
                     .topic = message.topic(),
                     .properties = mqtt::Properties::checked(bytes_of(message.properties())),
                     .payload = bytes_of(message.payload())},
                    now);
    ++stats_.sent;
}

mqtt::PacketId Upstream::id_for(std::uint64_t sequence) {
    if (const auto known = before_.find(sequence); known != before_.end()) return known->second;
    const auto taken = [this](mqtt::PacketId id) {
        return in_flight_.contains(id) ||
               std::ranges::any_of(before_, [id](const auto& one) { return one.second == id; });
    };
    do {
        last_id_ = last_id_ >= kLastMessageId ? 1 : static_cast<mqtt::PacketId>(last_id_ + 1);
    } while (taken(last_id_));
    return last_id_;
}

void Upstream::send_queued(const ForwardQueue::Item& item, Instant now) {
    const proto::Queued& message = item.message;
    if (message.topic().size() + message.payload().size() + message.properties().size() + 16 >
        client_.max_packet_bytes()) {
        ++stats_.dropped_too_large;
        return queue_.done(item.sequence);
    }
    Bytes properties(message.properties().begin(), message.properties().end());
    if (message.expires_at_us() != 0 && options_.client.version == mqtt::Version::v5) {
        const auto left = from_unix_us(message.expires_at_us()) - now;
        mqtt::PropertyList expiry;
        expiry.add<PropertyId::message_expiry_interval>(
            static_cast<std::uint32_t>(std::max<std::int64_t>(
                1, std::chrono::duration_cast<std::chrono::seconds>(left).count())));
        const ByteView wire = expiry.view().wire();
        properties.insert(properties.end(), wire.begin(), wire.end());
    }
    const mqtt::PacketId id = id_for(item.sequence);
    const bool again = before_.erase(item.sequence) != 0;
    in_flight_[id] = item.sequence;
    remember_echo(message.topic(), bytes_of(message.payload()), now);
    client_.publish({.dup = again && resumed_,
                     .qos = Qos::at_least_once,
                     .retain = message.retain() && client_.allows_retain(),
                     .topic = message.topic(),
                     .packet_id = id,
                     .properties = mqtt::Properties::checked(properties),
                     .payload = bytes_of(message.payload())},
                    now);
    ++stats_.sent;
}

void Upstream::pump(Instant now) {
    if (!client_.online()) return;
    const double rate = options_.messages_per_second;
    const double gained = std::chrono::duration<double>(now - tokens_at_).count() * rate;
    tokens_ = std::min(tokens_ + gained, std::max(1.0, rate / 10));
    tokens_at_ = now;
    for (std::size_t i = 0; i < kMaxSendPerTurn && tokens_ >= 1; ++i) {
        if (in_flight_.size() >= client_.window()) return;
        const auto item = queue_.next(now);
        if (!item) return;
        tokens_ -= 1;
        send_queued(*item, now);
    }
}

void Upstream::on_acknowledged(mqtt::PacketId id, mqtt::ReasonCode reason, Instant) {
    const auto found = in_flight_.find(id);
    if (found == in_flight_.end()) return;
    ++(static_cast<std::uint8_t>(reason) >= 0x80 ? stats_.refused : stats_.acknowledged);
    queue_.done(found->second);
    in_flight_.erase(found);
}

// -- down ----------------------------------------------------------------------------------------

void Upstream::on_message(const mqtt::Publish& message, Instant now) {
    ++stats_.received;
    store::Position position = 0;
    std::optional<std::string> topic;
    for (const TopicMap& map : options_.maps) {
        if (map.direction == Direction::in && (topic = map.local_of(message.topic))) break;
    }
    if (!topic) {
        ++stats_.unmapped;
    } else if (was_here(message.properties) || is_echo(message.topic, message.payload, now)) {
        ++stats_.loops;
    } else {
        publishing_ = true;
        position = publish_below(message, *topic, now);
        publishing_ = false;
    }
    if (message.qos == Qos::at_most_once) return;
    owed_.push_back(
        {std::max(position, owed_.empty() ? 0 : owed_.back().position), message.packet_id});
}

store::Position Upstream::publish_below(const mqtt::Publish& message,
                                        std::string_view topic,
                                        Instant now) {
    std::vector<mqtt::UserProperty> user_properties;
    message.properties.each_user_property([&](const mqtt::UserProperty& one) {
        if (one.name != kPath) user_properties.push_back(one);
    });
    const std::string path = signed_path(path_of(message.properties));
    user_properties.push_back({kPath, path});
    return publish_here_(
        {.topic = topic,
         .payload = message.payload,
         .qos = message.qos,
         .retain = message.retain,
         .user_properties = user_properties,
         .content_type = message.properties.find<PropertyId::content_type>(),
         .response_topic = message.properties.find<PropertyId::response_topic>(),
         .correlation_data = message.properties.find<PropertyId::correlation_data>(),
         .payload_is_utf8 =
             message.properties.find<PropertyId::payload_format_indicator>().value_or(0) == 1,
         .expiry_s = message.properties.find<PropertyId::message_expiry_interval>()},
        now);
}

void Upstream::acknowledge_what_is_durable() {
    while (!owed_.empty() && owed_.front().position <= store_.durable()) {
        client_.acknowledge(owed_.front().id);
        owed_.pop_front();
    }
}

// -- echoes (3.1.1 has neither No Local nor properties)
// --------------------------------------------

void Upstream::remember_echo(std::string_view topic, ByteView payload, Instant now) {
    if (options_.client.version == mqtt::Version::v5 || !overlaps(options_.maps)) return;
    const bool comes_back = std::ranges::any_of(options_.maps, [&](const TopicMap& map) {
        return map.direction == Direction::in && map.local_of(topic);
    });
    if (!comes_back || echo_times_.size() >= kMaxEchoes) return;
    const Digest digest = digest_of(topic, payload);
    ++echoes_[digest];
    echo_times_.emplace_back(now, digest);
}

bool Upstream::is_echo(std::string_view topic, ByteView payload, Instant now) {
    const auto forget = [this](Digest digest) {
        const auto found = echoes_.find(digest);
        if (found == echoes_.end()) return false;
        if (--found->second == 0) echoes_.erase(found);
        return true;
    };
    while (!echo_times_.empty() && now - echo_times_.front().first > kEchoTime) {
        forget(echo_times_.front().second);
        echo_times_.pop_front();
    }
    return !echoes_.empty() && forget(digest_of(topic, payload));
}

// -- the connection ------------------------------------------------------------------------------

void Upstream::on_open(Instant now) {
    client_.on_open(now);
    flush_output();
}

void Upstream::on_online(bool session_present, Instant now) {
    ++stats_.connections;
    attempts_ = 0;
    resumed_ = session_present;
    last_error_.clear();
    tokens_ = 1;
    tokens_at_ = now;
    queue_.rewind();
    // Ids of what gave way or expired meanwhile are free again; without the session, all are.
    std::erase_if(before_, [&](const auto& one) { return !resumed_ || !queue_.has(one.first); });
}

void Upstream::on_bytes(ByteView bytes, Instant now) {
    client_.on_bytes(bytes, now);
    if (!client_.failed().empty()) return lose(client_.failed(), now);
    pump(now);
    flush_output();
}

void Upstream::on_closed(std::string why, Instant now) {
    open_ = false;
    lose(why, now);
}

void Upstream::lose(std::string why, Instant now) {
    if (open_) port_.close();
    open_ = false;
    client_.on_closed();
    last_error_ = std::move(why);
    ++stats_.failures;
    for (const auto& [id, sequence] : in_flight_) before_[sequence] = id;
    in_flight_.clear();
    owed_.clear();
    queue_.rewind();
    // From half of the time to the whole of it, so that a thousand sites do not come back as one.
    Duration delay = options_.first_delay * (1u << std::min<std::uint32_t>(attempts_++, 10));
    delay = std::min(delay, options_.max_delay);
    std::array<std::uint8_t, 2> dice;
    random_(dice);
    const std::int64_t part = dice[0] << 8 | dice[1];
    next_attempt_ = now + delay / 2 + delay / 2 * part / 65'536;
}

void Upstream::flush_output() {
    if (client_.output.empty()) return;
    port_.send(client_.output);
    client_.output.clear();
}

std::optional<Instant> Upstream::on_time(Instant now) {
    if (!open_) {
        if (now < next_attempt_) return next_attempt_;
        open_ = true;
        port_.open();
    }
    auto next = client_.on_time(now);
    if (!client_.failed().empty()) {
        lose(client_.failed(), now);
        return next_attempt_;
    }
    if (!open_) return next_attempt_;  // it could not be opened at all
    acknowledge_what_is_durable();
    pump(now);
    flush_output();
    // Tokens for what still waits.
    const bool wants =
        client_.online() && queue_.has_next() && in_flight_.size() < client_.window();
    const Instant soon = now + 10ms;
    if (wants && (!next || soon < *next)) next = soon;
    return next;
}

void Upstream::stop() {
    client_.disconnect();
    flush_output();
}

}  // namespace helio::bridge::edge
