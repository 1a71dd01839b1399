// The handlers of the table of operations, one file a kind of resource.
#pragma once

#include "bridge/api/operation.h"

namespace helio::bridge::api {

// wireless_gateways.cpp
Outcome create_wireless_gateway(Context& context, const Call& call);
Outcome get_wireless_gateway(Context& context, const Call& call);
Outcome list_wireless_gateways(Context& context, const Call& call);
Outcome update_wireless_gateway(Context& context, const Call& call);
Outcome delete_wireless_gateway(Context& context, const Call& call);
Outcome get_wireless_gateway_statistics(Context& context, const Call& call);
Outcome list_seen_gateways(Context& context, const Call& call);

// wireless_devices.cpp
Outcome create_wireless_device(Context& context, const Call& call);
Outcome get_wireless_device(Context& context, const Call& call);
Outcome list_wireless_devices(Context& context, const Call& call);
Outcome update_wireless_device(Context& context, const Call& call);
Outcome delete_wireless_device(Context& context, const Call& call);

// device_import.cpp
Outcome import_wireless_devices(Context& context, const Call& call);

// device_state.cpp
Outcome get_wireless_device_statistics(Context& context, const Call& call);
Outcome get_device_session(Context& context, const Call& call);
Outcome list_device_frames(Context& context, const Call& call);
Outcome list_events(Context& context, const Call& call);

// queued_messages.cpp
Outcome send_data_to_wireless_device(Context& context, const Call& call);
Outcome list_queued_messages(Context& context, const Call& call);
Outcome delete_queued_messages(Context& context, const Call& call);

// device_profiles.cpp
Outcome create_device_profile(Context& context, const Call& call);
Outcome get_device_profile(Context& context, const Call& call);
Outcome list_device_profiles(Context& context, const Call& call);
Outcome delete_device_profile(Context& context, const Call& call);

// codecs.cpp
Outcome put_codec(Context& context, const Call& call);
Outcome get_codec(Context& context, const Call& call);
Outcome delete_codec(Context& context, const Call& call);

// service_profiles.cpp
Outcome create_service_profile(Context& context, const Call& call);
Outcome get_service_profile(Context& context, const Call& call);
Outcome list_service_profiles(Context& context, const Call& call);
Outcome delete_service_profile(Context& context, const Call& call);

// destinations.cpp
Outcome create_destination(Context& context, const Call& call);
Outcome get_destination(Context& context, const Call& call);
Outcome list_destinations(Context& context, const Call& call);
Outcome update_destination(Context& context, const Call& call);
Outcome delete_destination(Context& context, const Call& call);

// tags.cpp
Outcome tag_resource(Context& context, const Call& call);
Outcome untag_resource(Context& context, const Call& call);
Outcome list_tags_for_resource(Context& context, const Call& call);

// topic_rules.cpp
Outcome create_topic_rule(Context& context, const Call& call);
Outcome get_topic_rule(Context& context, const Call& call);
Outcome list_topic_rules(Context& context, const Call& call);
Outcome replace_topic_rule(Context& context, const Call& call);
Outcome delete_topic_rule(Context& context, const Call& call);
Outcome enable_topic_rule(Context& context, const Call& call);
Outcome disable_topic_rule(Context& context, const Call& call);
Outcome test_topic_rule(Context& context, const Call& call);

// rule_tags.cpp
Outcome tag_iot_resource(Context& context, const Call& call);
Outcome untag_iot_resource(Context& context, const Call& call);
Outcome list_tags_of_iot_resource(Context& context, const Call& call);

// authorizers.cpp
Outcome create_authorizer(Context& context, const Call& call);
Outcome update_authorizer(Context& context, const Call& call);
Outcome describe_authorizer(Context& context, const Call& call);
Outcome list_authorizers(Context& context, const Call& call);
Outcome delete_authorizer(Context& context, const Call& call);
Outcome set_default_authorizer(Context& context, const Call& call);
Outcome clear_default_authorizer(Context& context, const Call& call);
Outcome describe_default_authorizer(Context& context, const Call& call);
Outcome test_invoke_authorizer(Context& context, const Call& call);

// users.cpp
Outcome create_user(Context& context, const Call& call);
Outcome update_user(Context& context, const Call& call);
Outcome get_user(Context& context, const Call& call);
Outcome list_users(Context& context, const Call& call);
Outcome delete_user(Context& context, const Call& call);

// server.cpp
Outcome get_service_endpoint(Context& context, const Call& call);
Outcome describe_endpoint(Context& context, const Call& call);
Outcome health(Context& context, const Call& call);
Outcome metrics(Context& context, const Call& call);
Outcome start_backup(Context& context, const Call& call);
Outcome get_backup(Context& context, const Call& call);

// data_plane.cpp
Outcome get_retained_message(Context& context, const Call& call);
Outcome list_retained_messages(Context& context, const Call& call);
Outcome get_connection(Context& context, const Call& call);
Outcome delete_connection(Context& context, const Call& call);
Outcome list_subscriptions(Context& context, const Call& call);

}  // namespace helio::bridge::api
