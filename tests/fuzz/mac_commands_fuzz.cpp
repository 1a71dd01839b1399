#include "lns/mac/command_table.h"
#include "lns/mac/commands.h"
#include "lns/mac/desired.h"
#include "lns/proto/device.pb.h"
#include "lns/proto/session.pb.h"
#include "tests/fuzz/property.h"

using namespace helio;
using namespace helio::lns;

// A device may say what it likes: the session stays one that its region allows, commands that were
// read fill exactly the bytes before the first that was not, and what is asked next fits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 257) return 0;
    const Region& region = *all_regions()[data[0] % all_regions().size()];
    const std::size_t budget = data[1];
    const ByteView commands(data + 2, size - 2);

    proto::DeviceProfile profile;
    proto::Session session;
    session.set_mac_version(data[1] % 6);
    mac::to_proto(mac::region_defaults(region), *session.mutable_current());
    mac::NetworkSettings settings = mac::default_settings(region);
    settings.sub_bands = 0x02;
    settings.rx_delay_1_s = 5;
    settings.rx1_dr_offset = 1;
    const auto desired = [&] {
        const auto current = mac::from_proto(session.current());
        return mac::desired_parameters(
            region, settings, profile, current, mac::LinkSettings{3, 2, 2});
    };
    mac::remember_sent(mac::plan_requests(session, desired(), region, budget), 1, session);

    const auto outcome = mac::handle_uplink_commands(commands, session, region, {});
    ByteView rest = commands;
    unsigned read = 0;
    while (mac::next_command(Direction::up, rest)) ++read;
    fuzz::require(outcome.understood == read && outcome.stopped_early == !rest.empty());

    const auto current = mac::from_proto(session.current());
    fuzz::require((current.enabled & ~mac::defined_channels(region, current)).none());
    fuzz::require(current.enabled.any());
    fuzz::require(region.rx1_data_rate(0, current.rx1_dr_offset).has_value());
    fuzz::require(current.nb_trans >= 1 && current.rx_delay_1_s >= 1);
    const auto again = mac::plan_requests(session, desired(), region, budget, {true});
    fuzz::require(again.bytes.size() <= budget);
    return 0;
}
