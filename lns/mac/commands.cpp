#include "lns/mac/commands.h"

#include "lns/mac/command_table.h"
#include "lns/mac/dev_status.h"
#include "lns/mac/device_time.h"
#include "lns/mac/dl_channel.h"
#include "lns/mac/duty_cycle.h"
#include "lns/mac/link_adr.h"
#include "lns/mac/link_check.h"
#include "lns/mac/new_channel.h"
#include "lns/mac/rx_param_setup.h"
#include "lns/mac/rx_timing_setup.h"
#include "lns/mac/tx_param_setup.h"
#include "lns/proto/session.pb.h"

#include <algorithm>

namespace helio::lns::mac {
namespace {

// What we ask.  The order is the order in a downlink: LinkADR first, so that it cannot starve, and
// before NewChannel, whose channels it would switch off again.
struct Request {
    Cid cid;
    void (*plan)(const PlanInput&, RequestWriter&);
    void (*apply)(AnswerContext&, const Answered&);
    bool answer_repeats;  // until the device hears a downlink
};
// clang-format off
constexpr Request kRequests[] = {
    {Cid::link_adr,        plan_link_adr,        apply_link_adr,        false},
    {Cid::rx_timing_setup, plan_rx_timing_setup, apply_rx_timing_setup, true},
    {Cid::rx_param_setup,  plan_rx_param_setup,  apply_rx_param_setup,  true},
    {Cid::tx_param_setup,  plan_tx_param_setup,  apply_tx_param_setup,  false},
    {Cid::duty_cycle,      plan_duty_cycle,      apply_duty_cycle,      false},
    {Cid::dl_channel,      plan_dl_channel,      apply_dl_channel,      true},
    {Cid::new_channel,     plan_new_channel,     apply_new_channel,     false},
    {Cid::dev_status,      plan_dev_status,      apply_dev_status,      false},
};

// What devices ask.
struct Question {
    Cid cid;
    void (*answer)(const UplinkFacts&, Bytes& out);
};
// clang-format on
template <auto Answer>
void append(const UplinkFacts& facts, Bytes& out) {
    const auto payload = encode(Answer(facts));
    out.insert(out.end(), payload.begin(), payload.end());
}
constexpr Question kQuestions[] = {
    {Cid::link_check, append<answer_link_check>},
    {Cid::device_time, append<answer_device_time>},
};

// An answer without a question is a sticky one that is being repeated, or a device's mistake.
void apply_answers(const Request& request,
                   std::span<const ByteView> answers,
                   proto::Session& session,
                   AnswerContext& context) {
    std::vector<ByteView> asked;
    for (const auto& pending : session.pending()) {
        if (pending.cid() == static_cast<std::uint8_t>(request.cid))
            asked.push_back(bytes_of(pending.payload()));
    }
    if (asked.empty()) {
        context.outcome.unexpected =
            static_cast<std::uint8_t>(context.outcome.unexpected + answers.size());
        return;
    }
    request.apply(context, {answers, asked});

    auto& pending = *session.mutable_pending();
    pending.erase(std::remove_if(pending.begin(),
                                 pending.end(),
                                 [&](const proto::PendingCommand& p) {
                                     return p.cid() == static_cast<std::uint8_t>(request.cid);
                                 }),
                  pending.end());
    context.outcome.session_changed = true;
}

void answer_question(const Command& command, const UplinkFacts& facts, UplinkOutcome& outcome) {
    const auto at = std::ranges::find(kQuestions, command.row->cid, &Question::cid);
    if (at == std::end(kQuestions)) {
        ++outcome.unexpected;
        return;
    }
    outcome.answers.push_back(static_cast<std::uint8_t>(at->cid));
    at->answer(facts, outcome.answers);
}

Refusals refusals_of(const proto::Session& session) {
    return Refusals({session.refused().data(), static_cast<std::size_t>(session.refused_size())});
}

}  // namespace

UplinkOutcome handle_uplink_commands(ByteView commands,
                                     proto::Session& session,
                                     const Region& region,
                                     const UplinkFacts& facts) {
    UplinkOutcome outcome;
    if (commands.empty()) return outcome;

    std::vector<Command> understood;
    while (const auto command = next_command(Direction::up, commands)) {
        understood.push_back(*command);
    }
    outcome.understood = static_cast<std::uint8_t>(understood.size());
    outcome.stopped_early = !commands.empty();

    Parameters current = from_proto(session.current());
    Refusals refused = refusals_of(session);
    AnswerContext context{region, {session.mac_version()}, current, refused, outcome};

    std::array<bool, 256> seen{};
    for (const Command& command : understood) {
        // All of a kind are taken together, at the first of them.
        if (std::exchange(seen[static_cast<std::uint8_t>(command.row->cid)], true)) continue;
        if (command.row->initiator == Initiator::device) {
            answer_question(command, facts, outcome);
            continue;
        }
        const auto request = std::ranges::find(kRequests, command.row->cid, &Request::cid);
        if (request == std::end(kRequests)) {
            ++outcome.unexpected;
            continue;
        }
        std::vector<ByteView> answers;
        for (const Command& other : understood) {
            if (other.row == command.row) answers.push_back(other.payload);
        }
        if (request->answer_repeats) outcome.downlink_needed = true;
        apply_answers(*request, answers, session, context);
    }

    if (outcome.session_changed) {
        to_proto(current, *session.mutable_current());
        session.mutable_refused()->Assign(refused.entries().begin(), refused.entries().end());
    }
    return outcome;
}

Requests plan_requests(const proto::Session& session,
                       const Parameters& desired,
                       const Region& region,
                       std::size_t budget,
                       PlanOptions options) {
    const Parameters current = from_proto(session.current());
    if (current == desired && !options.ask_device_status) return {};

    std::vector<PlannedRequest> pending;
    for (const auto& p : session.pending()) {
        const ByteView payload = bytes_of(p.payload());
        pending.push_back({static_cast<std::uint8_t>(p.cid()),
                           Bytes(payload.begin(), payload.end()),
                           p.attempts()});
    }
    const Refusals refused = refusals_of(session);
    const PlanInput in{region, {session.mac_version()}, current, desired, refused, options};
    RequestWriter out(budget, std::move(pending));
    for (const Request& request : kRequests) request.plan(in, out);
    return out.take();
}

void remember_sent(const Requests& requests, std::uint32_t fcnt_down, proto::Session& session) {
    session.clear_pending();
    for (const PlannedRequest& planned : requests.planned) {
        proto::PendingCommand& pending = *session.add_pending();
        pending.set_cid(planned.cid);
        pending.set_payload(std::string(text_of(planned.payload)));
        pending.set_sent_in_fcnt_down(fcnt_down);
        pending.set_attempts(planned.attempts);
    }
}

bool observe_uplink_data_rate(proto::Session& session, unsigned data_rate) {
    const auto& current = session.current();
    if (current.data_rate() == data_rate) return false;
    auto& changed = *session.mutable_current();
    if (data_rate < current.data_rate()) changed.set_tx_power_index(0);
    changed.set_data_rate(data_rate);
    return true;
}

RefusedByDevice refused_by_device(const proto::Session& session) {
    RefusedByDevice out;
    for (const std::uint32_t entry : session.refused()) {
        const std::uint32_t bit = 1u << (entry & 0x0f);
        if (entry >> 16 == Refusals::kDataRate)
            out.data_rates = static_cast<std::uint16_t>(out.data_rates | bit);
        if (entry >> 16 == Refusals::kTxPower)
            out.tx_powers = static_cast<std::uint16_t>(out.tx_powers | bit);
    }
    return out;
}

}  // namespace helio::lns::mac
