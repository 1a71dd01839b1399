// What a device's joins leave behind: which DevNonces were used, and the next JoinNonce.
//
// No nonce is accepted twice, ever: the set of used ones is exact and, a nonce having 16 bits, at
// most 8 KiB (a list while it is short, a bit map afterwards).
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace helio::lns {

// TS001-1.0.4 §6.2.4: a counter, each larger than the last.  Before: random, none used before.
enum class NonceRule : std::uint8_t { unused, increasing };

class UsedNonces {
  public:
    bool contains(std::uint16_t nonce) const;
    void insert(std::uint16_t nonce);
    std::size_t size() const;

    void encode(Bytes& out) const;
    static std::optional<UsedNonces> parse(ByteView bytes);

    friend bool operator==(const UsedNonces&, const UsedNonces&) = default;

  private:
    static constexpr std::size_t kMaxListed = 4096;  // above, the bit map is smaller
    std::vector<std::uint16_t> listed_;              // ascending
    std::vector<std::uint8_t> map_;                  // empty or 8 KiB
};

struct JoinRecord {
    std::uint32_t next_join_nonce = 1;  // 24 bits; never given twice
    std::uint32_t next_dev_nonce = 0;   // smallest that `increasing` accepts; 65536: none is left
    UsedNonces used;                    // by the rule `unused`

    bool accepts(NonceRule rule, std::uint16_t nonce) const;
    void take(NonceRule rule, std::uint16_t nonce);
    // The owner's word that the device may begin anew; the JoinNonce goes on.
    void forget_dev_nonces();

    friend bool operator==(const JoinRecord&, const JoinRecord&) = default;
};

Bytes encode_join_record(const JoinRecord& record);
std::optional<JoinRecord> parse_join_record(ByteView bytes);

}  // namespace helio::lns
