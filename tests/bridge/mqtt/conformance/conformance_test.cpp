// Runs cases/*.txt: bytes in, bytes out, for each normative statement that can be seen from
// outside. CONFORMANCE.md beside the broker says which case holds which statement.
//
//   == v5:3.1.2-3 v3:3.1.2-3 a sentence      begins a case on a new broker; v3 is MQTT 3.1.1
//   limit NAME NUMBER                        before anything else
//   connect NAME [3|5]                       CONNECT with a clean start, and its CONNACK
//   NAME > PACKETS                           the client sends; a new name opens a connection
//   NAME < PACKET                            the next packet to the client, byte for byte
//   NAME ended                               the server has ended the connection
//   NAME vanishes                            the network goes away without a DISCONNECT
//   wait SECONDS | crash
//
// At the end of a case nothing may be left that was not expected.
#include "bridge/mqtt/packet/stream_decoder.h"
#include "tests/bridge/mqtt/conformance/packet_text.h"
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

const char* const kConnect3 = "10 * \"MQTT\" 04 02 0000 ";
const char* const kConnect5 = "10 * \"MQTT\" 05 02 0000 {} ";
const char* const kConnack3 = "20 02 0000";

std::string cut_word(std::string& line) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    const std::string word = line.substr(begin, end - begin);
    line.erase(0, std::min(line.find_first_not_of(' ', end), line.size()));
    return word;
}

struct Peer {
    Client* client = nullptr;
    Bytes heard;
    bool ended_expected = false;
};

class Case {
  public:
    void run(std::string line) {
        const std::string word = cut_word(line);
        if (word == "limit") return limit(line);
        if (!fixture_) fixture_ = std::make_unique<BrokerFixture>(limits_);
        if (word == "wait") {
            fixture_->advance(std::chrono::seconds(std::stol(line)));
        } else if (word == "crash") {
            fixture_->crash();
            peers_.clear();
        } else if (word == "connect") {
            connect(cut_word(line), line);
        } else {
            peer_verb(word, cut_word(line), line);
        }
    }
    void finish() {
        for (auto& [name, peer] : peers_) {
            hear(peer);
            INFO(name << " has heard something that was not expected: " << next_packet(peer));
            CHECK(peer.heard.empty());
            INFO(name << (peer.client->ended() ? " was ended" : " was not ended"));
            CHECK(peer.client->ended() == peer.ended_expected);
        }
    }

  private:
    void limit(std::string line) {
        const std::string name = cut_word(line);
        const auto value = std::stoul(line);
        if (name == "receive_maximum") {
            limits_.receive_maximum = static_cast<std::uint16_t>(value);
        } else if (name == "topic_alias_maximum") {
            limits_.topic_alias_maximum = static_cast<std::uint16_t>(value);
        } else if (name == "max_packet_bytes") {
            limits_.max_packet_bytes = value;
        } else if (name == "max_keep_alive_s") {
            limits_.max_keep_alive_s = static_cast<std::uint16_t>(value);
        } else {
            FAIL("no such limit: " << name);
        }
    }
    void connect(const std::string& name, const std::string& version) {
        const bool v3 = version == "3";
        send(name, (v3 ? kConnect3 : kConnect5) + ('"' + name + '"'));
        Peer& peer = peers_.at(name);
        const std::string connack = next_packet(peer);
        CHECK((v3 ? connack == to_hex(PacketText::read(kConnack3)) : connack.starts_with("20")));
        CHECK((v3 || connack.substr(4, 4) == "0000"));
        drop_packet(peer);
    }
    void peer_verb(const std::string& name, const std::string& verb, const std::string& rest) {
        if (verb == ">") return send(name, rest);
        const auto at = peers_.find(name);
        if (at == peers_.end()) throw std::invalid_argument("nobody is called " + name);
        Peer& peer = at->second;
        hear(peer);
        if (verb == "<") {
            const std::string expected = to_hex(PacketText::read(rest));
            CHECK(next_packet(peer) == expected);
            drop_packet(peer);
        } else if (verb == "ended") {
            CHECK(peer.client->ended());
            peer.ended_expected = true;
        } else if (verb == "vanishes") {
            peer.client->vanish();
        } else {
            throw std::invalid_argument("no such verb: " + verb);
        }
    }
    void send(const std::string& name, const std::string& packets) {
        Peer& peer = peers_[name];
        if (peer.client == nullptr || peer.client->connection().closed()) {
            if (peer.client != nullptr) hear(peer);
            peer.client = &fixture_->client(name);
            peer.ended_expected = false;
        }
        peer.client->send_bytes(PacketText::read(packets));
        hear(peer);
    }
    static void hear(Peer& peer) { put_bytes(peer.heard, peer.client->take_bytes()); }
    static std::size_t packet_size(const Peer& peer) {
        const auto found = next_frame(peer.heard, kMaxPacketBytes);
        return found && *found ? (*found)->size : peer.heard.size();
    }
    static std::string next_packet(const Peer& peer) {
        return to_hex(ByteView(peer.heard).first(packet_size(peer)));
    }
    static void drop_packet(Peer& peer) {
        peer.heard.erase(peer.heard.begin(),
                         peer.heard.begin() + static_cast<std::ptrdiff_t>(packet_size(peer)));
    }

    Limits limits_;
    std::unique_ptr<BrokerFixture> fixture_;
    std::map<std::string, Peer> peers_;
};

struct CaseText {
    std::string sentence;
    std::vector<std::string> lines;
};

std::vector<CaseText> cases_of(const std::filesystem::path& file) {
    std::vector<CaseText> out;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#') continue;
        if (line.starts_with("== ")) {
            out.push_back({line.substr(3), {}});
        } else {
            REQUIRE_FALSE(out.empty());
            out.back().lines.push_back(line);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("each normative statement that can be seen from outside holds, byte for byte",
          "[mqtt][conformance]") {
    const auto folder = std::filesystem::path(HELIO_TEST_DATA) / "../bridge/mqtt/conformance/cases";
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        for (const CaseText& text : cases_of(file.path())) {
            INFO(file.path().filename().string() << ": " << text.sentence);
            Case one;
            for (const std::string& line : text.lines) {
                INFO(line);
                try {
                    one.run(line);
                } catch (const std::invalid_argument& error) {
                    FAIL(error.what());
                }
            }
            one.finish();
            ++count;
        }
    }
    CHECK(count > 100);
}
