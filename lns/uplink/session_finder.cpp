#include "lns/uplink/session_finder.h"

#include "lns/device/keys.h"
#include "lns/device/tables.h"
#include "lns/frame/mic.h"
#include "lns/proto/device.pb.h"
#include "lns/region/region.h"

#include <algorithm>

namespace helio::lns {
namespace {

struct Candidate {
    Eui64 dev_eui;
    std::uint32_t next;
    std::uint16_t steps_ahead;
    ByteView state;
};

// A confirmed uplink's repeat carries the counter before the expected one: it fits best too.
std::uint16_t steps_ahead(FCnt16 wire, std::uint32_t next) {
    const auto steps = static_cast<std::uint16_t>(wire.value - static_cast<std::uint16_t>(next));
    return steps == 0xffff ? 0 : steps;
}

class Finder {
  public:
    Finder(const store::Store& store, const DataFrame& frame, FinderLimits limits)
        : store_(store), frame_(frame), limits_(limits) {}

    Result<FoundSession, FindFailure> run() {
        collect();
        if (candidates_.empty()) return fail(FindFailure{FindError::no_session, {}});
        for (const Candidate& candidate : candidates_) {
            if (attempts_ >= limits_.max_mic_attempts) break;
            if (auto found = try_candidate(candidate)) return std::move(*found);
            if (failure_.dev_eui) return fail(failure_);
        }
        if (attempts_ >= limits_.max_mic_attempts || candidates_.size() >= limits_.max_candidates) {
            return fail(FindFailure{FindError::attempts_exhausted, {}});
        }
        look_for_replay();
        return fail(failure_);
    }

  private:
    void collect() {
        const AddressKey prefix = key_of(frame_.dev_addr);
        store_.scan(kFrameStates, prefix, {}, [&](ByteView key, ByteView value) {
            const auto next = fcnt_up_next_of(value);
            if (next) {
                candidates_.push_back(
                    {dev_eui_of_session(key), *next, steps_ahead(frame_.fcnt, *next), value});
            }
            return candidates_.size() < limits_.max_candidates;
        });
        if (candidates_.size() > 1) {
            std::ranges::stable_sort(candidates_, {}, &Candidate::steps_ahead);
        }
    }

    bool mic_is(const SessionView& session, FCnt32 fcnt) {
        ++attempts_;
        const auto key = crypto::Key128::from_bytes(session.nwk_s_key);
        return mics_equal(data_mic_1_0(frame_, fcnt, *key), frame_.mic);
    }

    std::optional<SessionView> read(const Candidate& candidate) {
        const auto row = store_.get(kSessions, session_key(frame_.dev_addr, candidate.dev_eui));
        return row ? view_session(*row) : std::nullopt;
    }

    static FCnt32 mic_counter(const SessionView& session, FCnt32 fcnt) {
        return session.supports_32bit_fcnt ? fcnt : FCnt32{fcnt.value & 0xffff};
    }

    std::optional<FoundSession> try_candidate(const Candidate& candidate) {
        const auto session = read(candidate);
        const auto state = parse_frame_state(candidate.state);
        if (!session || !state) {
            failure_ = {FindError::corrupt_record, {}};
            return std::nullopt;
        }
        FoundSession found{.dev_eui = candidate.dev_eui, .session = *session, .state = *state};
        if (is_repeat(found)) return found;
        if (failure_.dev_eui) return std::nullopt;
        if (is_fresh(found)) return found;
        if (failure_.dev_eui) return std::nullopt;
        if (is_reset(found)) return found;
        return std::nullopt;
    }

    void refuse(FindError error, const FoundSession& found) { failure_ = {error, found.dev_eui}; }

    bool is_repeat(FoundSession& found) {
        const std::uint32_t last = found.state.fcnt_up_next - 1;
        if (!found.state.heard || frame_.fcnt.value != static_cast<std::uint16_t>(last))
            return false;
        found.fcnt = {last};
        found.mic_fcnt = mic_counter(found.session, found.fcnt);
        if (!mic_is(found.session, found.mic_fcnt)) return false;
        found.match = Match::repeat;
        // The same counter under another content: a device must not do that.
        if (number_of(frame_.mic) != found.state.last_mic) {
            refuse(FindError::replayed, found);
            return false;
        }
        return true;
    }

    bool is_fresh(FoundSession& found) {
        const auto fcnt = rebuild(frame_.fcnt, {found.state.fcnt_up_next});
        if (!fcnt) return false;
        found.fcnt = *fcnt;
        found.mic_fcnt = mic_counter(found.session, *fcnt);
        if (!mic_is(found.session, found.mic_fcnt)) return false;
        if (fcnt->value == 0xffff'ffffu) {
            refuse(FindError::counter_exhausted, found);
            return false;
        }
        const std::uint32_t gap = fcnt->value - found.state.fcnt_up_next;
        if (gap >= kMaxFCntGap && has_gap_rule(found)) {
            refuse(FindError::counter_gap, found);
            return false;
        }
        return true;
    }

    // A personalised device that was never heard here may have counted anywhere.  With 16 bits
    // there is no other way to tell an old frame from a new one.
    static bool has_gap_rule(const FoundSession& found) {
        if (!found.session.supports_32bit_fcnt) return found.state.heard;
        if (found.session.mac_version >= proto::MAC_1_0_4) return false;
        return found.state.heard || !found.session.abp;
    }

    bool is_reset(FoundSession& found) {
        if (!found.session.allow_fcnt_reset || !found.session.abp) return false;
        const FCnt32 fcnt{frame_.fcnt.value};
        if (fcnt.value >= found.state.fcnt_up_next || !mic_is(found.session, fcnt)) return false;
        found.fcnt = found.mic_fcnt = fcnt;
        found.match = Match::reset;
        return true;
    }

    // Only to say what was wrong: a frame that was signed for a counter already used.
    void look_for_replay() {
        for (const Candidate& candidate : candidates_) {
            if (attempts_ >= limits_.max_mic_attempts) return;
            const auto session = read(candidate);
            if (!session) continue;
            std::uint32_t old = (candidate.next & 0xffff'0000u) | frame_.fcnt.value;
            if (old >= candidate.next) {
                if (old < 0x1'0000u) continue;
                old -= 0x1'0000u;
            }
            if (!mic_is(*session, mic_counter(*session, {old}))) continue;
            failure_ = {FindError::replayed, candidate.dev_eui};
            return;
        }
    }

    const store::Store& store_;
    const DataFrame& frame_;
    FinderLimits limits_;
    std::vector<Candidate> candidates_;
    std::size_t attempts_ = 0;
    FindFailure failure_{FindError::wrong_mic, {}};
};

}  // namespace

std::uint32_t number_of(const Mic& mic) {
    return static_cast<std::uint32_t>(mic[0]) << 24 | static_cast<std::uint32_t>(mic[1]) << 16 |
           static_cast<std::uint32_t>(mic[2]) << 8 | mic[3];
}

Result<FoundSession, FindFailure> find_session(const store::Store& store,
                                               const DataFrame& frame,
                                               FinderLimits limits) {
    return Finder(store, frame, limits).run();
}

}  // namespace helio::lns
