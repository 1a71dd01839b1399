// The server's side of the codec host, without I/O: queues jobs, sends them in batches, matches the
// answers, and decides when the host must be killed or started again.
//
//            decode/encode            flush              on_bytes
//   caller ---------------> waiting ---------> in flight ---------> done: the job's callback
//                              ^                   |
//                              +---- host died ----+   (all but the job that was running)
//
// One batch is in flight at a time.  The host answers in order, so the first job without an answer
// is the one that was running when the host died or went silent.
#pragma once

#include "bridge/payload/codec.h"
#include "bridge/payload/frame_stream.h"

#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <variant>

namespace helio::bridge::payload {

// What the client asks of the process around it.  After kill() or a death, CodecClient::on_exit
// must be called once the process is gone.
class CodecHostPort {
  public:
    virtual ~CodecHostPort() = default;
    virtual bool start() = 0;  // false: it cannot be started; the reason has been logged
    virtual void send(std::string bytes) = 0;
    virtual void kill() = 0;
};

struct CodecLimits {
    std::size_t max_waiting = 20'000;
    std::size_t max_batch = 256;
    Duration silence = std::chrono::seconds(3);      // no answer for so long: the host is killed
    std::uint32_t strikes = 3;                       // so many timeouts or crashes in a row ...
    Duration suspension = std::chrono::seconds(30);  // ... and the codec rests for so long
    Duration restart_delay =
        std::chrono::milliseconds(100);  // doubled at each death without an answer
    Duration max_restart_delay = std::chrono::seconds(5);
    std::size_t max_object_bytes = 64u << 10;
};

class CodecClient {
  public:
    struct Stats {
        std::uint64_t jobs = 0;
        std::uint64_t failed_script = 0;
        std::uint64_t out_of_time = 0;
        std::uint64_t crashed = 0;
        std::uint64_t suspended = 0;
        std::uint64_t overloaded = 0;
        std::uint64_t host_starts = 0;
    };

    explicit CodecClient(CodecHostPort& host, CodecLimits limits = {});

    // The callback is called exactly once, later or (where the job is refused) at once.
    void decode(DecodeJob job, OnDecoded done, Instant now);
    void encode(EncodeJob job, OnEncoded done, Instant now);
    void check(CheckJob job, OnChecked done, Instant now);
    void authorize(AuthorizeJob job, OnAuthorized done, Instant now);

    // At the end of a turn: sends the next batch, if none is in flight.
    void flush(Instant now);

    void on_bytes(ByteView bytes, Instant now);
    void on_exit(Instant now);
    // Runs what is due; when to call again.
    std::optional<Instant> on_time(Instant now);

    std::size_t waiting() const { return waiting_.size() + in_flight_.size(); }
    const Stats& stats() const { return stats_; }

  private:
    struct Job {
        std::uint64_t id;
        std::variant<DecodeJob, EncodeJob, CheckJob, AuthorizeJob> work;
        std::variant<OnDecoded, OnEncoded, OnChecked, OnAuthorized> done;
        const Codec& codec() const;
    };
    struct Record {
        std::uint32_t strikes = 0;
        Instant rests_until{};
    };
    enum class Host : std::uint8_t { stopped, running, dying };

    void enqueue(Job job, Instant now);
    void refuse(Job& job, CodecFailure kind, std::string text);
    void strike(const Codec& codec, Instant now);
    void take_answer(std::string_view frame, Instant now);
    void kill_host();
    bool ensure_host(Instant now);

    CodecHostPort& host_;
    CodecLimits limits_;
    Stats stats_;
    Host state_ = Host::stopped;
    FrameReader reader_;
    std::deque<Job> waiting_;
    std::deque<Job> in_flight_;
    std::unordered_set<std::uint64_t> known_;            // sources that this host has
    std::unordered_map<std::uint64_t, Record> records_;  // codecs that failed lately
    std::uint64_t next_id_ = 1;
    Instant last_progress_{};
    Instant start_again_{};
    std::uint32_t fruitless_deaths_ = 0;
    bool killed_for_silence_ = false;
};

}  // namespace helio::bridge::payload
