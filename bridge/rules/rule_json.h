// Topic rules in the JSON of AWS's API.
#pragma once

#include "bridge/rules/proto/rule.pb.h"
#include "bridge/rules/rule_engine.h"

#include <string>
#include <string_view>

namespace helio::bridge::rules {

// TopicRulePayload: {"sql", "description", "actions", "ruleDisabled", "awsIotSqlVersion",
// "errorAction"}.  Errors name the member.
Result<proto::Rule, RuleError> parse_topic_rule_payload(std::string_view json);

// The member `rule` of GetTopicRule's answer: {"ruleName","sql","createdAt",...}.
std::string topic_rule_json(const proto::Rule& rule);

}  // namespace helio::bridge::rules
