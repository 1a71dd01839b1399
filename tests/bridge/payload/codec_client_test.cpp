#include "bridge/payload/codec_client.h"

#include "bridge/payload/proto/codec.pb.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::payload;
using namespace std::chrono_literals;

namespace {

// A host that notes what it is sent and answers only when the test says so.
class Fixture : public CodecHostPort {
  public:
    bool start() override {
        ++starts;
        return startable;
    }
    void send(std::string bytes) override {
        FrameReader reader(1u << 20);
        reader.feed(bytes_of(bytes));
        while (const auto frame = reader.next()) {
            proto::JobBatch batch;
            REQUIRE(batch.ParseFromString(std::string(*frame)));
            sent.insert(sent.end(), batch.jobs().begin(), batch.jobs().end());
        }
    }
    void kill() override { ++kills; }

    void decode(const Codec& codec) {
        client.decode(
            {.codec = codec, .data = {1, 2}, .fport = 3},
            [this](Result<Decoded, CodecError> result) { results.push_back(result); },
            now);
    }
    void answer(std::uint64_t id, const std::string& object, bool out_of_time = false) {
        proto::Answer answer;
        answer.set_id(id);
        answer.set_object_json(object);
        if (out_of_time) answer.set_error("too long");
        answer.set_out_of_time(out_of_time);
        std::string frame;
        append_frame(frame, answer.SerializeAsString());
        client.on_bytes(bytes_of(frame), now);
    }

    int starts = 0;
    int kills = 0;
    bool startable = true;
    std::vector<proto::Job> sent;
    std::vector<Result<Decoded, CodecError>> results;
    Instant now = from_unix_us(1'800'000'000'000'000);
    CodecClient client{*this};
    const Codec codec = make_codec("function decodeUplink(i) { return {data: {}}; }");
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "jobs of a turn leave as one batch, and a source is sent once a host",
                 "[payload]") {
    decode(codec);
    decode(codec);
    CHECK(sent.empty());
    client.flush(now);
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].source() == *codec.source);
    CHECK(sent[1].source().empty());
    answer(sent[0].id(), R"({"t":1})");
    answer(sent[1].id(), R"({"t":2})");
    REQUIRE(results.size() == 2);
    CHECK(results[1].value().object_json == R"({"t":2})");
}

TEST_CASE_METHOD(Fixture, "when the host dies, only the job that was running fails", "[payload]") {
    decode(codec);
    decode(codec);
    decode(codec);
    client.flush(now);
    answer(sent[0].id(), "{}");
    client.on_exit(now);
    REQUIRE(results.size() == 2);
    CHECK(results[1].error().kind == CodecFailure::crashed);
    sent.clear();
    client.flush(now);
    CHECK(starts == 2);
    REQUIRE(sent.size() == 1);
    CHECK_FALSE(sent[0].source().empty());
    answer(sent[0].id(), "{}");
    REQUIRE(results.size() == 3);
    CHECK(results[2].has_value());
}

TEST_CASE_METHOD(Fixture,
                 "a host that is silent over its limit is killed and its job is out of time",
                 "[payload]") {
    decode(codec);
    client.flush(now);
    now += 2900ms;
    REQUIRE(client.on_time(now).has_value());
    CHECK(kills == 0);
    now += 200ms;
    client.on_time(now);
    CHECK(kills == 1);
    client.on_exit(now);
    REQUIRE(results.size() == 1);
    CHECK(results[0].error().kind == CodecFailure::out_of_time);
}

TEST_CASE_METHOD(Fixture,
                 "a codec that fails three times in a row rests, and then may try again",
                 "[payload]") {
    const Codec other = make_codec("other");
    for (int i = 0; i < 3; ++i) {
        decode(codec);
        client.flush(now);
        answer(sent.back().id(), "", true);
    }
    decode(codec);
    REQUIRE(results.size() == 4);
    CHECK(results[3].error().kind == CodecFailure::suspended);
    decode(other);
    client.flush(now);
    CHECK(sent.back().source() == "other");
    answer(sent.back().id(), "{}");
    now += 31s;
    client.on_time(now);
    decode(codec);
    CHECK(client.waiting() == 1);
}

TEST_CASE_METHOD(Fixture,
                 "what the host says is checked: it must be JSON, and in order",
                 "[payload]") {
    decode(codec);
    decode(codec);
    client.flush(now);
    answer(sent[0].id(), R"({"t":)");
    REQUIRE(results.size() == 1);
    CHECK(results[0].error().kind == CodecFailure::script);
    answer(12345, "{}");
    CHECK(kills == 1);
    CHECK(results.size() == 1);
}

TEST_CASE_METHOD(Fixture,
                 "when no host can be started, jobs are refused and nothing waits",
                 "[payload]") {
    startable = false;
    decode(codec);
    client.flush(now);
    REQUIRE(results.size() == 1);
    CHECK(results[0].error().kind == CodecFailure::crashed);
    CHECK(client.waiting() == 0);
}

TEST_CASE_METHOD(Fixture,
                 "the queue is bounded, and what does not fit is refused at once",
                 "[payload]") {
    for (int i = 0; i < 20'001; ++i) decode(codec);
    REQUIRE(results.size() == 1);
    CHECK(results[0].error().kind == CodecFailure::overloaded);
}

TEST_CASE("frames come out whole however the pipe cuts them", "[payload]") {
    std::string stream;
    append_frame(stream, "one");
    append_frame(stream, "");
    append_frame(stream, "three");
    for (std::size_t step = 1; step <= stream.size(); ++step) {
        CAPTURE(step);
        FrameReader reader(16);
        std::vector<std::string> frames;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            reader.feed(bytes_of(std::string_view(stream).substr(at, step)));
            while (const auto frame = reader.next()) frames.emplace_back(*frame);
        }
        CHECK(frames == std::vector<std::string>{"one", "", "three"});
        CHECK_FALSE(reader.broken());
    }
    FrameReader reader(4);
    reader.feed(bytes_of(stream));
    while (reader.next()) {
    }
    CHECK(reader.broken());
}
