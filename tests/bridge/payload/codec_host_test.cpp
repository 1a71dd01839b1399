// The real codec host as a real process: what codecs of The Things Network and ChirpStack expect,
// and what hostile ones try.
#include "bridge/payload/codec.h"
#include "bridge/payload/frame_stream.h"
#include "bridge/payload/proto/codec.pb.h"
#include "tests/support/catch.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace helio;
using namespace helio::bridge::payload;

namespace {

class Host {
  public:
    Host() {
        int to_child[2];
        int from_child[2];
        REQUIRE(pipe(to_child) == 0);
        REQUIRE(pipe(from_child) == 0);
        pid_ = fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            dup2(to_child[0], STDIN_FILENO);
            dup2(from_child[1], STDOUT_FILENO);
            for (int fd = 3; fd < 64; ++fd) close(fd);
            execl(HELIO_BIN_DIR "/heliograph-codec-host",
                  "heliograph-codec-host",
                  "--run-time-ms=200",
                  static_cast<char*>(nullptr));
            _exit(127);
        }
        close(to_child[0]);
        close(from_child[1]);
        in_ = to_child[1];
        out_ = from_child[0];
    }
    ~Host() {
        close(in_);
        close(out_);
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    Host(const Host&) = delete;

    void send(const proto::Job& job) {
        proto::JobBatch batch;
        *batch.add_jobs() = job;
        std::string frame;
        append_frame(frame, batch.SerializeAsString());
        REQUIRE(write(in_, frame.data(), frame.size()) == static_cast<ssize_t>(frame.size()));
    }
    // Absent where the host died.
    std::optional<proto::Answer> receive() {
        for (;;) {
            if (const auto frame = reader_.next()) {
                proto::Answer answer;
                REQUIRE(answer.ParseFromString(std::string(*frame)));
                return answer;
            }
            std::uint8_t buffer[4096];
            const ssize_t size = read(out_, buffer, sizeof(buffer));
            if (size <= 0) return std::nullopt;
            reader_.feed(ByteView(buffer, static_cast<std::size_t>(size)));
        }
    }
    std::optional<proto::Answer> decode(const std::string& source, Bytes data = {1, 2, 0xff}) {
        proto::Job job;
        job.set_id(++id_);
        job.set_codec(std::hash<std::string>()(source));
        job.set_source(source);
        job.set_data(data.data(), data.size());
        job.set_fport(7);
        job.set_received_at_ms(1'795'253'400'123);
        job.set_variables_json(R"({"site":"north"})");
        send(job);
        return receive();
    }
    proto::Answer encode(const std::string& source, const std::string& object) {
        proto::Job job;
        job.set_id(++id_);
        job.set_codec(std::hash<std::string>()(source));
        job.set_source(source);
        job.set_function(proto::Job::ENCODE_DOWNLINK);
        job.set_object_json(object);
        job.set_fport(9);
        send(job);
        return receive().value();
    }
    // Why the source is no codec; empty: it is one.
    std::string check(const std::string& source) {
        proto::Job job;
        job.set_id(++id_);
        job.set_codec(std::hash<std::string>()(source));
        job.set_source(source);
        job.set_function(proto::Job::CHECK);
        send(job);
        return receive().value().error();
    }
    proto::Answer authorize(const std::string& source,
                            const std::string& event = R"({"token":"t1"})") {
        const Codec codec = make_authorizer(source);
        proto::Job job;
        job.set_id(++id_);
        job.set_codec(codec.id);
        job.set_source(*codec.source);
        job.set_function(proto::Job::AUTHORIZE);
        job.set_object_json(event);
        send(job);
        return receive().value();
    }
    bool alive() {
        return decode("function decodeUplink(i) { return {data: {ok: 1}}; }")
                   .value()
                   .object_json() == R"({"ok":1})";
    }

  private:
    pid_t pid_ = -1;
    int in_ = -1;
    int out_ = -1;
    std::uint64_t id_ = 0;
    FrameReader reader_{1u << 20};
};

std::string uplink(const std::string& body) {
    return "function decodeUplink(input) {" + body + "}";
}

}  // namespace

