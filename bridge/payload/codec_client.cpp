#include "bridge/payload/codec_client.h"

#include "bridge/payload/proto/codec.pb.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace helio::bridge::payload {
namespace {

constexpr std::size_t kMaxAnswer = 1u << 20;

std::string to_json(const Variables& variables) {
    if (variables.empty()) return {};
    boost::json::object object;
    for (const auto& [name, value] : variables) object[name] = value;
    return boost::json::serialize(object);
}

// The host is not trusted: a script that took it over could say anything.
bool is_json_object(std::string_view text) {
    unsigned char memory[8192];
    boost::json::monotonic_resource resource(memory);
    boost::system::error_code error;
    const boost::json::value value =
        boost::json::parse({text.data(), text.size()}, error, &resource);
    return !error && (value.is_object() || value.is_array());
}

void fill(proto::Job& out, const DecodeJob& job) {
    out.set_function(proto::Job::DECODE_UPLINK);
    out.set_data(job.data.data(), job.data.size());
    out.set_fport(job.fport);
    out.set_received_at_ms(to_unix_us(job.received_at) / 1000);
    out.set_variables_json(to_json(job.variables));
}

void fill(proto::Job& out, const EncodeJob& job) {
    out.set_function(proto::Job::ENCODE_DOWNLINK);
    out.set_object_json(job.object_json);
    out.set_fport(job.fport);
    out.set_variables_json(to_json(job.variables));
}

void fill(proto::Job& out, const CheckJob&) { out.set_function(proto::Job::CHECK); }

void fill(proto::Job& out, const AuthorizeJob& job) {
    out.set_function(proto::Job::AUTHORIZE);
    out.set_object_json(job.event_json);
}

Decoded to_result(proto::Answer& answer, const OnDecoded&) {
    return {std::move(*answer.mutable_object_json()),
            {answer.warnings().begin(), answer.warnings().end()}};
}

Encoded to_result(proto::Answer& answer, const OnEncoded&) {
    return {Bytes(answer.data().begin(), answer.data().end()),
            static_cast<std::uint8_t>(answer.fport()),
            {answer.warnings().begin(), answer.warnings().end()}};
}

Checked to_result(proto::Answer&, const OnChecked&) { return {}; }

std::string to_result(proto::Answer& answer, const OnAuthorized&) {
    return std::move(*answer.mutable_object_json());
}

}  // namespace

const Codec& CodecClient::Job::codec() const {
    return std::visit([](const auto& w) -> const Codec& { return w.codec; }, work);
}

CodecClient::CodecClient(CodecHostPort& host, CodecLimits limits)
    : host_(host), limits_(limits), reader_(kMaxAnswer) {}

void CodecClient::decode(DecodeJob job, OnDecoded done, Instant now) {
    enqueue({next_id_++, std::move(job), std::move(done)}, now);
}

void CodecClient::encode(EncodeJob job, OnEncoded done, Instant now) {
    enqueue({next_id_++, std::move(job), std::move(done)}, now);
}

void CodecClient::check(CheckJob job, OnChecked done, Instant now) {
    enqueue({next_id_++, std::move(job), std::move(done)}, now);
}

void CodecClient::authorize(AuthorizeJob job, OnAuthorized done, Instant now) {
    enqueue({next_id_++, std::move(job), std::move(done)}, now);
}

void CodecClient::enqueue(Job job, Instant now) {
    ++stats_.jobs;
    if (waiting() >= limits_.max_waiting) {
        ++stats_.overloaded;
        return refuse(job, CodecFailure::overloaded, "too many messages wait for their codec");
    }
    const auto record = records_.find(job.codec().id);
    if (record != records_.end() && record->second.rests_until > now) {
        ++stats_.suspended;
        return refuse(job,
                      CodecFailure::suspended,
                      "the codec ran out of time or crashed again and again and rests until " +
                          to_rfc3339(record->second.rests_until, 0));
    }
    waiting_.push_back(std::move(job));
}

void CodecClient::refuse(Job& job, CodecFailure kind, std::string text) {
    std::visit([&](auto& done) { done(fail(CodecError{kind, std::move(text)})); }, job.done);
}

void CodecClient::strike(const Codec& codec, Instant now) {
    // Codecs that only ever failed once are forgotten when their rest is over; see on_time.
    Record& record = records_[codec.id];
    ++record.strikes;
    record.rests_until = record.strikes >= limits_.strikes ? now + limits_.suspension : Instant{};
}

