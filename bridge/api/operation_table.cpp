#include "bridge/api/authorization.h"
#include "bridge/api/handlers.h"
#include "bridge/api/registry_handlers.h"

namespace helio::bridge::api {
namespace {

constexpr auto kOpen = Service::open;
constexpr auto kWireless = Service::iotwireless;
constexpr auto kIot = Service::iot;
constexpr auto kData = Service::iotdata;

// Rows with literal segments stand before rows with a label at the same place.
// clang-format off
constexpr Operation kOperations[] = {
    {kOpen, "Health",  "GET", "/healthz", 200, health},
    {kOpen, "Metrics", "GET", "/metrics", 200, metrics},
    {kOpen, "HealthHead",  "HEAD", "/healthz", 200, health},
    {kOpen, "MetricsHead", "HEAD", "/metrics", 200, metrics},

    {kData, "GetRetainedMessage",   "GET",    "/retainedMessage/{topic}",   200, get_retained_message},
    {kData, "ListRetainedMessages", "GET",    "/retainedMessage",           200, list_retained_messages},
    {kData, "GetConnection",        "GET",    "/connections/{clientId}",    200, get_connection},
    {kData, "DeleteConnection",     "DELETE", "/connections/{clientId}",    200, delete_connection},
    {kData, "ListSubscriptions",    "GET",    "/connections/{clientId}/subscriptions", 200, list_subscriptions},

    {kWireless, "CreateWirelessGateway",        "POST",   "/wireless-gateways",                 201, create_wireless_gateway},
    {kWireless, "ListWirelessGateways",         "GET",    "/wireless-gateways",                 200, list_wireless_gateways},
    {kWireless, "ListSeenGateways",             "GET",    "/wireless-gateways/seen",            200, list_seen_gateways},
    {kWireless, "GetWirelessGateway",           "GET",    "/wireless-gateways/{Identifier}",    200, get_wireless_gateway},
    {kWireless, "UpdateWirelessGateway",        "PATCH",  "/wireless-gateways/{Id}",            204, update_wireless_gateway},
    {kWireless, "DeleteWirelessGateway",        "DELETE", "/wireless-gateways/{Id}",            204, delete_wireless_gateway},
    {kWireless, "GetWirelessGatewayStatistics", "GET",    "/wireless-gateways/{Id}/statistics", 200, get_wireless_gateway_statistics},

    {kWireless, "CreateWirelessDevice",         "POST",   "/wireless-devices",                  201, create_wireless_device},
    {kWireless, "ImportWirelessDevices",        "POST",   "/wireless-devices/import",           200, import_wireless_devices},
    {kWireless, "ListWirelessDevices",          "GET",    "/wireless-devices",                  200, list_wireless_devices},
    {kWireless, "GetWirelessDevice",            "GET",    "/wireless-devices/{Identifier}",     200, get_wireless_device},
    {kWireless, "UpdateWirelessDevice",         "PATCH",  "/wireless-devices/{Id}",             204, update_wireless_device},
    {kWireless, "DeleteWirelessDevice",         "DELETE", "/wireless-devices/{Id}",             204, delete_wireless_device},
    {kWireless, "GetWirelessDeviceStatistics",  "GET",    "/wireless-devices/{Id}/statistics",  200, get_wireless_device_statistics},
    {kWireless, "GetDeviceSession",             "GET",    "/wireless-devices/{Id}/session",     200, get_device_session},
    {kWireless, "ListDeviceFrames",             "GET",    "/wireless-devices/{Id}/frames",      200, list_device_frames},
    {kWireless, "ListEvents",                   "GET",    "/events",                            200, list_events},

    {kWireless, "SendDataToWirelessDevice",     "POST",   "/wireless-devices/{Id}/data",        202, send_data_to_wireless_device},
    {kWireless, "ListQueuedMessages",           "GET",    "/wireless-devices/{Id}/data",        200, list_queued_messages},
    {kWireless, "DeleteQueuedMessages",         "DELETE", "/wireless-devices/{Id}/data",        204, delete_queued_messages},

    {kWireless, "CreateDeviceProfile",          "POST",   "/device-profiles",                   201, create_device_profile},
    {kWireless, "ListDeviceProfiles",           "GET",    "/device-profiles",                   200, list_device_profiles},
    {kWireless, "GetDeviceProfile",             "GET",    "/device-profiles/{Id}",              200, get_device_profile},
    {kWireless, "DeleteDeviceProfile",          "DELETE", "/device-profiles/{Id}",              204, delete_device_profile},
    {kWireless, "PutCodec",                     "PUT",    "/device-profiles/{Id}/codec",        204, put_codec},
    {kWireless, "GetCodec",                     "GET",    "/device-profiles/{Id}/codec",        200, get_codec},
    {kWireless, "DeleteCodec",                  "DELETE", "/device-profiles/{Id}/codec",        204, delete_codec},

    {kWireless, "CreateServiceProfile",         "POST",   "/service-profiles",                  201, create_service_profile},
    {kWireless, "ListServiceProfiles",          "GET",    "/service-profiles",                  200, list_service_profiles},
    {kWireless, "GetServiceProfile",            "GET",    "/service-profiles/{Id}",             200, get_service_profile},
    {kWireless, "DeleteServiceProfile",         "DELETE", "/service-profiles/{Id}",             204, delete_service_profile},

    {kWireless, "CreateDestination",            "POST",   "/destinations",                      201, create_destination},
    {kWireless, "ListDestinations",             "GET",    "/destinations",                      200, list_destinations},
    {kWireless, "GetDestination",               "GET",    "/destinations/{Name}",               200, get_destination},
    {kWireless, "UpdateDestination",            "PATCH",  "/destinations/{Name}",               204, update_destination},
    {kWireless, "DeleteDestination",            "DELETE", "/destinations/{Name}",               204, delete_destination},

    {kWireless, "TagResource",                  "POST",   "/tags",                              204, tag_resource},
    {kWireless, "UntagResource",                "DELETE", "/tags",                              204, untag_resource},
    {kWireless, "ListTagsForResource",          "GET",    "/tags",                              200, list_tags_for_resource},
    {kWireless, "GetServiceEndpoint",           "GET",    "/service-endpoint",                  200, get_service_endpoint},

    {kWireless, "StartBackup",                  "POST",   "/backup",                            202, start_backup},
    {kWireless, "GetBackup",                    "GET",    "/backup",                            200, get_backup},

    {kWireless, "CreateUser",                   "POST",   "/users",                             201, create_user},
    {kWireless, "UpdateUser",                   "PUT",    "/users/{Name}",                      200, update_user},
    {kWireless, "GetUser",                      "GET",    "/users/{Name}",                      200, get_user},
    {kWireless, "ListUsers",                    "GET",    "/users",                             200, list_users},
    {kWireless, "DeleteUser",                   "DELETE", "/users/{Name}",                      204, delete_user},

    {kWireless, "TestTopicRule",                "POST",   "/rule-test",                         200, test_topic_rule},

    {kIot, "CreateTopicRule",  "POST",   "/rules/{ruleName}",         200, create_topic_rule},
    {kIot, "GetTopicRule",     "GET",    "/rules/{ruleName}",         200, get_topic_rule},
    {kIot, "ListTopicRules",   "GET",    "/rules",                    200, list_topic_rules},
    {kIot, "ReplaceTopicRule", "PATCH",  "/rules/{ruleName}",         200, replace_topic_rule},
    {kIot, "DeleteTopicRule",  "DELETE", "/rules/{ruleName}",         200, delete_topic_rule},
    {kIot, "EnableTopicRule",  "POST",   "/rules/{ruleName}/enable",  200, enable_topic_rule},
    {kIot, "DisableTopicRule", "POST",   "/rules/{ruleName}/disable", 200, disable_topic_rule},
    {kIot, "TagResource",         "POST", "/tags",  200, tag_iot_resource},
    {kIot, "UntagResource",       "POST", "/untag", 200, untag_iot_resource},
    {kIot, "ListTagsForResource", "GET",  "/tags",  200, list_tags_of_iot_resource},
    {kIot, "CreateAuthorizer",          "POST",   "/authorizer/{authorizerName}",      200, create_authorizer},
    {kIot, "UpdateAuthorizer",          "PUT",    "/authorizer/{authorizerName}",      200, update_authorizer},
    {kIot, "DescribeAuthorizer",        "GET",    "/authorizer/{authorizerName}",      200, describe_authorizer},
    {kIot, "ListAuthorizers",           "GET",    "/authorizers/",                     200, list_authorizers},
    {kIot, "DeleteAuthorizer",          "DELETE", "/authorizer/{authorizerName}",      200, delete_authorizer},
    {kIot, "TestInvokeAuthorizer",      "POST",   "/authorizer/{authorizerName}/test", 200, test_invoke_authorizer},
    {kIot, "SetDefaultAuthorizer",      "POST",   "/default-authorizer",               200, set_default_authorizer},
    {kIot, "DescribeDefaultAuthorizer", "GET",    "/default-authorizer",               200, describe_default_authorizer},
    {kIot, "ClearDefaultAuthorizer",    "DELETE", "/default-authorizer",               200, clear_default_authorizer},
    {kIot, "DescribeEndpoint", "GET",    "/endpoint",                 200, describe_endpoint},

    {kIot, "CreateKeysAndCertificate",     "POST",   "/keys-and-certificate",                                  200, create_keys_and_certificate},
    {kIot, "CreateCertificateFromCsr",     "POST",   "/certificates",                                          200, create_certificate_from_csr},
    {kIot, "ListCertificates",             "GET",    "/certificates",                                          200, list_certificates},
    {kIot, "DescribeCertificate",          "GET",    "/certificates/{certificateId}",                          200, describe_certificate},
    {kIot, "UpdateCertificate",            "PUT",    "/certificates/{certificateId}",                          200, update_certificate},
    {kIot, "DeleteCertificate",            "DELETE", "/certificates/{certificateId}",                          200, delete_certificate},
    {kIot, "ListCertificatesByCA",         "GET",    "/certificates-by-ca/{caCertificateId}",                  200, list_certificates_by_ca},
    {kIot, "RegisterCertificate",          "POST",   "/certificate/register",                                  200, register_certificate},
    {kIot, "RegisterCertificateWithoutCA", "POST",   "/certificate/register-no-ca",                            200, register_certificate_without_ca},

    {kIot, "RegisterCACertificate",        "POST",   "/cacertificate",                                         200, register_ca_certificate},
    {kIot, "DescribeCACertificate",        "GET",    "/cacertificate/{caCertificateId}",                       200, describe_ca_certificate},
    {kIot, "UpdateCACertificate",          "PUT",    "/cacertificate/{caCertificateId}",                       200, update_ca_certificate},
    {kIot, "DeleteCACertificate",          "DELETE", "/cacertificate/{caCertificateId}",                       200, delete_ca_certificate},
    {kIot, "ListCACertificates",           "GET",    "/cacertificates",                                        200, list_ca_certificates},
    {kIot, "GetRegistrationCode",          "GET",    "/registrationcode",                                      200, get_registration_code},
    {kIot, "DeleteRegistrationCode",       "DELETE", "/registrationcode",                                      200, delete_registration_code},

    {kIot, "CreatePolicy",                 "POST",   "/policies/{policyName}",                                 200, create_policy},
    {kIot, "GetPolicy",                    "GET",    "/policies/{policyName}",                                 200, get_policy},
    {kIot, "DeletePolicy",                 "DELETE", "/policies/{policyName}",                                 200, delete_policy},
    {kIot, "ListPolicies",                 "GET",    "/policies",                                              200, list_policies},
    {kIot, "CreatePolicyVersion",          "POST",   "/policies/{policyName}/version",                         200, create_policy_version},
    {kIot, "ListPolicyVersions",           "GET",    "/policies/{policyName}/version",                         200, list_policy_versions},
    {kIot, "GetPolicyVersion",             "GET",    "/policies/{policyName}/version/{policyVersionId}",       200, get_policy_version},
    {kIot, "SetDefaultPolicyVersion",      "PATCH",  "/policies/{policyName}/version/{policyVersionId}",       200, set_default_policy_version},
    {kIot, "DeletePolicyVersion",          "DELETE", "/policies/{policyName}/version/{policyVersionId}",       200, delete_policy_version},
    {kIot, "AttachPolicy",                 "PUT",    "/target-policies/{policyName}",                          200, attach_policy},
    {kIot, "DetachPolicy",                 "POST",   "/target-policies/{policyName}",                          200, detach_policy},
    {kIot, "AttachPrincipalPolicy",        "PUT",    "/principal-policies/{policyName}",                       200, attach_principal_policy},
    {kIot, "DetachPrincipalPolicy",        "DELETE", "/principal-policies/{policyName}",                       200, detach_principal_policy},
    {kIot, "ListAttachedPolicies",         "POST",   "/attached-policies/{target}",                            200, list_attached_policies},
    {kIot, "ListTargetsForPolicy",         "POST",   "/policy-targets/{policyName}",                           200, list_targets_for_policy},
    {kIot, "ListPolicyPrincipals",         "GET",    "/policy-principals",                                     200, list_policy_principals},
    {kIot, "ListPrincipalPolicies",        "GET",    "/principal-policies",                                    200, list_principal_policies},
    {kIot, "GetEffectivePolicies",         "POST",   "/effective-policies",                                    200, get_effective_policies},

    {kIot, "CreateThing",                  "POST",   "/things/{thingName}",                                    200, create_thing},
    {kIot, "DescribeThing",                "GET",    "/things/{thingName}",                                    200, describe_thing},
    {kIot, "UpdateThing",                  "PATCH",  "/things/{thingName}",                                    200, update_thing},
    {kIot, "DeleteThing",                  "DELETE", "/things/{thingName}",                                    200, delete_thing},
    {kIot, "ListThings",                   "GET",    "/things",                                                200, list_things},
    {kIot, "AttachThingPrincipal",         "PUT",    "/things/{thingName}/principals",                         200, attach_thing_principal},
    {kIot, "DetachThingPrincipal",         "DELETE", "/things/{thingName}/principals",                         200, detach_thing_principal},
    {kIot, "ListThingPrincipals",          "GET",    "/things/{thingName}/principals",                         200, list_thing_principals},
    {kIot, "ListPrincipalThings",          "GET",    "/principals/things",                                     200, list_principal_things},
    {kIot, "ListThingPrincipalsV2",        "GET",    "/things/{thingName}/principals-v2",                      200, list_thing_principals_v2},
    {kIot, "ListPrincipalThingsV2",        "GET",    "/principals/things-v2",                                  200, list_principal_things_v2},
    {kIot, "ListThingGroupsForThing",      "GET",    "/things/{thingName}/thing-groups",                       200, list_thing_groups_for_thing},

    {kIot, "AddThingToThingGroup",         "PUT",    "/thing-groups/addThingToThingGroup",                     200, add_thing_to_thing_group},
    {kIot, "RemoveThingFromThingGroup",    "PUT",    "/thing-groups/removeThingFromThingGroup",                200, remove_thing_from_thing_group},
    {kIot, "UpdateThingGroupsForThing",    "PUT",    "/thing-groups/updateThingGroupsForThing",                200, update_thing_groups_for_thing},
    {kIot, "CreateThingGroup",             "POST",   "/thing-groups/{thingGroupName}",                         200, create_thing_group},
    {kIot, "DescribeThingGroup",           "GET",    "/thing-groups/{thingGroupName}",                         200, describe_thing_group},
    {kIot, "UpdateThingGroup",             "PATCH",  "/thing-groups/{thingGroupName}",                         200, update_thing_group},
    {kIot, "DeleteThingGroup",             "DELETE", "/thing-groups/{thingGroupName}",                         200, delete_thing_group},
    {kIot, "ListThingGroups",              "GET",    "/thing-groups",                                          200, list_thing_groups},
    {kIot, "ListThingsInThingGroup",       "GET",    "/thing-groups/{thingGroupName}/things",                  200, list_things_in_thing_group},

    {kIot, "CreateThingType",              "POST",   "/thing-types/{thingTypeName}",                           200, create_thing_type},
    {kIot, "DescribeThingType",            "GET",    "/thing-types/{thingTypeName}",                           200, describe_thing_type},
    {kIot, "ListThingTypes",               "GET",    "/thing-types",                                           200, list_thing_types},
    {kIot, "DeprecateThingType",           "POST",   "/thing-types/{thingTypeName}/deprecate",                 200, deprecate_thing_type},
    {kIot, "DeleteThingType",              "DELETE", "/thing-types/{thingTypeName}",                           200, delete_thing_type},

    {kIot, "TestAuthorization",            "POST",   "/test-authorization",                                    200, test_authorization},
    {kIot, "ExplainAuthorization",         "POST",   "/authorization-explanation",                             200, explain_authorization},

    {kIot, "CreateAccessKey",              "POST",   "/access-keys",                                           200, create_access_key},
    {kIot, "ListAccessKeys",               "GET",    "/access-keys",                                           200, list_access_keys},
    {kIot, "DeleteAccessKey",              "DELETE", "/access-keys/{accessKeyId}",                             200, delete_access_key},
};
// clang-format on

}  // namespace

std::span<const Operation> operations() { return kOperations; }

}  // namespace helio::bridge::api
