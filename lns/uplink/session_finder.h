// Which of the sessions at a DevAddr sent this frame?  The one whose key makes the MIC.
//
// One scan of the compact frame states finds the candidates, in the order of how well their counter
// fits; a session is read only for a candidate that is tried.
#pragma once

#include "base/eui64.h"
#include "base/result.h"
#include "base/store/store.h"
#include "crypto/aes.h"
#include "lns/device/frame_state.h"
#include "lns/device/session_view.h"
#include "lns/frame/data_frame.h"

namespace helio::lns {

enum class Match : std::uint8_t {
    fresh,   // a counter that is new
    repeat,  // the last uplink once more, bit for bit
    reset,   // an ABP device that may do so has begun its counters again
};

struct FoundSession {
    Eui64 dev_eui;
    SessionView session;  // borrows from the store: until that session is changed
    FrameState state;
    FCnt32 fcnt;      // the full counter
    FCnt32 mic_fcnt;  // as the device signs and encrypts with: 16 bits of it for some
    Match match = Match::fresh;
};

enum class FindError : std::uint8_t {
    no_session,          // nobody has this address
    wrong_mic,           // nobody who has it signed the frame
    replayed,            // signed, with a counter that was used
    counter_gap,         // signed, too far ahead: MAX_FCNT_GAP before 1.0.4
    counter_exhausted,   // signed, but 32 bits are used up
    attempts_exhausted,  // too many candidates
    corrupt_record,
};
struct FindFailure {
    FindError error;
    std::optional<Eui64> dev_eui;  // where it is known who signed
};

struct FinderLimits {
    std::size_t max_candidates = 256;
    std::size_t max_mic_attempts = 512;
};

Result<FoundSession, FindFailure> find_session(const store::Store& store,
                                               const DataFrame& frame,
                                               FinderLimits limits = {});

// The first byte on the air is the most significant.
std::uint32_t number_of(const Mic& mic);

}  // namespace helio::lns
