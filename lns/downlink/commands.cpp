#include "lns/downlink/commands.h"

#include "lns/device/join_record.h"
#include "lns/device/tables.h"
#include "lns/downlink/queue.h"

#include <algorithm>

namespace helio::lns {
namespace {

using Answer = Result<CommandAnswer, CommandError>;

constexpr std::size_t kMaxPayload = 242;  // N of the fastest data rates
constexpr std::uint8_t kMaxFPort = 223;   // above: reserved by TS001 §4.3.2
constexpr std::size_t kMaxMessageId = 128;

struct Runner {
    Core& core;
    Instant now;

    bool knows(Eui64 dev_eui) const {
        return core.store.get(kDevices, key_of(dev_eui)).has_value();
    }

    Answer operator()(const EnqueueDownlink& command) const {
        if (!knows(command.dev_eui)) return fail(CommandError::unknown_device);
        if (command.fport == 0 || command.fport > kMaxFPort) return fail(CommandError::bad_fport);
        if (command.data.size() > kMaxPayload) return fail(CommandError::payload_too_large);
        if (command.message_id.empty() || command.message_id.size() > kMaxMessageId) {
            return fail(CommandError::bad_message_id);
        }
        const auto items = queued_items(core.store, command.dev_eui);
        if (items.size() >= core.config.max_queue_per_device) return fail(CommandError::queue_full);
        if (std::ranges::any_of(items, [&](const proto::QueueItem& item) {
                return item.message_id() == command.message_id;
            })) {
            return fail(CommandError::duplicate_message_id);
        }
        proto::QueueItem item;
        item.set_message_id(command.message_id);
        item.set_fport(command.fport);
        item.set_data(command.data.data(), command.data.size());
        item.set_confirmed(command.confirmed);
        if (command.expires_at) item.set_expires_at_us(to_unix_us(*command.expires_at));
        item.set_enqueued_at_us(to_unix_us(now));
        item.set_order(items.empty() ? 1 : items.back().order() + 1);
        auto tx = core.store.begin(slot_of(command.dev_eui));
        put_item(tx, command.dev_eui, item);
        if (items.empty()) set_queue_waiting(tx, command.dev_eui, true);
        return CommandAnswer{tx.commit()};
    }

    Answer operator()(const DeleteDownlink& command) const {
        if (!knows(command.dev_eui)) return fail(CommandError::unknown_device);
        const auto item = find_item(core.store, command.dev_eui, command.message_id);
        if (!item) return fail(CommandError::unknown_message);
        return remove(command.dev_eui, {*item});
    }

    Answer operator()(const FlushQueue& command) const {
        if (!knows(command.dev_eui)) return fail(CommandError::unknown_device);
        return remove(command.dev_eui, queued_items(core.store, command.dev_eui));
    }

    Answer operator()(const ForgetDevNonces& command) const {
        const auto device = core.registry.device(command.dev_eui);
        if (!device) return fail(CommandError::unknown_device);
        if (!device->has_otaa()) return fail(CommandError::not_otaa);
        const auto row = core.store.get(kJoinRecords, key_of(command.dev_eui));
        JoinRecord record = row ? parse_join_record(*row).value_or(JoinRecord()) : JoinRecord();
        record.forget_dev_nonces();
        auto tx = core.store.begin(slot_of(command.dev_eui));
        tx.put(kJoinRecords, key_of(command.dev_eui), encode_join_record(record));
        return CommandAnswer{tx.commit()};
    }

    Answer operator()(const EndSession& command) const {
        const auto device = core.registry.device(command.dev_eui);
        if (!device) return fail(CommandError::unknown_device);
        if (!device->has_otaa()) return fail(CommandError::not_otaa);
        auto tx = core.store.begin(slot_of(command.dev_eui));
        erase_sessions(tx, command.dev_eui);
        return CommandAnswer{tx.commit()};
    }

    Answer remove(Eui64 dev_eui, const std::vector<proto::QueueItem>& items) const {
        auto tx = core.store.begin(slot_of(dev_eui));
        for (const proto::QueueItem& item : items) erase_item(tx, dev_eui, item);
        return CommandAnswer{tx.commit(), items.size()};
    }
};

}  // namespace

std::string_view describe(CommandError error) {
    switch (error) {
        case CommandError::unknown_device:
            return "the device is not registered";
        case CommandError::unknown_message:
            return "no such message waits for the device";
        case CommandError::queue_full:
            return "the downlink queue of the device is full";
        case CommandError::bad_fport:
            return "the FPort is not in 1..223";
        case CommandError::payload_too_large:
            return "the payload has more than 242 bytes";
        case CommandError::duplicate_message_id:
            return "a message with this id waits already";
        case CommandError::bad_message_id:
            return "a message id has 1 to 128 characters";
        case CommandError::not_otaa:
            return "the device is not activated over the air";
    }
    return "";
}

Result<CommandAnswer, CommandError> run_command(Core& core,
                                                const DeviceCommand& command,
                                                Instant now) {
    return std::visit(Runner{core, now}, command);
}

}  // namespace helio::lns