bool CodecClient::ensure_host(Instant now) {
    if (state_ == Host::running) return true;
    if (state_ == Host::dying || now < start_again_) return false;
    known_.clear();
    reader_ = FrameReader(kMaxAnswer);
    ++stats_.host_starts;
    if (host_.start()) {
        state_ = Host::running;
        return true;
    }
    start_again_ = now + limits_.max_restart_delay;
    for (Job& job : std::exchange(waiting_, {})) {
        ++stats_.crashed;
        refuse(job, CodecFailure::crashed, "the codec host cannot be started");
    }
    return false;
}

void CodecClient::flush(Instant now) {
    if (!in_flight_.empty() || waiting_.empty() || !ensure_host(now)) return;
    proto::JobBatch batch;
    while (!waiting_.empty() && in_flight_.size() < limits_.max_batch) {
        Job& job = waiting_.front();
        proto::Job& out = *batch.add_jobs();
        out.set_id(job.id);
        out.set_codec(job.codec().id);
        if (known_.insert(job.codec().id).second) out.set_source(*job.codec().source);
        std::visit([&](const auto& work) { fill(out, work); }, job.work);
        in_flight_.push_back(std::move(job));
        waiting_.pop_front();
    }
    last_progress_ = now;
    std::string frame;
    append_frame(frame, batch.SerializeAsString());
    host_.send(std::move(frame));
}

void CodecClient::on_bytes(ByteView bytes, Instant now) {
    if (state_ != Host::running) return;
    reader_.feed(bytes);
    while (const auto frame = reader_.next()) take_answer(*frame, now);
    if (reader_.broken()) kill_host();
}

void CodecClient::take_answer(std::string_view frame, Instant now) {
    proto::Answer answer;
    if (in_flight_.empty() ||
        !answer.ParseFromArray(frame.data(), static_cast<int>(frame.size())) ||
        answer.id() != in_flight_.front().id) {
        return kill_host();
    }
    last_progress_ = now;
    fruitless_deaths_ = 0;
    Job job = std::move(in_flight_.front());
    in_flight_.pop_front();
    if (answer.forget_codec()) known_.erase(job.codec().id);
    if (answer.out_of_time()) {
        ++stats_.out_of_time;
        strike(job.codec(), now);
        return refuse(job, CodecFailure::out_of_time, std::move(*answer.mutable_error()));
    }
    records_.erase(job.codec().id);
    const bool is_json = std::holds_alternative<OnDecoded>(job.done) ||
                         std::holds_alternative<OnAuthorized>(job.done);
    if (answer.error().empty() && is_json &&
        (answer.object_json().size() > limits_.max_object_bytes ||
         !is_json_object(answer.object_json()))) {
        answer.set_error("the codec's result is too large or no JSON object");
    }
    if (!answer.error().empty()) {
        ++stats_.failed_script;
        return refuse(job, CodecFailure::script, std::move(*answer.mutable_error()));
    }
    std::visit([&](auto& done) { done(to_result(answer, done)); }, job.done);
}

void CodecClient::kill_host() {
    if (state_ != Host::running) return;
    state_ = Host::dying;
    host_.kill();
}

void CodecClient::on_exit(Instant now) {
    state_ = Host::stopped;
    const Duration delay =
        std::min(limits_.max_restart_delay,
                 limits_.restart_delay * (1u << std::min<std::uint32_t>(fruitless_deaths_, 10)));
    start_again_ = fruitless_deaths_++ == 0 ? now : now + delay;
    const bool silent = std::exchange(killed_for_silence_, false);
    if (in_flight_.empty()) return;

    Job culprit = std::move(in_flight_.front());
    in_flight_.pop_front();
    waiting_.insert(waiting_.begin(),
                    std::make_move_iterator(in_flight_.begin()),
                    std::make_move_iterator(in_flight_.end()));
    in_flight_.clear();
    strike(culprit.codec(), now);
    ++(silent ? stats_.out_of_time : stats_.crashed);
    refuse(culprit,
           silent ? CodecFailure::out_of_time : CodecFailure::crashed,
           silent ? "the codec did not come back and was stopped by force"
                  : "the codec crashed the JavaScript engine, or used more memory than it may");
}

std::optional<Instant> CodecClient::on_time(Instant now) {
    std::erase_if(records_, [&](const auto& entry) {
        return entry.second.rests_until != Instant{} && entry.second.rests_until <= now;
    });
    if (!in_flight_.empty()) {
        if (state_ == Host::running && now - last_progress_ >= limits_.silence) {
            killed_for_silence_ = true;
            kill_host();
        }
        return std::max(now + std::chrono::milliseconds(100), last_progress_ + limits_.silence);
    }
    flush(now);
    if (waiting_.empty()) return std::nullopt;
    return std::max(now + std::chrono::milliseconds(10), start_again_);
}

}  // namespace helio::bridge::payload
