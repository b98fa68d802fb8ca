#include "sasl/mechanisms.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace hongyan::sasl {

namespace {

using enum Password;

constexpr auto recoverable = ByDefault::where_passwords_are_recoverable;
constexpr auto always = ByDefault::offered;

constexpr Mechanism table[] = {
    {"SCRAM-SHA-256-PLUS", &make_scram_sha_256_plus, hidden, First::client, Needs::binding, always,
     "RFC 7677 §3"},
    {"SCRAM-SHA-1-PLUS", &make_scram_sha_1_plus, hidden, First::client, Needs::binding, always,
     "RFC 5802 §4"},
    {"SCRAM-SHA-256", &make_scram_sha_256, hidden, First::client, Needs::nothing, always, "RFC 7677 §3"},
    {"SCRAM-SHA-1", &make_scram_sha_1, hidden, First::client, Needs::nothing, always, "RFC 5802 §4"},
    {"EXTERNAL", &make_external, hidden, First::client, Needs::certificate, always, "RFC 4422 §A"},
    // Few accounts opt in to what it needs, so most clients that see it fail: those who want it say so.
    {"CRAM-MD5", &make_cram_md5, hidden, First::server, Needs::nothing, recoverable, "RFC 2195 §2"},
    {"PLAIN", &make_plain, shown, First::client, Needs::nothing, always, "RFC 4616 §2"},
    // Never a standard; old clients know nothing else. The initial response is the user name.
    {"LOGIN", &make_login, shown, First::client, Needs::nothing, always, "draft-murchison-sasl-login §2"},
    {"OAUTHBEARER", &make_oauthbearer, shown, First::client, Needs::tokens, always, "RFC 7628 §3"},
    // As Gmail and Outlook had it before RFC 7628, and many clients know nothing else.
    {"XOAUTH2", &make_xoauth2, shown, First::client, Needs::tokens, always, "Google's XOAUTH2"},
};

bool is_wanted(const Mechanism& mechanism, const Settings& settings) {
    if (mechanism.needs == Needs::tokens && !settings.tokens.believed) return false;
    if (settings.mechanisms.empty())
        return mechanism.by_default == ByDefault::offered || settings.recoverable_passwords;
    return std::ranges::any_of(settings.mechanisms,
                               [&](const auto& name) { return ascii::iequals(name, mechanism.name); });
}

bool has_what_it_needs(const Mechanism& mechanism, const Circumstances& circumstances) {
    switch (mechanism.needs) {
        case Needs::nothing:
        case Needs::tokens:
            return true;
        case Needs::binding:
            return !circumstances.bindings.empty();
        case Needs::certificate:
            return circumstances.certificate.has_value();
    }
    return false;
}

bool is_safe_enough(const Mechanism& mechanism, const Settings& settings, bool encrypted) {
    if (encrypted) return true;
    if (mechanism.needs == Needs::tokens) return false;  // RFC 7628 §3: MUST have TLS
    switch (settings.without_encryption) {
        case WithoutEncryption::nothing:
            return false;
        case WithoutEncryption::hidden:
            return mechanism.password == Password::hidden;
        case WithoutEncryption::everything:
            return true;
    }
    return false;
}

}  // namespace

std::span<const Mechanism> mechanisms() { return table; }

const Mechanism* find_mechanism(std::string_view name) {
    const auto* row =
        std::ranges::find_if(table, [&](const auto& each) { return ascii::iequals(each.name, name); });
    return row == std::end(table) ? nullptr : row;
}

std::optional<Refusal> objection(const Mechanism& mechanism, const Settings& settings,
                                 const Circumstances& circumstances) {
    if (!is_wanted(mechanism, settings)) return Refusal::malformed;
    if (!is_safe_enough(mechanism, settings, circumstances.encrypted)) return Refusal::needs_encryption;
    if (!has_what_it_needs(mechanism, circumstances)) return Refusal::malformed;
    return std::nullopt;
}

std::vector<std::string_view> offered(const Settings& settings, const Circumstances& circumstances) {
    std::vector<std::string_view> names;
    for (const auto& mechanism : table)
        if (!objection(mechanism, settings, circumstances)) names.push_back(mechanism.name);
    return names;
}

}  // namespace hongyan::sasl
