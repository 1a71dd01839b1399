// Why the registry refused a change, as far as AWS's exceptions tell it apart, and a sentence for a
// person.
#pragma once

#include <cstdint>
#include <string>

namespace helio::bridge::registry {

struct Error {
    enum class Kind : std::uint8_t {
        not_found,             // ResourceNotFoundException
        already_exists,        // ResourceAlreadyExistsException
        bad_request,           // InvalidRequestException
        malformed_policy,      // MalformedPolicyException
        too_many_versions,     // VersionsLimitExceededException
        limit_exceeded,        // LimitExceededException
        in_use,                // DeleteConflictException
        certificate_state,     // CertificateStateException
        certificate_invalid,   // CertificateValidationException
        certificate_conflict,  // CertificateConflictException
        registration_code,     // RegistrationCodeValidationException
        version_conflict,      // VersionConflictException
    };
    Kind kind = Kind::bad_request;
    std::string message;
    // Of what exists already.
    std::string resource_arn{};
    std::string resource_id{};
};

}  // namespace helio::bridge::registry
