// Loads a broker with many publishers and subscribers from one thread, in a closed loop: nobody has
// more than a window of messages on their way, so that nothing is lost and nothing overflows.
#pragma once

#include "tools/helio-bench/broker_process.h"
#include "tools/helio-bench/mqtt_socket.h"

#include <optional>

namespace helio::bench {

struct LoadShape {
    int publishers = 50;
    int subscribers = 1;
    int qos = 0;
    int per_write = 1;                 // messages of a publisher that go with one write()
    int window = 32;                   // of a publisher
    double per_second = 0;             // all together; 0: as fast as it goes
    Session session = Session::clean;  // of the subscribers
};

struct LoadFigures {
    double us_per_delivery = 0;  // the broker's processor time
    double deliveries_per_second = 0;
};

class BrokerLoad {
  public:
    BrokerLoad(const BrokerProcess& broker, const LoadShape& shape);
    ~BrokerLoad();
    BrokerLoad(const BrokerLoad&) = delete;
    BrokerLoad& operator=(const BrokerLoad&) = delete;

    LoadFigures run(double warm_up_seconds, double seconds);

  private:
    struct Publisher {
        MqttSocket socket;
        std::string topic;
        std::uint64_t sent = 0;
        std::uint64_t delivered = 0;  // to all subscribers together
    };
    void watch(int fd, std::uint32_t index);
    void read_subscriber(MqttSocket& socket);
    void publish_where_due();
    void publish(Publisher& publisher, int count);
    void poll();

    const BrokerProcess& broker_;
    LoadShape shape_;
    std::vector<Publisher> publishers_;
    std::vector<MqttSocket> subscribers_;
    int epoll_ = -1;
    std::uint64_t delivered_ = 0;
    double started_ = 0;
    std::uint64_t paced_ = 0;
    std::size_t next_publisher_ = 0;
    MqttSocket::Buffer scratch_;
};

}  // namespace helio::bench
