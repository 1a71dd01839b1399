// Every table of every region against tests/data/lorawan/regions.json, which was made from the
// regional parameters and four other implementations, not from our tables.
#include "lns/region/region.h"
#include "tests/lns/lorawan_vectors.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

// RP002-1.0.5's additions stand apart in the facts; our tables have them in place.
template <class Visit>
void for_each_member(const Vector& facts, const char* table, const char* addition, Visit visit) {
    for (const auto& [key, value] : facts.at(table).as_object()) visit(std::stoi(key), value);
    const auto& more = facts.at("rp002_1_0_5_additions").as_object();
    if (addition == nullptr || !more.contains(addition)) return;
    for (const auto& [key, value] : more.at(addition).as_object()) visit(std::stoi(key), value);
}

Modulation modulation_of(const boost::json::object& row) {
    const auto& kind = row.at("modulation").as_string();
    if (kind == "LORA") {
        CHECK(row.at("coding_rate").as_string() == "4/5");
        return LoraModulation{row.at("bandwidth_hz").to_number<std::uint32_t>(),
                              row.at("spreading_factor").to_number<std::uint8_t>()};
    }
    if (kind == "FSK") {
        return FskModulation{row.at("bit_rate_bps").to_number<std::uint32_t>(),
                             row.at("frequency_deviation_hz").to_number<std::uint32_t>()};
    }
    REQUIRE(kind == "LR_FHSS");
    const bool third = row.at("coding_rate").as_string() == "1/3";
    return LrFhssModulation{row.at("occupied_channel_width_hz").to_number<std::uint32_t>(),
                            static_cast<std::uint8_t>(third ? 2 : 4)};
}

std::vector<std::pair<const Region*, Vector>> regions_and_facts() {
    std::vector<std::pair<const Region*, Vector>> out;
    const boost::json::value file = helio::test::read_json("lorawan/regions.json");
    for (const auto& [name, facts] : file.as_object()) {
        const Region* region = find_region(name);
        REQUIRE(region != nullptr);
        out.emplace_back(region, Vector(facts.as_object()));
    }
    REQUIRE(out.size() == all_regions().size());
    return out;
}

}  // namespace

TEST_CASE("data rates mean what RP002 says, up and down", "[lns][region]") {
    for (const auto& [region, facts] : regions_and_facts()) {
        std::size_t up = 0;
        std::size_t down = 0;
        const auto check = [&](int index, const boost::json::value& value) {
            const auto& row = value.as_object();
            CAPTURE(region->name, index);
            const Modulation expected = modulation_of(row);
            if (row.at("uplink").as_bool()) {
                const DataRate* rate = region->data_rate(Direction::up, index);
                // 1.0.5 gives an uplink index a second meaning in the other direction.
                const bool other = rate != nullptr && !(rate->modulation == expected);
                if (!other) {
                    REQUIRE(rate != nullptr);
                    ++up;
                    CHECK(region->find_data_rate(Direction::up, expected) == index);
                }
            }
            if (row.at("downlink").as_bool()) {
                const DataRate* rate = region->data_rate(Direction::down, index);
                if (rate != nullptr && rate->modulation == expected) {
                    ++down;
                    CHECK(region->find_data_rate(Direction::down, expected) == index);
                }
            } else if (region->data_rate(Direction::down, index) != nullptr) {
                CHECK_FALSE(region->data_rate(Direction::down, index)->modulation == expected);
            }
        };
        for_each_member(facts, "data_rates", "data_rates", check);
        const auto defined = [](std::span<const DataRateRow> rows) {
            return static_cast<std::size_t>(std::ranges::count_if(
                rows, [](const DataRateRow& row) { return row.has_value(); }));
        };
        CHECK(up == defined(region->uplink_data_rates));
        // US915's DR0 down (SF5 at 500 kHz) is told by the facts' note, not by a row.
        CHECK(down + (region->name == "US915" ? 1 : 0) == defined(region->downlink_data_rates));
    }
}

