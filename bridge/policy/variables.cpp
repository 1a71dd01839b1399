#include "bridge/policy/variables.h"

#include "bridge/policy/names.h"
#include "crypto/x509/certificate_names.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace helio::bridge::policy {

using crypto::x509::AlternativeNames;
using crypto::x509::CertificateNames;
using crypto::x509::PartyNames;

namespace {

// AWS: "Certificate attributes that contain arrays are limited to five items".
constexpr std::size_t kMaxItems = 5;
constexpr std::size_t kMaxCertificateValue = 1024;
constexpr std::string_view kNotSubstituted = "*$+?#";
constexpr std::string_view kEscaped = ",\"\\+=<>;";

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!equal_in_any_case(text.substr(0, prefix.size()), prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::optional<Value> one(std::string text) {
    if (text.empty()) return std::nullopt;
    return Value{.items = {std::move(text)}};
}

std::optional<Value> yes_or_no(bool yes) { return one(yes ? "true" : "false"); }

// --- what is asked of a connection ---------------------------------------------------------------

const ThingFacts* thing_of(const Context& c) {
    return c.facts().thing && c.facts().connection ? &*c.facts().thing : nullptr;
}

std::optional<Value> connect_attributes(const Context& c) {
    Value value{.many = true};
    if (c.facts().persistent) value.items.emplace_back("PersistentConnect");
    if (c.facts().last_will) value.items.emplace_back("LastWill");
    if (!c.facts().connection || value.items.empty()) return std::nullopt;
    return value;
}

std::optional<Value> epoch_time(const Context& c) {
    return one(std::to_string(to_unix_us(c.now) / 1'000'000));
}

}  // namespace

using Getter = std::optional<Value> (*)(const Context&, std::string_view argument);

struct VariableRow {
    std::string_view name;
    Getter get;
    bool has_argument = false;  // "name[argument]"
    bool changes = false;
};

namespace {

constexpr VariableRow kPlain[] = {
    {"iot:ClientId", [](const Context& c, std::string_view) { return one(c.facts().client_id); }},
    {"aws:SourceIp", [](const Context& c, std::string_view) { return one(c.facts().source_ip); }},
    {"iot:DomainName",
     [](const Context& c, std::string_view) { return one(c.facts().domain_name); }},
    {"iot:ConnectAttributes",
     [](const Context& c, std::string_view) { return connect_attributes(c); }},
    {"iot:CertificateId",
     [](const Context& c, std::string_view) { return one(c.facts().certificate_id); }},
    {"iot:Connection.Thing.ThingName",
     [](const Context& c, std::string_view) {
         return thing_of(c) ? one(thing_of(c)->name) : std::nullopt;
     }},
    {"iot:Connection.Thing.ThingTypeName",
     [](const Context& c, std::string_view) {
         return thing_of(c) ? one(thing_of(c)->type) : std::nullopt;
     }},
    {"iot:Connection.Thing.BillingGroupName",
     [](const Context& c, std::string_view) {
         return thing_of(c) ? one(thing_of(c)->billing_group) : std::nullopt;
     }},
    {"iot:Connection.Thing.IsAttached",
     [](const Context& c, std::string_view) {
         return c.facts().connection ? yes_or_no(thing_of(c) != nullptr) : std::nullopt;
     }},
    {.name = "iot:Connection.Thing.Attributes",
     .get = [](const Context& c, std::string_view attribute) -> std::optional<Value> {
         if (thing_of(c) == nullptr) return std::nullopt;
         for (const auto& [name, value] : thing_of(c)->attributes) {
             if (name == attribute) return one(value);
         }
         return std::nullopt;
     },
     .has_argument = true},
    {"aws:SecureTransport",
     [](const Context& c, std::string_view) { return yes_or_no(c.facts().secure); }},
    {.name = "aws:CurrentTime",
     .get = [](const Context& c, std::string_view) { return one(to_rfc3339(c.now, 0)); },
     .changes = true},
    {.name = "aws:EpochTime",
     .get = [](const Context& c, std::string_view) { return epoch_time(c); },
     .changes = true},
};

// --- what is read out of the certificate ---------------------------------------------------------

struct AttributeRow {
    std::string_view name;
    std::string_view type;
};
constexpr AttributeRow kAttributes[] = {
    {"DistinguishedNameQualifier", "2.5.4.46"},
    {"Country", "2.5.4.6"},
    {"Organization", "2.5.4.10"},
    {"OrganizationalUnit", "2.5.4.11"},
    {"State", "2.5.4.8"},
    {"CommonName", "2.5.4.3"},
    {"SerialNumber", "2.5.4.5"},
    {"Title", "2.5.4.12"},
    {"Surname", "2.5.4.4"},
    {"GivenName", "2.5.4.42"},
    {"Initials", "2.5.4.43"},
    {"Pseudonym", "2.5.4.65"},
    {"GenerationQualifier", "2.5.4.44"},
};

struct AlternativeRow {
    std::string_view name;
    std::vector<std::string> AlternativeNames::*values;
};
constexpr AlternativeRow kAlternatives[] = {
    {"AlternativeName.RFC822Name", &AlternativeNames::rfc822_names},
    {"AlternativeName.DNSName", &AlternativeNames::dns_names},
    {"AlternativeName.DirectoryName", &AlternativeNames::directory_names},
    {"AlternativeName.UniformResourceIdentifier", &AlternativeNames::uris},
    {"AlternativeName.IPAddress", &AlternativeNames::ip_addresses},
};

struct PartyRow {
    std::string_view name;
    PartyNames CertificateNames::*names;
};
constexpr PartyRow kParties[] = {
    {"iot:Certificate.Subject.", &CertificateNames::subject},
    {"iot:Certificate.Issuer.", &CertificateNames::issuer},
};

// "Certificate attributes containing special characters … must be prefixed with a backslash".
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (kEscaped.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::vector<std::string> attribute_values(const PartyNames& party, std::string_view name) {
    std::vector<std::string> out;
    for (const AttributeRow& row : kAttributes) {
        if (!equal_in_any_case(row.name, name)) continue;
        for (const auto& attribute : party.attributes) {
            if (attribute.type == row.type) out.push_back(escaped(attribute.value));
        }
    }
    for (const AlternativeRow& row : kAlternatives) {
        if (equal_in_any_case(row.name, name)) out = party.alternatives.*row.values;
    }
    if (out.size() > kMaxItems) out.resize(kMaxItems);
    return out;
}

const PartyRow* party_of(std::string_view& name) {
    for (const PartyRow& row : kParties) {
        if (take_prefix(name, row.name)) return &row;
    }
    return nullptr;
}

bool is_certificate_part(std::string_view name) {
    const auto named = [&](const auto& row) { return equal_in_any_case(row.name, name); };
    return std::any_of(std::begin(kAttributes), std::end(kAttributes), named) ||
           std::any_of(std::begin(kAlternatives), std::end(kAlternatives), named);
}

std::optional<Value> certificate_part(const Context& c, std::string_view name) {
    const CertificateNames* const names = c.certificate_names();
    const PartyRow* const party = party_of(name);
    if (names == nullptr || party == nullptr) return std::nullopt;
    Value value{.items = attribute_values(names->*party->names, name)};
    if (value.items.empty()) return std::nullopt;
    return value;
}

// The names under which the certificate has values.
std::optional<Value> available_keys(const Context& c) {
    const CertificateNames* const names = c.certificate_names();
    if (names == nullptr) return std::nullopt;
    Value value{.many = true};
    for (const PartyRow& party : kParties) {
        const auto add = [&](std::string_view part) {
            if (!attribute_values(names->*party.names, part).empty()) {
                value.items.push_back(std::string(party.name).append(part));
            }
        };
        for (const AttributeRow& row : kAttributes) add(row.name);
        for (const AlternativeRow& row : kAlternatives) add(row.name);
    }
    value.items.emplace_back("iot:Certificate.SerialNumber");
    return value;
}

constexpr VariableRow kOfCertificate[] = {
    {"iot:Certificate.SerialNumber",
     [](const Context& c, std::string_view) {
         return c.certificate_names() ? one(c.certificate_names()->serial_number) : std::nullopt;
     }},
    {"iot:Certificate.AvailableKeys",
     [](const Context& c, std::string_view) { return available_keys(c); }},
};
// Of all names that kParties × (kAttributes + kAlternatives) make; the argument is the whole name
// without its suffix.
constexpr VariableRow kCertificatePart = {"iot:Certificate", certificate_part};

// Takes ".List" or ".3" off the end.
void take_suffix(std::string_view& name, std::optional<std::size_t>& index, bool& list) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return;
    const std::string_view suffix = name.substr(dot + 1);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(suffix.data(), suffix.data() + suffix.size(), number);
    list = equal_in_any_case(suffix, "List");
    const bool is_number =
        error == std::errc() && end == suffix.data() + suffix.size() && !suffix.empty();
    if (is_number) index = number;
    if (list || is_number) name = name.substr(0, dot);
}

// "Attributes[name]" -> "Attributes" and "name".
bool split_argument(std::string_view name, std::string_view& head, std::string_view& argument) {
    const std::size_t open = name.find('[');
    if (open == std::string_view::npos || !name.ends_with(']')) return false;
    head = name.substr(0, open);
    argument = name.substr(open + 1, name.size() - open - 2);
    return !argument.empty();
}

bool may_be_substituted(std::string_view certificate_value) {
    return certificate_value.size() <= kMaxCertificateValue &&
           certificate_value.find_first_of(kNotSubstituted) == std::string_view::npos;
}

}  // namespace

Context::Context(Facts facts) : facts_(std::move(facts)) {}
Context::~Context() = default;
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;

const CertificateNames* Context::certificate_names() const {
    if (!names_read_) {
        names_read_ = true;
        if (!facts_.certificate.empty()) {
            if (auto names = crypto::x509::read_certificate_names(facts_.certificate)) {
                names_ = std::make_unique<CertificateNames>(std::move(*names));
            }
        }
    }
    return names_.get();
}

Variable Variable::parse(std::string_view name) {
    Variable out;
    out.name_ = name;
    std::string_view head = name;
    std::string_view argument;
    const bool has_argument = split_argument(name, head, argument);
    for (const VariableRow& row : kPlain) {
        if (row.has_argument == has_argument && equal_in_any_case(row.name, head)) out.row_ = &row;
    }
    for (const VariableRow& row : kOfCertificate) {
        if (equal_in_any_case(row.name, name)) out.row_ = &row;
    }
    if (out.row_ != nullptr) {
        out.argument_ = argument;
        return out;
    }
    std::string_view part = name;
    take_suffix(part, out.index_, out.list_);
    std::string_view rest = part;
    if (party_of(rest) != nullptr && is_certificate_part(rest)) {
        out.row_ = &kCertificatePart;
    }
    out.argument_ = part;
    return out;
}

bool Variable::changes() const { return row_ != nullptr && row_->changes; }

std::optional<Value> Variable::value(const Context& context) const {
    if (row_ == nullptr) return claim(context);
    auto value = row_->get(context, argument_);
    if (!value || row_ != &kCertificatePart) return value;
    value->many = list_;
    if (list_) return value;
    const std::size_t index = index_.value_or(0);
    if (index >= value->items.size()) return std::nullopt;
    value->items = {value->items[index]};
    value->substitutable = may_be_substituted(value->items.front());
    return value;
}

std::optional<Value> Variable::claim(const Context& context) const {
    for (const auto& [name, claim] : context.facts().claims) {
        if (equal_in_any_case(name, name_) && !claim.items.empty()) {
            return Value{.items = claim.items, .many = claim.list};
        }
    }
    for (const auto& [name, claim] : context.facts().claims) {
        if (index_ && claim.list && *index_ < claim.items.size() &&
            equal_in_any_case(name, argument_)) {
            return Value{.items = {claim.items[*index_]}};
        }
    }
    return std::nullopt;
}

std::vector<std::string> variable_names() {
    std::vector<std::string> out;
    for (const VariableRow& row : kPlain) {
        out.push_back(std::string(row.name) + (row.has_argument ? "[name]" : ""));
    }
    for (const PartyRow& party : kParties) {
        for (const AttributeRow& row : kAttributes) {
            out.push_back(std::string(party.name).append(row.name));
        }
        for (const AlternativeRow& row : kAlternatives) {
            out.push_back(std::string(party.name).append(row.name));
        }
    }
    for (const VariableRow& row : kOfCertificate) out.emplace_back(row.name);
    return out;
}

}  // namespace helio::bridge::policy
