// A message as it is stored (proto::MessageRecord), and back.
#pragma once

#include "bridge/mqtt/session/message.h"

#include <string>

namespace helio::bridge::mqtt {

namespace proto {
class MessageRecord;
}

void to_record(const MessageView& view, proto::MessageRecord& out);
// Borrows from the record.
MessageView view_of(const proto::MessageRecord& record);

void serialize(const MessageView& view, std::string& out);
// Null where the bytes are no record.
MessagePtr parse_message(ByteView bytes);

}  // namespace helio::bridge::mqtt