TEST_CASE("decodeUplink gets bytes, fPort, recvTime and variables, and its data is the object",
          "[payload][host]") {
    Host host;
    struct Row {
        const char* what;
        std::string source;
        const char* object;
    };
    const Row rows[] = {
        {"bytes is a list of numbers",
         uplink("return {data: {b: input.bytes, a: Array.isArray(input.bytes)}};"),
         R"({"b":[1,2,255],"a":true})"},
        {"fPort is a number", uplink("return {data: {p: input.fPort}};"), R"({"p":7})"},
        {"recvTime is a Date",
         uplink("return {data: {t: input.recvTime.toISOString()}};"),
         R"({"t":"2026-11-21T09:30:00.123Z"})"},
        {"variables is an object of strings",
         uplink("return {data: {s: input.variables.site}};"),
         R"({"s":"north"})"},
        {"a constant holds the function",
         "const decodeUplink = ({bytes}) => ({data: {n: bytes.length}});",
         R"({"n":3})"},
        {"modern language",
         uplink("let {bytes: [a, ...rest]} = input; return {data: {a, x: rest?.at?.(-1) ?? 0, big: "
                "`${2n ** 65n}`}};"),
         R"({"a":1,"x":255,"big":"36893488147419103232"})"},
        {"Buffer reads numbers",
         uplink("const b = Buffer.from(input.bytes); return {data: {u: b.readUInt16BE(0), i: "
                "b.readInt8(2), h: b.toString('hex'), e: b.slice(1).toString('base64')}};"),
         R"({"u":258,"i":-1,"h":"0102ff","e":"Av8="})"},
        {"atob and btoa",
         uplink("return {data: {a: atob('aGVsbG8='), b: btoa('hello')}};"),
         R"({"a":"hello","b":"aGVsbG8="})"},
        {"console is there and silent", uplink("console.log('x'); return {data: {}};"), "{}"},
        {"no number is null in JSON", uplink("return {data: {n: 0/0}};"), R"({"n":null})"},
        {"ChirpStack v3: Decode(fPort, bytes, variables)",
         "function Decode(p, b, v) { return {p: p, n: b.length, s: v.site}; }",
         R"({"p":7,"n":3,"s":"north"})"},
        {"The Things Network v2: Decoder(bytes, port)",
         "function Decoder(b, p) { return {p: p, n: b.length}; }",
         R"({"p":7,"n":3})"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const auto answer = host.decode(row.source);
        REQUIRE(answer);
        CHECK(answer->error() == "");
        CHECK(answer->object_json() == row.object);
    }
    const auto warned = host.decode(uplink("return {data: {}, warnings: ['battery low']};"));
    REQUIRE(warned);
    REQUIRE(warned->warnings_size() == 1);
    CHECK(warned->warnings(0) == "battery low");
}

TEST_CASE("encodeDownlink gets data and gives bytes and fPort", "[payload][host]") {
    Host host;
    const auto answer = host.encode(
        "function encodeDownlink(input) { return {bytes: [input.data.on ? 1 : 0, -1], fPort: "
        "input.fPort + 1}; }",
        R"({"on":true})");
    CHECK(answer.error() == "");
    CHECK(answer.data() == "\x01\xff");
    CHECK(answer.fport() == 10);
    CHECK(host.encode("function encodeDownlink(i) { return {bytes: [256]}; }", "{}").error() ==
          "byte 0 of the result is 256, which is none");
    CHECK(host.encode("function decodeUplink(i) {}", "{}").error() ==
          "the codec has no function encodeDownlink(input)");
}

TEST_CASE("a codec that fails says why, in its own words or the engine's", "[payload][host]") {
    Host host;
    struct Row {
        std::string source;
        const char* part;
    };
    const Row rows[] = {
        {uplink("throw new Error('unknown sensor');"), "unknown sensor"},
        {uplink("return {errors: ['port 7 is not ours', 'and more']};"),
         "port 7 is not ours; and more"},
        {uplink("return input.missing.field;"), "undefined"},
        {uplink("return 5;"), "returned number"},
        {uplink("return {};"), "no object in \"data\""},
        {"function decodeUplink( {", "SyntaxError"},
        {"let x = 1;", "no function decodeUplink"},
        {uplink("return {data: {s: 'x'.repeat(100000)}};"), "larger than"},
        {uplink("const o = {}; o.o = o; return {data: o};"), "cyclic"},
        {uplink("return (function f() { return f(); })();"), "recursion"},
        {uplink("Buffer.from(input.bytes).readUInt32LE(0);"), "4 bytes at 0 are outside of its 3"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.source);
        const auto answer = host.decode(row.source);
        REQUIRE(answer);
        CAPTURE(answer->error());
        CHECK(answer->error().find(row.part) != std::string::npos);
        CHECK(answer->object_json().empty());
    }
    CHECK(host.alive());
}

TEST_CASE("a codec is checked without being called", "[payload][host]") {
    Host host;
    for (const char* source : {"function decodeUplink(i) { throw 1; }",
                               "const encodeDownlink = (i) => ({bytes: []});",
                               "function Decode(f, b) {}",
                               "function Decoder(b, f) {}",
                               "var Encode = function (f, o) {};",
                               "function Encoder(o, f) {}"}) {
        CAPTURE(source);
        CHECK(host.check(source).empty());
    }
    CHECK(host.check("function decodeUplink( {").find("SyntaxError") == 0);
    CHECK(host.check("function decodeUplink( {").find("line 1") != std::string::npos);
    CHECK(host.check("let x = 1;").find("no function decodeUplink") != std::string::npos);
    CHECK(host.check("var decodeUplink = 7;").find("no function") != std::string::npos);
    CHECK(host.check("for (;;) {}").find("longer than") != std::string::npos);
    CHECK(host.check("throw new Error('at once'); function Decode() {}").find("at once") !=
          std::string::npos);
    CHECK(host.alive());
}

TEST_CASE("a codec that hangs is stopped at its time limit and the next message decodes",
          "[payload][host]") {
    Host host;
    for (const std::string body : {"for (;;) {}",
                                   "while (true) { try { for (;;) {} } catch (e) {} }",
                                   "/^(a+)+$/.test('a'.repeat(40) + '!'); for (;;) {}",
                                   "const a = []; for (;;) a.push(a.length);"}) {
        CAPTURE(body);
        const auto answer = host.decode(uplink(body));
        if (!answer) break;  // the engine died of memory: the next test case is about that
        CHECK_FALSE(answer->error().empty());
        CHECK(host.alive());
    }
    Host fresh;
    const auto answer = fresh.decode(uplink("for (;;) {}"));
    REQUIRE(answer);
    CHECK(answer->out_of_time());
    CHECK(answer->forget_codec());
    CHECK(fresh.alive());
}

TEST_CASE("a codec that eats memory gets an error or ends the host, and never more than its share",
          "[payload][host]") {
    for (const std::string body : {"const a = []; for (;;) a.push(new ArrayBuffer(50e6));",
                                   "let s = 'x'; for (;;) s += s;",
                                   "const a = []; for (;;) a.push(new Array(1e6).fill(1));"}) {
        CAPTURE(body);
        Host host;
        const auto answer = host.decode(uplink(body));
        if (answer) CHECK_FALSE(answer->error().empty());
    }
}

TEST_CASE("a codec that breaks the library of its context gets an error, and long texts are cut",
          "[payload][host]") {
    Host host;
    const auto broken = host.decode(
        uplink("Array.prototype.concat = () => 5; return {data: {}, warnings: ['w']};"));
    REQUIRE(broken);
    CHECK(broken->error() == "the codec broke the library of its context");
    const auto wordy = host.decode(uplink("return {errors: ['\u00e4'.repeat(5e6)]};"));
    REQUIRE(wordy);
    CHECK(wordy->error().size() == 1003);
    CHECK(wordy->error().ends_with("\u00e4..."));
    CHECK(host.alive());
}

TEST_CASE("codecs do not see each other's globals, and keep their own", "[payload][host]") {
    Host host;
    const std::string counter = "var n = 0; " + uplink("n += 1; return {data: {n}};");
    CHECK(host.decode(counter).value().object_json() == R"({"n":1})");
    CHECK(host.decode(uplink("return {data: {t: typeof n}};")).value().object_json() ==
          R"({"t":"undefined"})");
    CHECK(host.decode(counter).value().object_json() == R"({"n":2})");
}

TEST_CASE("a codec finds no files, no network, no modules and no processes", "[payload][host]") {
    Host host;
    const auto answer =
        host.decode(uplink("return {data: {r: [typeof require, typeof process, typeof fetch, "
                           "typeof read, typeof os, typeof load]}};"));
    REQUIRE(answer);
    CHECK(answer->object_json() ==
          R"({"r":["undefined","undefined","undefined","undefined","undefined","undefined"]})");
}

TEST_CASE("an authorizer's handler answers in each of the forms of a Lambda function",
          "[payload][host]") {
    Host host;
    const std::string answer = R"({"isAuthenticated":true,"principalId":"t1"})";
    const std::string body = "({isAuthenticated: true, principalId: event.token})";
    for (const std::string& source :
         {"function handler(event) { return " + body + "; }",
          "const handler = async (event) => { await null; return " + body + "; };",
          "exports.handler = async function (event, context) { return " + body + "; };",
          "module.exports = {handler: (event, context, callback) => callback(null, " + body + ")};",
          "exports.handler = (event, context) => { context.succeed(" + body + "); };",
          "export const handler = async (event) => " + body + ";",
          "export async function handler(event) { return " + body + "; }",
          "function handler(event) { return Promise.resolve().then(() => " + body + "); }"}) {
        CAPTURE(source);
        const auto given = host.authorize(source);
        CHECK(given.error() == "");
        CHECK(given.object_json() == answer);
    }
}

TEST_CASE("an authorizer that fails, hangs or answers nothing says so and is survived",
          "[payload][host]") {
    Host host;
    struct Row {
        const char* source;
        const char* part;
    };
    const Row rows[] = {
        {"function handler() { throw new Error('Unauthorized'); }", "Unauthorized"},
        {"const handler = async () => { throw new Error('Unauthorized'); };", "Unauthorized"},
        {"function handler(e, c, callback) { callback('Unauthorized'); }", "Unauthorized"},
        {"function handler(e, context) { context.fail('no'); }", "no"},
        {"function handler() {}", "neither returned"},
        {"const handler = () => new Promise(() => {});", "neither returned"},
        {"const handler = async () => 7;", "object is expected"},
        {"let x = 1;", "no function handler"},
        {"function handler() { for (;;) {} }", "longer than 200 ms"},
        {"const handler = async () => { for (;;) await null; };", "longer than 200 ms"},
        {"const handler = async () => ({a: 'x'.repeat(100000)});", "larger than"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.source);
        const auto given = host.authorize(row.source);
        CHECK(given.error().find(row.part) != std::string::npos);
        CHECK(given.object_json() == "");
        CHECK(host.alive());
    }
}

TEST_CASE("what a codec promised and never waited for does not run in another one's time",
          "[payload][host]") {
    Host host;
    CHECK(host.decode(
        uplink("Promise.resolve().then(() => { globalThis.late = 1; }); return {data: {}};")));
    CHECK(host
              .decode(uplink(
                  "(function again() { Promise.resolve().then(again); })(); return {data: {}};"))
              ->out_of_time());
    CHECK(host.alive());
}
