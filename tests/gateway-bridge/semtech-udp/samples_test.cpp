// Every datagram of tests/data/gwmp/samples.json, with what it must and must not do.
#include "tests/gateway-bridge/semtech-udp/world.h"
#include "tests/support/catch.h"

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;

namespace {

struct Sample {
    std::string name;
    std::string datagram;
    std::string reply;
    std::size_t uplinks = 0;
    bool status = false;
    std::string tx_ack;
};

std::vector<Sample> samples(const char* group) {
    std::ifstream file(HELIO_TEST_DATA "/gwmp/samples.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto root = boost::json::parse(text.str());
    std::vector<Sample> out;
    for (const auto& value : root.at(group).as_array()) {
        const auto& row = value.as_object();
        Sample sample{.name = row.at("name").as_string().c_str(),
                      .datagram = row.at("datagram").as_string().c_str(),
                      .reply = row.at("reply").as_string().c_str()};
        if (const auto* n = row.if_contains("uplinks"))
            sample.uplinks = n->to_number<std::size_t>();
        if (const auto* s = row.if_contains("status")) sample.status = s->as_bool();
        if (const auto* t = row.if_contains("tx_ack")) sample.tx_ack = t->as_string().c_str();
        out.push_back(std::move(sample));
    }
    return out;
}

std::string sample_word(lns::TxAckStatus status) {
    constexpr std::array<const char*, kTxAckStatuses> kNames = {"ok",
                                                                "too_late",
                                                                "too_early",
                                                                "collision_packet",
                                                                "collision_beacon",
                                                                "tx_freq",
                                                                "tx_power",
                                                                "gps_unlocked",
                                                                "queue_full",
                                                                "gateway_gone",
                                                                "other"};
    return kNames[static_cast<std::size_t>(status)];
}

void check(const Sample& sample) {
    CAPTURE(sample.name);
    World world;
    world.pull();
    world.send(world.downlink());  // awaits its TX_ACK with the token of the samples
    world.receive_hex(sample.datagram);
    CHECK(world.reply() == sample.reply);
    CHECK(world.out.datagrams.size() == (sample.reply.empty() ? 0 : 1));
    CHECK(world.out.uplinks.size() == sample.uplinks);
    CHECK((world.out.status != nullptr) == sample.status);
    if (sample.tx_ack.empty()) {
        CHECK(world.out.tx_acks.empty());
    } else {
        REQUIRE(world.out.tx_acks.size() == 1);
        CHECK(sample_word(world.out.tx_acks[0].status) == sample.tx_ack);
        CHECK(world.out.tx_acks[0].downlink_id == 7);
    }
}

}  // namespace

TEST_CASE("each valid sample is answered and understood", "[semtech-udp]") {
    const auto rows = samples("valid");
    REQUIRE(rows.size() == 21);
    for (const Sample& sample : rows) check(sample);
}

TEST_CASE("each malformed sample does what is expected of it and nothing else", "[semtech-udp]") {
    const auto rows = samples("malformed");
    REQUIRE(rows.size() == 90);
    for (const Sample& sample : rows) check(sample);
}

TEST_CASE("a datagram of the greatest size is survived, whatever is in it", "[semtech-udp]") {
    constexpr std::size_t kGreatest = 65'507;
    World world;
    const std::string brackets(kGreatest - 12 - 9, '[');
    for (const std::string& json : {std::string(kGreatest - 12, ' '),
                                    R"({"rxpk":[)" + brackets,
                                    R"({"unknow)" + brackets,
                                    R"({"stat":)" + brackets}) {
        world.push(json);
        CHECK(world.reply() == "02a1b201");
        CHECK(world.out.uplinks.empty());
        CHECK(world.out.status == nullptr);
    }
    CHECK(world.backend.stats().push_data_malformed == 4);
}

TEST_CASE("no cut of a good PUSH_DATA lets an uplink through", "[semtech-udp]") {
    const Sample sample = samples("valid").front();
    const Bytes datagram = *from_hex(sample.datagram);
    for (std::size_t size = 0; size < datagram.size(); ++size) {
        CAPTURE(size);
        World world;
        world.receive(ByteView(datagram).first(size));
        CHECK(world.out.uplinks.empty());
    }
}
