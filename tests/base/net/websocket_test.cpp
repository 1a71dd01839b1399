#include "base/net/websocket.h"

#include "tests/base/net/websocket_client.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::net;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

constexpr std::string_view kOurs[] = {"mqtt", "mqttv3.1"};

HttpRequest upgrade(std::string_view protocols = "mqtt") {
    return {.method = "GET",
            .target = "/mqtt",
            .headers = {{"Host", "server"},
                        {"Upgrade", "websocket"},
                        {"Connection", "keep-alive, Upgrade"},
                        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                        {"Sec-WebSocket-Version", "13"},
                        {"Sec-WebSocket-Protocol", std::string(protocols)}}};
}

HttpRequest with(HttpRequest request, std::string_view name, std::string_view value) {
    for (auto& [key, content] : request.headers) {
        if (key == name) content = value;
    }
    return request;
}

int status_of(const HttpRequest& request) {
    const auto answer = accept_websocket(request, kOurs);
    return answer ? 101 : answer.error().status;
}

struct Server {
    WebSocket socket;
    Bytes data;
    Bytes output;
    explicit Server(WebSocketLimits limits = {}) : socket(limits) {}

    void hear(const TestFrame& frame) { hear(frame.bytes()); }
    void hear(ByteView bytes) { socket.feed(bytes, data, output); }
    std::string text() const { return std::string(text_of(data)); }
    // The code of the close that was the last thing said.
    unsigned code() const {
        const auto frames = frames_of(output);
        return frames.empty() || frames.back().opcode != 8 ? 0 : close_code(frames.back());
    }
};

}  // namespace

