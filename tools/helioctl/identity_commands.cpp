#include "tools/helioctl/identity_verbs.h"
#include "tools/helioctl/verb_tree.h"

namespace helio::ctl {
namespace {

void add_certificates(VerbTree& tree) {
    CLI::App* cert = tree.group("cert", "Certificates that clients come in by");
    auto [create, o] = tree.verb<CertCreate>(cert, "create", "Issue a certificate", cert_create);
    create->add_option("--csr", o->csr, "For this signing request; - reads standard input");
    create->add_option("--out", o->out, "Write OUT.pem and OUT.key [printed]");
    create->add_option("--policy", o->policies, "Attach this policy");
    create->add_option("--thing", o->things, "Attach it to this thing");
    create->add_flag("--inactive", o->inactive, "It lets nobody in yet");
    auto [add, r] =
        tree.verb<CertRegister>(cert, "register", "Register one that others issued", cert_register);
    add->add_option("FILE", r->file, "PEM; - reads standard input")->required();
    add->add_option("--ca", r->ca_file, "Its CA, where several have one name");
    add->add_flag("--without-ca", r->without_ca, "Its CA is not registered");
    add->add_flag("--inactive", r->inactive, "It lets nobody in yet");
    tree.bare_verb(cert, "list", "List the certificates", cert_list);
    constexpr const char* kCertificate = "ID|FILE";
    tree.verb_on(cert, "show", "Show a certificate", kCertificate, cert_show);
    tree.verb_on(cert, "activate", "Let it in", kCertificate, cert_activate);
    tree.verb_on(cert,
                 "deactivate",
                 "Let it in no more, and end its connections",
                 kCertificate,
                 cert_deactivate);
    tree.verb_on(cert, "revoke", "Likewise, for good", kCertificate, cert_revoke);
    auto [remove, d] = tree.verb<CertDelete>(cert, "delete", "Delete a certificate", cert_delete);
    remove->add_option(kCertificate, d->certificate)->required();
    remove->add_flag("--force", d->force, "Deactivate it and detach its policies before");

    CLI::App* ca = tree.group("ca", "Certificate authorities of your own");
    auto [register_ca, c] = tree.verb<CaRegister>(ca, "register", "Register a CA", ca_register);
    register_ca->add_option("FILE", c->file, "PEM; - reads standard input")->required();
    register_ca->add_option("--verification",
                            c->verification_file,
                            "A certificate that it has signed, named for the code of `ca code`");
    register_ca->add_flag(
        "--auto-register", c->auto_register, "Its certificates register themselves at first sight");
    register_ca->add_flag("--inactive", c->inactive, "Not to be used yet");
    tree.bare_verb(ca, "list", "List the CAs", ca_list);
    tree.bare_verb(ca, "code", "Print the registration code", ca_code);
}

void add_policies(VerbTree& tree, CLI::App* policy) {
    auto [create, o] = tree.verb<PolicyCreate>(policy, "create", "Make a policy", policy_create);
    create->add_option("NAME", o->name)->required();
    create->add_option("FILE", o->file, "The document; - reads standard input")->required();
    create->add_flag("--replace", o->replace, "It is there: make this its default version");
    tree.bare_verb(policy, "list", "List the policies", policy_list);
    tree.verb_on(policy, "show", "Show a policy and its targets", "NAME", policy_show);
    tree.verb_on(policy, "delete", "Delete a policy", "NAME", policy_delete);
    const auto on_target = [&](const char* name,
                               const char* help,
                               void (*work)(Session&, const PolicyTarget&)) {
        auto [made, t] = tree.verb<PolicyTarget>(policy, name, help, work);
        made->add_option("NAME", t->name)->required();
        made->add_option(
                "TARGET", t->target, "Certificate (id or file), user/NAME, thinggroup/NAME, key id")
            ->required();
    };
    on_target("attach", "Attach it to somebody", policy_attach);
    on_target("detach", "Detach it", policy_detach);
}

void add_explain(VerbTree& tree, CLI::App* policy) {
    auto [explain, o] = tree.verb<PolicyExplain>(
        policy, "explain", "Say whether something is allowed, and why", policy_explain);
    explain->add_option("ACTION", o->action, "iot:Publish and the like")->required();
    explain->add_option("RESOURCE", o->resource, "topic/a/b, client/x, or a whole ARN")->required();
    explain->add_option(
        "--principal", o->principal, "ARN, id or file of a certificate, or an access key");
    explain
        ->add_option(
            "--connection", o->connection, "The id of a client that is connected: as it is")
        ->excludes("--principal");
    explain->add_option("--client-id", o->client_id, "The client's id");
    explain->add_option("--source-ip", o->source_ip, "Where it comes from");
    explain->add_option("--domain-name", o->domain_name, "The name it has asked for");
    explain->add_flag("--no-tls", o->no_tls, "It comes without TLS");
    explain->add_flag("--persistent", o->persistent, "Its session is to last");
    explain->add_flag("--last-will", o->last_will, "It has a will");
    explain->add_flag("--http", o->http, "It publishes over HTTP");
    explain->add_option("--add", o->add, "As if this policy were attached");
    explain->add_option("--skip", o->skip, "As if this policy were not attached");
}

void add_things(VerbTree& tree) {
    CLI::App* thing = tree.group("thing", "Things: devices by name");
    auto [add, o] = tree.verb<ThingAdd>(thing, "add", "Make a thing", thing_add);
    add->add_option("NAME", o->name)->required();
    add->add_option("--type", o->type, "A thing type");
    add->add_option("--attribute", o->attributes, "name=value");
    tree.bare_verb(thing, "list", "List the things", thing_list);
    tree.verb_on(thing, "show", "Show a thing, its principals and groups", "NAME", thing_show);
    tree.verb_on(thing, "delete", "Delete a thing", "NAME", thing_delete);
    const auto on_principal =
        [&](const char* name, const char* help, void (*work)(Session&, const ThingAttach&)) {
            auto [made, t] = tree.verb<ThingAttach>(thing, name, help, work);
            made->add_option("NAME", t->name)->required();
            made->add_option("CERTIFICATE", t->certificate, "Id or file")->required();
            return std::pair(made, t);
        };
    auto [attach, t] = on_principal("attach", "A certificate speaks for it", thing_attach);
    attach->add_flag("--exclusive", t->exclusive, "And for no other");
    on_principal("detach", "It speaks for it no more", thing_detach);
}

void add_keys(VerbTree& tree) {
    CLI::App* key = tree.group("key", "Access keys that may do what policies allow");
    auto [add, o] = tree.verb<KeyAdd>(key, "add", "Make a key; its secret is shown once", key_add);
    add->add_option("--name", o->name, "A name for people");
    add->add_option("--policy", o->policies, "Attach this policy");
    tree.bare_verb(key, "list", "List the keys", key_list);
    tree.verb_on(key, "remove", "Remove a key, and end its connections", "ID", key_remove);
}

}  // namespace

void add_identity_verbs(VerbTree& tree) {
    add_certificates(tree);
    CLI::App* const policy = tree.group("policy", "What clients and access keys may do");
    add_policies(tree, policy);
    add_explain(tree, policy);
    add_things(tree);
    add_keys(tree);
}

}  // namespace helio::ctl