TEST_CASE("payload limits are RP002's M and N", "[lns][region]") {
    for (const auto& [region, facts] : regions_and_facts()) {
        const auto& sizes = facts.at("max_payload_size").as_object();
        const char* plain = sizes.contains("all") ? "all" : "no_dwell";
        for (const auto& [key, value] : sizes.at(plain).as_object()) {
            const unsigned index = static_cast<unsigned>(std::stoi(key));
            CAPTURE(region->name, index);
            const auto& repeated =
                sizes.at(std::string(plain) + "_repeater").as_object().at(key).as_object();
            unsigned seen = 0;
            for (const Direction direction : {Direction::up, Direction::down}) {
                // An index that has two meanings is listed with the one of 1.0.4.
                if (region->name == "US915" && (direction == Direction::up) != (index < 8))
                    continue;
                const DataRate* rate = region->data_rate(direction, index);
                if (rate == nullptr) continue;
                ++seen;
                CHECK(rate->max_mac_payload == value.at("max_mac_payload_bytes_M").as_int64());
                CHECK(rate->max_payload() ==
                      value.at("max_frm_payload_no_fopts_bytes_N").as_int64());
                CHECK(rate->max_mac_payload_repeater ==
                      repeated.at("max_mac_payload_bytes_M").as_int64());
            }
            CHECK(seen > 0);
        }
    }
}

TEST_CASE("RX1 and RX2 are where RP002 puts them", "[lns][region]") {
    for (const auto& [region, facts] : regions_and_facts()) {
        CAPTURE(region->name);
        const Vector rx1 = facts.object("rx1");
        const auto max_offset = rx1.number("dr_offset_max");
        CHECK(region->max_rx1_dr_offset == max_offset);
        std::size_t rows = 0;
        const auto check = [&](int dr, const boost::json::value& row) {
            ++rows;
            CAPTURE(dr);
            REQUIRE(row.as_array().size() == max_offset + 1);
            for (unsigned offset = 0; offset <= max_offset; ++offset) {
                CAPTURE(offset);
                CHECK(region->rx1_data_rate(static_cast<unsigned>(dr), offset) ==
                      row.as_array()[offset].to_number<std::uint8_t>());
            }
            CHECK_FALSE(region->rx1_data_rate(static_cast<unsigned>(dr), max_offset + 1));
        };
        for (const auto& [key, row] : rx1.at("dr_table_no_downlink_dwell").as_object())
            check(std::stoi(key), row);
        const std::size_t table_rows = rows;
        const auto& more = facts.at("rp002_1_0_5_additions").at("rx1_dr_table_rows").as_object();
        for (const auto& [key, row] : more) check(std::stoi(key), row);
        CHECK(region->rx1_rows.size() >= table_rows);
        CHECK_FALSE(region->rx1_data_rate(static_cast<unsigned>(region->rx1_rows.size()), 0));

        CHECK(region->rx2_frequency_hz == facts.object("rx2").number("frequency_hz"));
        CHECK(region->rx2_data_rate == facts.object("rx2").number("data_rate"));
    }
}