TEST_CASE("the accept value is SHA-1 of the key and the GUID", "[net][websocket]") {
    const auto answer = accept_websocket(upgrade(), kOurs);
    REQUIRE(answer);
    CHECK_THAT(*answer, StartsWith("HTTP/1.1 101 "));
    // RFC 6455 §1.3
    CHECK_THAT(*answer,
               ContainsSubstring("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    CHECK_THAT(*answer, ContainsSubstring("Sec-WebSocket-Protocol: mqtt\r\n"));
}

TEST_CASE("the sub-protocol mqtt is chosen among those offered", "[net][websocket]") {
    CHECK_THAT(accept_websocket(upgrade("chat, mqttv3.1,mqtt"), kOurs).value(),
               ContainsSubstring("Sec-WebSocket-Protocol: mqtt\r\n"));
    CHECK_THAT(accept_websocket(upgrade("mqttv3.1"), kOurs).value(),
               ContainsSubstring("Sec-WebSocket-Protocol: mqttv3.1\r\n"));
    CHECK(status_of(upgrade("chat")) == 400);
    CHECK(status_of(upgrade("MQTT")) == 400);
    CHECK(status_of(upgrade("")) == 400);
}

TEST_CASE("an upgrade that is none is refused with what is missing", "[net][websocket]") {
    const HttpRequest good = upgrade();
    CHECK(status_of(with(good, "Upgrade", "h2c")) == 426);
    CHECK(status_of(with(good, "Connection", "close")) == 426);
    CHECK(status_of(with(good, "Sec-WebSocket-Version", "8")) == 426);
    CHECK(status_of(with(good, "Sec-WebSocket-Key", "")) == 400);
    CHECK(status_of(with(good, "Sec-WebSocket-Key", "dGhlIHNhbXBsZQ==")) == 400);
    CHECK(status_of(with(good, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==x")) == 400);
    HttpRequest twice = good;
    twice.headers.emplace_back("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    CHECK(status_of(twice) == 400);
    HttpRequest post = good;
    post.method = "POST";
    CHECK(status_of(post) == 400);
    const auto old = accept_websocket(with(good, "Sec-WebSocket-Version", "8"), kOurs);
    CHECK(find_header(old.error().headers, "Sec-WebSocket-Version") == "13");
}

TEST_CASE("binary frames are one stream of bytes, however it is cut", "[net][websocket]") {
    const std::string long_text(70'000, 'x');
    Bytes sent;
    const TestFrame frames[] = {{.payload = "one"},
                                {.payload = "two", .fin = false},
                                {.opcode = 9, .payload = "ping"},
                                {.opcode = 0, .payload = "", .fin = false},
                                {.opcode = 0, .payload = std::string(300, 'y')},
                                {.payload = long_text}};
    for (const TestFrame& frame : frames) {
        const Bytes bytes = frame.bytes();
        sent.insert(sent.end(), bytes.begin(), bytes.end());
    }
    const std::string expected = "onetwo" + std::string(300, 'y') + long_text;
    for (const std::size_t step : {sent.size(), std::size_t{1}, std::size_t{4097}}) {
        CAPTURE(step);
        Server s;
        for (ByteView rest = sent; !rest.empty();) {
            const ByteView piece = rest.first(std::min(step, rest.size()));
            s.hear(piece);
            rest = rest.subspan(piece.size());
        }
        CHECK(s.text() == expected);
        const auto answers = frames_of(s.output);
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].opcode == 10);
        CHECK(answers[0].payload == "ping");
        CHECK_FALSE(s.socket.closed());
    }
}

TEST_CASE("of many pings the last is answered", "[net][websocket]") {
    Server s;
    Bytes burst;
    for (int i = 0; i < 1000; ++i) {
        const Bytes one = TestFrame{.opcode = 9, .payload = std::to_string(i)}.bytes();
        burst.insert(burst.end(), one.begin(), one.end());
    }
    s.hear(burst);
    const auto answers = frames_of(s.output);
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].payload == "999");
}

TEST_CASE("a server sends whole frames without a mask", "[net][websocket]") {
    for (const std::size_t size : {1u, 125u, 126u, 65'535u, 65'536u}) {
        CAPTURE(size);
        Server s;
        const std::string text(size, 'z');
        s.socket.send(bytes_of(text), s.output);
        const auto frames = frames_of(s.output);
        REQUIRE(frames.size() == 1);
        CHECK(frames[0].opcode == 2);
        CHECK(frames[0].fin);
        CHECK_FALSE(frames[0].masked);
        CHECK(frames[0].payload == text);
    }
}

TEST_CASE("a frame that must not be is answered with its close code", "[net][websocket]") {
    struct Case {
        std::string_view name;
        TestFrame frame;
        unsigned code;
    };
    const Case cases[] = {
        {"text", {.opcode = 1, .payload = "x"}, 1003},
        {"not masked", {.payload = "x", .masked = false}, 1002},
        {"a reserved bit", {.payload = "x", .rsv = 4}, 1002},
        {"a reserved kind", {.opcode = 3, .payload = "x"}, 1002},
        {"a reserved kind of control", {.opcode = 11, .payload = "x"}, 1002},
        {"a continuation of nothing", {.opcode = 0, .payload = "x"}, 1002},
        {"a long ping", {.opcode = 9, .payload = std::string(126, 'x')}, 1002},
        {"a ping in parts", {.opcode = 9, .payload = "x", .fin = false}, 1002},
        {"half a close code", {.opcode = 8, .payload = "\x03"}, 1002},
        {"a close code that only stands for none", {.opcode = 8, .payload = "\x03\xed"}, 1002},
        {"a close code below 1000", {.opcode = 8, .payload = "\x03\xe7"}, 1002},
        {"a reason that is no UTF-8", {.opcode = 8, .payload = "\x03\xe8\xff"}, 1007},
        {"a reason with a surrogate", {.opcode = 8, .payload = "\x03\xe8\xed\xa0\x80"}, 1007},
        {"a reason that ends early", {.opcode = 8, .payload = "\x03\xe8\xe2\x82"}, 1007},
        {"a reason with a long form", {.opcode = 8, .payload = "\x03\xe8\xc0\xaf"}, 1007},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        Server s;
        s.hear(TestFrame{.payload = "before"});
        s.hear(c.frame);
        CHECK(s.text() == "before");
        CHECK(s.socket.closed());
        CHECK(s.code() == c.code);
        const std::size_t said = s.output.size();
        s.hear(TestFrame{.payload = "behind"});
        s.socket.send(bytes_of("behind"), s.output);
        CHECK(s.text() == "before");
        CHECK(s.output.size() == said);
    }
}

TEST_CASE("a message begins only where the one before has ended", "[net][websocket]") {
    Server s;
    s.hear(TestFrame{.payload = "a", .fin = false});
    s.hear(TestFrame{.payload = "b"});
    CHECK(s.code() == 1002);
}

TEST_CASE("a close is answered with its code", "[net][websocket]") {
    Server s;
    SECTION("with a code and a reason") {
        s.hear(TestFrame{.opcode = 8, .payload = "\x03\xe9tsch\xc3\xbcss \xf0\x9f\x91\x8b"});
        CHECK(s.code() == 1001);
    }
    SECTION("of an application") {
        s.hear(TestFrame{.opcode = 8, .payload = "\x0f\xa0"});
        CHECK(s.code() == 4000);
    }
    SECTION("without one") {
        s.hear(TestFrame{.opcode = 8});
        REQUIRE(frames_of(s.output).size() == 1);
        CHECK(frames_of(s.output)[0].payload.empty());
    }
    CHECK(s.socket.closed());
    CHECK(s.socket.closed_by_peer());
}

TEST_CASE("a message is bounded in bytes before they come", "[net][websocket]") {
    Server s({.message_bytes = 1000});
    SECTION("in one frame") {
        s.hear(ByteView(TestFrame{.payload = std::string(1001, 'x')}.bytes()).first(10));
        CHECK(s.code() == 1009);
    }
    SECTION("in several frames") {
        s.hear(TestFrame{.payload = std::string(600, 'x'), .fin = false});
        CHECK(s.code() == 0);
        s.hear(TestFrame{.opcode = 0, .payload = std::string(401, 'x')});
        CHECK(s.code() == 1009);
    }
    SECTION("with the longest length that can be said") {
        Bytes header{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5};
        s.hear(header);
        CHECK(s.code() == 1009);
    }
}

TEST_CASE("a message cannot be cut into frames without end", "[net][websocket]") {
    Server s({.free_frames = 100});
    s.hear(TestFrame{.payload = "", .fin = false});
    for (int i = 0; i < 99; ++i) s.hear(TestFrame{.opcode = 0, .payload = "", .fin = false});
    CHECK(s.code() == 0);
    s.hear(TestFrame{.opcode = 0, .payload = "", .fin = false});
    CHECK(s.code() == 1008);

    Server honest({.free_frames = 100});
    honest.hear(TestFrame{.payload = "", .fin = false});
    for (int i = 0; i < 500; ++i) {
        honest.hear(TestFrame{.opcode = 0, .payload = std::string(64, 'x'), .fin = false});
    }
    CHECK(honest.code() == 0);
}
