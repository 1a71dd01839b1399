#include "lns/adr/adr_of_device.h"

#include "lns/device/sessions.h"
#include "lns/mac/commands.h"

#include <algorithm>

namespace helio::lns {

std::span<const adr::Observation> observations_of(const FrameState& state, AdrObservations& out) {
    std::uint32_t fcnt = state.newest_fcnt;
    for (std::size_t i = state.mark_count; i-- > 0;) {
        const UplinkMark& mark = state.marks[i];
        out[i] = {.fcnt = fcnt,
                  .snr_tenths = static_cast<std::int16_t>(mark.best_snr_quarter_db * 5 / 2),
                  .gateway_count = mark.gateways,
                  .tx_power_index = mark.tx_power_index};
        fcnt -= mark.fcnt_step;
    }
    return std::span(out).first(state.mark_count);
}

adr::Input adr_input(const Region& region,
                     const Policy& policy,
                     const AdrNow& now,
                     std::span<const adr::Observation> history) {
    return {.region = &region,
            .history = history,
            .data_rate = now.data_rate,
            .tx_power_index = now.tx_power_index,
            .nb_trans = std::max<std::uint8_t>(1, now.nb_trans),
            .limits = policy.adr_limits,
            .margin_db = policy.adr_margin_db};
}

std::optional<DeviceAdr> adr_of(const Registry& registry, Eui64 dev_eui) {
    const auto session = active_session(registry.store(), dev_eui);
    if (!session) return std::nullopt;
    const auto state =
        find_frame_state(registry.store(), DevAddr::from_value(session->dev_addr()), dev_eui);
    const Region* region = find_region(session->region());
    if (!state || !state->heard || region == nullptr) return std::nullopt;

    Policies policies(registry);
    const Policy& policy = policies.of(helio::bytes_of(session->device_profile_id()),
                                       helio::bytes_of(session->service_profile_id()));
    AdrObservations observations;
    adr::Input input =
        adr_input(*region,
                  policy,
                  {.data_rate = state->data_rate,
                   .tx_power_index = static_cast<std::uint8_t>(session->current().tx_power_index()),
                   .nb_trans = static_cast<std::uint8_t>(session->current().nb_trans())},
                  observations_of(*state, observations));
    const mac::RefusedByDevice refused = mac::refused_by_device(*session);
    input.unusable_data_rates = refused.data_rates;
    input.unusable_tx_powers = refused.tx_powers;
    return DeviceAdr{state->adr, policy.adr_enabled, adr::decide(input)};
}

}  // namespace helio::lns
