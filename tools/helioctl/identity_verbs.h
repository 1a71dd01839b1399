// The verbs of helioctl for certificates, policies, things and access keys, a function a verb. Each
// throws CtlError with one sentence.
#pragma once

#include "tools/helioctl/session.h"

#include <string>
#include <vector>

namespace helio::ctl {

struct CertCreate {
    std::string csr;  // a file with a signing request; empty: the server makes the key, too
    std::string out;  // files OUT.pem and OUT.key; empty: printed
    std::vector<std::string> policies, things;
    bool inactive = false;
};
void cert_create(Session& session, const CertCreate& options);
struct CertRegister {
    std::string file, ca_file;
    bool without_ca = false, inactive = false;
};
void cert_register(Session& session, const CertRegister& options);
void cert_list(Session& session);
void cert_show(Session& session, const std::string& certificate);
void cert_activate(Session& session, const std::string& certificate);
void cert_deactivate(Session& session, const std::string& certificate);
void cert_revoke(Session& session, const std::string& certificate);
struct CertDelete {
    std::string certificate;
    bool force = false;
};
void cert_delete(Session& session, const CertDelete& options);

struct CaRegister {
    std::string file, verification_file;
    bool inactive = false, auto_register = false;
};
void ca_register(Session& session, const CaRegister& options);
void ca_list(Session& session);
void ca_code(Session& session);

struct PolicyCreate {
    std::string name, file;
    bool replace = false;  // the policy is there: this becomes its default version
};
void policy_create(Session& session, const PolicyCreate& options);
void policy_list(Session& session);
void policy_show(Session& session, const std::string& name);
void policy_delete(Session& session, const std::string& name);
struct PolicyTarget {
    std::string name, target;  // see target_text
};
void policy_attach(Session& session, const PolicyTarget& options);
void policy_detach(Session& session, const PolicyTarget& options);
struct PolicyExplain {
    std::string action, resource;
    std::string connection;                                    // a client that is connected; else:
    std::string principal, client_id, source_ip, domain_name;  // empty: not known
    bool no_tls = false, persistent = false, last_will = false, http = false;
    std::vector<std::string> add, skip;  // policies
};
// Answers the exit status: 1 where it is not allowed.
int policy_explain(Session& session, const PolicyExplain& options);

struct ThingAdd {
    std::string name, type;
    std::vector<std::string> attributes;  // "name=value"
};
void thing_add(Session& session, const ThingAdd& options);
void thing_list(Session& session);
void thing_show(Session& session, const std::string& name);
void thing_delete(Session& session, const std::string& name);
struct ThingAttach {
    std::string name, certificate;
    bool exclusive = false;
};
void thing_attach(Session& session, const ThingAttach& options);
void thing_detach(Session& session, const ThingAttach& options);

struct KeyAdd {
    std::string name;
    std::vector<std::string> policies;
};
void key_add(Session& session, const KeyAdd& options);
void key_list(Session& session);
void key_remove(Session& session, const std::string& id);

// The id of a certificate by the beginning of it or the name of a file with it.
std::string certificate_id(Session& session, const std::string& id_or_file);
// As the server understands it: an ARN, user/NAME, thinggroup/NAME and an access key's id as they
// are, else what certificate_id finds.
std::string target_text(Session& session, const std::string& target);

}  // namespace helio::ctl