TEST_CASE("channels are RP002's", "[lns][region]") {
    for (const auto& [region, facts] : regions_and_facts()) {
        CAPTURE(region->name);
        CHECK(region->max_channels == facts.number("max_uplink_channels"));
        CHECK(region->channels_can_be_added == facts.flag("supports_new_channel_req"));
        CHECK(region->downlink_channels_can_be_moved == facts.flag("supports_dl_channel_req"));
        CHECK(region->min_frequency_hz == facts.at("frequency_range_hz").as_array()[0].as_int64());
        CHECK(region->max_frequency_hz == facts.at("frequency_range_hz").as_array()[1].as_int64());
        CHECK(region->frequency_step_hz == facts.number("frequency_step_hz"));
        CHECK(region->max_adr_data_rate == facts.number("max_adr_data_rate_125khz"));

        if (facts.has("default_channels")) {
            const auto& channels = facts.at("default_channels").as_array();
            REQUIRE(region->channels.size() == channels.size());
            for (std::size_t i = 0; i < channels.size(); ++i) {
                const Vector channel(channels[i].as_object());
                CHECK(region->channels[i].frequency_hz == channel.number("frequency_hz"));
                CHECK(region->channels[i].min_data_rate == channel.number("min_dr"));
                CHECK(region->channels[i].max_data_rate == channel.number("max_dr"));
            }
            CHECK(region->rx1_frequencies_hz.empty());
            CHECK(region->rx1_frequency_hz(868'300'000, 1) == 868'300'000);
            continue;
        }
        const auto& up = facts.at("uplink_channel_frequencies_hz").as_array();
        REQUIRE(region->channels.size() == up.size());
        for (std::size_t i = 0; i < up.size(); ++i) {
            CHECK(region->channels[i].frequency_hz == up[i].as_int64());
            CHECK(region->find_channel(region->channels[i].frequency_hz) == i);
        }
        for (const auto& [range, value] : facts.at("uplink_channels").as_object()) {
            const Vector group(value.as_object());
            const std::string text(range);
            const auto first = std::stoul(text);
            const auto last = std::stoul(text.substr(text.find('-') + 1));
            for (std::size_t i = first; i <= last; ++i) {
                CHECK(region->channels[i].min_data_rate == group.number("min_dr"));
                CHECK(region->channels[i].max_data_rate == group.number("max_dr"));
            }
        }
        const auto& down = facts.at("downlink_channel_frequencies_hz").as_array();
        for (unsigned channel = 0; channel < up.size(); ++channel) {
            CHECK(region->rx1_frequency_hz(region->channels[channel].frequency_hz, channel) ==
                  down[channel % down.size()].as_int64());
        }
        const auto& bands = facts.at("sub_bands").as_array();
        REQUIRE(region->sub_bands.size() == bands.size());
        for (std::size_t i = 0; i < bands.size(); ++i) {
            CHECK(region->sub_bands[i].first_channel ==
                  bands[i].at("channels_125khz").as_array()[0].as_int64());
            CHECK(region->sub_bands[i].wide_channel == bands[i].at("channel_500khz").as_int64());
        }
    }
}

TEST_CASE("powers, CFList and duty cycles are RP002's", "[lns][region]") {
    for (const auto& [region, facts] : regions_and_facts()) {
        CAPTURE(region->name);
        CHECK(region->max_eirp_dbm == facts.number<int>("max_eirp_dbm"));
        CHECK(region->tx_param_setup == facts.flag("tx_param_setup_req_supported"));
        const auto& offsets = facts.at("tx_power").at("offsets_db").as_array();
        REQUIRE(region->tx_power_offset_db.size() == offsets.size());
        for (std::size_t i = 0; i < offsets.size(); ++i)
            CHECK(region->tx_power_offset_db[i] == offsets[i].as_int64());

        CHECK(region->cflist_type == facts.object("cflist").number("cflist_type"));
        const auto& bands = facts.at("duty_cycle").as_array();
        REQUIRE(region->duty_bands.size() == bands.size());
        for (std::size_t i = 0; i < bands.size(); ++i) {
            const DutyBand& band = region->duty_bands[i];
            CHECK(band.name == bands[i].at("name").as_string());
            CHECK(band.min_hz == bands[i].at("min_hz").as_int64());
            CHECK(band.max_hz == bands[i].at("max_hz").as_int64());
            CHECK(band.duty_cycle_per_mille ==
                  static_cast<int>(bands[i].at("duty_cycle").as_double() * 1000 + 0.5));
            // ERP to EIRP: 2.15 dB, in whole dBm.
            CHECK(band.max_eirp_dbm == bands[i].at("max_erp_dbm").as_int64() + 2);
        }
        const auto& dwell = facts.at("dwell_time").at("uplink_dwell_time_ms");
        CHECK(region->uplink_dwell_time.has_value() == !dwell.is_null());
        if (!dwell.is_null()) CHECK(region->uplink_dwell_time->count() == dwell.as_int64());
    }
}
