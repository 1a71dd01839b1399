#include "tools/helio-sim/load/push_data_template.h"

#include "base/base64.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

namespace helio::sim {
namespace {

// Numbers have no leading zeros in JSON, but white space may stand before them.
constexpr std::string_view kBlankCounter = "          ";
constexpr std::size_t kHeaderSize = 12;

}  // namespace

PushDataTemplate::PushDataTemplate(std::size_t phy_size) : phy_size_(phy_size) {
    text_ = std::string("\x02\x00\x00\x00", 4) + std::string(8, '\0');
    text_ += R"({"rxpk":[{"tmst":)";
    counter_at_ = text_.size();
    text_ += kBlankCounter;
    text_ += R"(,"chan":0,"rfch":0,"freq":868.)";
    frequency_at_ = text_.size();
    text_ += R"(1,"stat":1,"modu":"LORA","datr":"SF7BW125","codr":"4/5","rssi":-57,"lsnr":8.5,)";
    text_ += R"("size":)" + std::to_string(phy_size) + R"(,"data":")";
    data_at_ = text_.size();
    text_ += to_base64(Bytes(phy_size)) + R"("}]})";
}

void PushDataTemplate::write(const Values& values, std::span<std::uint8_t> out) const {
    assert(out.size() == text_.size() && values.phy.size() == phy_size_);
    std::memcpy(out.data(), text_.data(), text_.size());
    out[1] = static_cast<std::uint8_t>(values.token >> 8);
    out[2] = static_cast<std::uint8_t>(values.token);
    std::ranges::copy(values.gateway.big_endian(), out.begin() + kHeaderSize - 8);

    std::array<char, kBlankCounter.size()> digits;
    const char* const end =
        std::to_chars(digits.data(), digits.data() + digits.size(), values.counter_us).ptr;
    std::copy(static_cast<const char*>(digits.data()),
              end,
              out.begin() + static_cast<std::ptrdiff_t>(counter_at_) +
                  (digits.data() + digits.size() - end));
    out[frequency_at_] = static_cast<std::uint8_t>('0' + values.frequency_hz / 100'000 % 10);
    const std::string base64 = to_base64(values.phy);
    std::ranges::copy(base64, out.begin() + static_cast<std::ptrdiff_t>(data_at_));
}

}  // namespace helio::sim
