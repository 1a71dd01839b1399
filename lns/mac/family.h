// What each MAC command's file sees of the rest: the inputs of its plan and of its answers.
//
// A family writes its requests through RequestWriter and never past the budget; it learns of
// answers together with the requests they belong to.  Included by lns/mac/*.cpp and their tests
// only.
#pragma once

#include "lns/mac/command_table.h"
#include "lns/mac/commands.h"

#include <span>
#include <utility>
#include <vector>

namespace helio::lns::mac {

// proto::MacVersion, as a number that can be compared.
struct Version {
    unsigned value = 0;
    constexpr bool since_1_0_2() const { return value >= 2; }
    constexpr bool since_1_0_4() const { return value >= 4; }
};

// What a device has refused in this session: not asked again.
class Refusals {
  public:
    // The kinds that are not whole commands; above every CID.
    static constexpr std::uint16_t kDataRate = 0x103;
    static constexpr std::uint16_t kTxPower = 0x203;
    static constexpr std::uint16_t kChannels = 0x303;

    Refusals() = default;
    explicit Refusals(std::span<const std::uint32_t> stored)
        : entries_(stored.begin(), stored.end()) {}

    bool contains(std::uint16_t kind, std::uint16_t what) const;
    // Beyond kMax the oldest is forgotten.
    void add(std::uint16_t kind, std::uint16_t what);
    const std::vector<std::uint32_t>& entries() const { return entries_; }

    // A whole request, by its content.
    bool contains(Cid cid, ByteView payload) const;
    void add(Cid cid, ByteView payload);
    // Names the content in 16 bits.
    static std::uint16_t digest(ByteView payload);

    static constexpr std::size_t kMax = 64;

  private:
    std::vector<std::uint32_t> entries_;
};

struct PlanInput {
    const Region& region;
    Version version;
    const Parameters& current;
    const Parameters& desired;
    const Refusals& refused;
    PlanOptions options;
};

class RequestWriter {
  public:
    // `pending` is what was asked before and is not answered.
    RequestWriter(std::size_t budget, std::vector<PlannedRequest> pending)
        : budget_(budget), pending_(std::move(pending)) {}

    // All of the payloads, each as a command of its own, or none where they do not fit.
    void add_block(Cid cid, std::span<const Bytes> payloads);
    void add(Cid cid, ByteView payload) {
        const Bytes one(payload.begin(), payload.end());
        add_block(cid, {&one, 1});
    }
    Requests take() { return std::move(requests_); }

  private:
    std::size_t budget_;
    std::vector<PlannedRequest> pending_;
    Requests requests_;
};

struct AnswerContext {
    const Region& region;
    Version version;
    Parameters& current;
    Refusals& refused;
    UplinkOutcome& outcome;
};

// All answers of the family in one uplink, and all its requests that wait for one; both in order,
// neither empty.  Sizes are those of the command table.
struct Answered {
    std::span<const ByteView> answers;
    std::span<const ByteView> requests;

    // For families in which each answer belongs to the request at its place.
    template <class Visit>
    void each(AnswerContext& context, Visit visit) const {
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (i < requests.size()) {
                visit(answers[i], requests[i]);
            } else {
                ++context.outcome.unexpected;
            }
        }
    }
};

// 24 bits, little-endian, in steps of the region.
void put_frequency(std::uint8_t* to, std::uint32_t hz, std::uint32_t step_hz);
std::uint32_t get_frequency(const std::uint8_t* from, std::uint32_t step_hz);

}  // namespace helio::lns::mac
