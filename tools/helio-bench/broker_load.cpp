#include "tools/helio-bench/broker_load.h"

#include <array>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <sys/epoll.h>
#include <unistd.h>

namespace helio::bench {
namespace {

constexpr std::uint32_t kSubscriber = 0x8000'0000;
constexpr std::string_view kTopic = "bench/fanin/";

double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

BrokerLoad::BrokerLoad(const BrokerProcess& broker, const LoadShape& shape)
    : broker_(broker), shape_(shape), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    const std::string filter = std::string(kTopic) + "+";
    for (int i = 0; i < shape.subscribers; ++i) {
        subscribers_.emplace_back(broker.port(), "sub" + std::to_string(i), shape.session);
        subscribers_.back().subscribe({&filter, 1}, shape.qos);
        watch(subscribers_.back().fd(), kSubscriber | static_cast<std::uint32_t>(i));
    }
    for (int i = 0; i < shape.publishers; ++i) {
        publishers_.push_back({MqttSocket(broker.port(), "pub" + std::to_string(i)),
                               std::string(kTopic) + std::to_string(i)});
        watch(publishers_.back().socket.fd(), static_cast<std::uint32_t>(i));
    }
}

BrokerLoad::~BrokerLoad() { close(epoll_); }

void BrokerLoad::watch(int fd, std::uint32_t index) {
    epoll_event event{.events = EPOLLIN, .data = {.u32 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void BrokerLoad::read_subscriber(MqttSocket& socket) {
    scratch_.clear();
    socket.read([&](std::uint8_t head, std::span<const std::uint8_t> body) {
        if (head >> 4 != 3) return;
        const std::size_t length = std::size_t{body[0]} << 8 | body[1];
        const auto* const text = reinterpret_cast<const char*>(body.data() + 2);
        std::size_t index = 0;
        std::from_chars(text + kTopic.size(), text + length, index);
        ++publishers_.at(index).delivered;
        ++delivered_;
        if ((head & 0x06) == 0) return;
        const std::uint8_t puback[] = {0x40, 2, body[2 + length], body[3 + length]};
        scratch_.insert(scratch_.end(), std::begin(puback), std::end(puback));
    });
    if (!scratch_.empty() || socket.owes()) socket.send(scratch_);
}

void BrokerLoad::publish(Publisher& publisher, int count) {
    scratch_.clear();
    for (int i = 0; i < count; ++i) {
        ++publisher.sent;
        append_publish(scratch_,
                       publisher.topic,
                       shape_.qos,
                       static_cast<std::uint16_t>(publisher.sent % 65'535 + 1));
    }
    publisher.socket.send(scratch_);
}

void BrokerLoad::publish_where_due() {
    if (shape_.per_second > 0) {
        const auto due = static_cast<std::uint64_t>((seconds_now() - started_) * shape_.per_second);
        for (; paced_ < due; ++paced_) {
            publish(publishers_[next_publisher_++ % publishers_.size()], 1);
        }
        return;
    }
    const auto subscribers = static_cast<std::uint64_t>(shape_.subscribers);
    for (Publisher& publisher : publishers_) {
        const std::uint64_t window = static_cast<std::uint64_t>(shape_.window);
        while (publisher.sent + static_cast<std::uint64_t>(shape_.per_write) <=
               publisher.delivered / subscribers + window) {
            publish(publisher, shape_.per_write);
        }
    }
}

void BrokerLoad::poll() {
    std::array<epoll_event, 256> events;
    const int wait_ms = shape_.per_second > 0 ? 0 : 1;
    const int count = epoll_wait(epoll_, events.data(), events.size(), wait_ms);
    for (int i = 0; i < count; ++i) {
        const std::uint32_t index = events[static_cast<std::size_t>(i)].data.u32;
        if ((index & kSubscriber) != 0) {
            read_subscriber(subscribers_[index & ~kSubscriber]);
        } else {
            publishers_[index].socket.read([](std::uint8_t, std::span<const std::uint8_t>) {});
        }
    }
}

LoadFigures BrokerLoad::run(double warm_up_seconds, double seconds) {
    started_ = seconds_now();
    paced_ = 0;
    double begin = 0;
    double cpu = 0;
    std::uint64_t delivered = 0;
    while (true) {
        publish_where_due();
        poll();
        const double now = seconds_now();
        if (begin == 0 && now - started_ >= warm_up_seconds) {
            begin = now;
            cpu = broker_.cpu_seconds();
            delivered = delivered_;
        }
        if (begin == 0 || now - begin < seconds) continue;
        if (delivered_ == delivered) throw std::runtime_error("the broker delivers nothing");
        const auto messages = static_cast<double>(delivered_ - delivered);
        const LoadFigures out{.us_per_delivery = (broker_.cpu_seconds() - cpu) * 1e6 / messages,
                              .deliveries_per_second = messages / (now - begin)};
        const double patience = now + 5;  // what is on its way arrives before the next run
        const auto open = [&] {
            for (const Publisher& p : publishers_) {
                if (p.sent * static_cast<std::uint64_t>(shape_.subscribers) > p.delivered)
                    return true;
            }
            return false;
        };
        while (open()) {
            if (seconds_now() > patience) throw std::runtime_error("messages were lost");
            poll();
        }
        return out;
    }
}

}  // namespace helio::bench
