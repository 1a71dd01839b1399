// The handlers of identities and things, one file a kind of resource.
#pragma once

#include "bridge/api/operation.h"

namespace helio::bridge::api {

// certificates.cpp
Outcome create_keys_and_certificate(Context& context, const Call& call);
Outcome create_certificate_from_csr(Context& context, const Call& call);
Outcome register_certificate(Context& context, const Call& call);
Outcome register_certificate_without_ca(Context& context, const Call& call);
Outcome describe_certificate(Context& context, const Call& call);
Outcome update_certificate(Context& context, const Call& call);
Outcome delete_certificate(Context& context, const Call& call);
Outcome list_certificates(Context& context, const Call& call);
Outcome list_certificates_by_ca(Context& context, const Call& call);

// ca_certificates.cpp
Outcome register_ca_certificate(Context& context, const Call& call);
Outcome describe_ca_certificate(Context& context, const Call& call);
Outcome update_ca_certificate(Context& context, const Call& call);
Outcome delete_ca_certificate(Context& context, const Call& call);
Outcome list_ca_certificates(Context& context, const Call& call);
Outcome get_registration_code(Context& context, const Call& call);
Outcome delete_registration_code(Context& context, const Call& call);

// policies.cpp
Outcome create_policy(Context& context, const Call& call);
Outcome create_policy_version(Context& context, const Call& call);
Outcome set_default_policy_version(Context& context, const Call& call);
Outcome get_policy(Context& context, const Call& call);
Outcome get_policy_version(Context& context, const Call& call);
Outcome list_policies(Context& context, const Call& call);
Outcome list_policy_versions(Context& context, const Call& call);
Outcome delete_policy(Context& context, const Call& call);
Outcome delete_policy_version(Context& context, const Call& call);

// policy_attachments.cpp
Outcome attach_policy(Context& context, const Call& call);
Outcome detach_policy(Context& context, const Call& call);
Outcome attach_principal_policy(Context& context, const Call& call);
Outcome detach_principal_policy(Context& context, const Call& call);
Outcome list_attached_policies(Context& context, const Call& call);
Outcome list_principal_policies(Context& context, const Call& call);
Outcome list_targets_for_policy(Context& context, const Call& call);
Outcome list_policy_principals(Context& context, const Call& call);
Outcome get_effective_policies(Context& context, const Call& call);

// things.cpp
Outcome create_thing(Context& context, const Call& call);
Outcome describe_thing(Context& context, const Call& call);
Outcome update_thing(Context& context, const Call& call);
Outcome delete_thing(Context& context, const Call& call);
Outcome list_things(Context& context, const Call& call);
Outcome attach_thing_principal(Context& context, const Call& call);
Outcome detach_thing_principal(Context& context, const Call& call);
Outcome list_thing_principals(Context& context, const Call& call);
Outcome list_principal_things(Context& context, const Call& call);
Outcome list_thing_principals_v2(Context& context, const Call& call);
Outcome list_principal_things_v2(Context& context, const Call& call);

// thing_groups.cpp
Outcome create_thing_group(Context& context, const Call& call);
Outcome describe_thing_group(Context& context, const Call& call);
Outcome update_thing_group(Context& context, const Call& call);
Outcome delete_thing_group(Context& context, const Call& call);
Outcome list_thing_groups(Context& context, const Call& call);
Outcome add_thing_to_thing_group(Context& context, const Call& call);
Outcome remove_thing_from_thing_group(Context& context, const Call& call);
Outcome update_thing_groups_for_thing(Context& context, const Call& call);
Outcome list_thing_groups_for_thing(Context& context, const Call& call);
Outcome list_things_in_thing_group(Context& context, const Call& call);

// thing_types.cpp
Outcome create_thing_type(Context& context, const Call& call);
Outcome describe_thing_type(Context& context, const Call& call);
Outcome list_thing_types(Context& context, const Call& call);
Outcome deprecate_thing_type(Context& context, const Call& call);
Outcome delete_thing_type(Context& context, const Call& call);

// access_keys.cpp
Outcome create_access_key(Context& context, const Call& call);
Outcome list_access_keys(Context& context, const Call& call);
Outcome delete_access_key(Context& context, const Call& call);

}  // namespace helio::bridge::api
