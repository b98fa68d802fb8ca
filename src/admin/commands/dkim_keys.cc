// The keys by which our domains sign: made, brought into use, replaced.
#include <fmt/chrono.h>

#include "admin/accounts.h"
#include "admin/dkim_record.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "admin/verdicts.h"
#include "verify/dkim.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;
using directory::KeyState, directory::SigningKey;

constexpr unsigned rsa_bits = 2048;  // RFC 8301 §3.2; longer ones do not fit into every DNS answer

directory::Directory& directory_of(const Call& call) { return call.services.kept->directory; }

Result<directory::DomainName> domain_of(const Call& call) {
    return directory::DomainName::parse(call.values.text("domain"));
}

Result<std::vector<SigningKey>> keys_in(const Call& call, const directory::DomainName& domain,
                                        KeyState state) {
    TRY(auto keys, directory_of(call).signing_keys(domain));
    std::erase_if(keys, [state](const SigningKey& key) { return key.state != state; });
    return keys;
}

// "hy20261121", and a letter where that is taken; the types follow it.
std::string new_selector(const std::vector<SigningKey>& there, Instant now) {
    const auto stem = fmt::format("hy{:%Y%m%d}", std::chrono::floor<std::chrono::days>(now));
    auto name = stem;
    const auto is_taken = [&](const SigningKey& key) { return key.selector.starts_with(name + "-"); };
    for (char letter = 'a'; letter <= 'z' && std::ranges::any_of(there, is_taken); ++letter)
        name = stem + letter;
    return name;
}

// One of each type: who cannot read Ed25519 (RFC 8463) reads RSA.
Result<std::vector<SigningKey>> make_pair(const Call& call, const directory::DomainName& domain) {
    auto& directory = directory_of(call);
    TRY(const auto there, directory.signing_keys(domain));
    const auto stem = new_selector(there, call.services.clock.now());
    std::vector<directory::NewSigningKey> made;
    made.push_back({stem + "-rsa", crypto::PrivateKey::generate_rsa(rsa_bits)});
    made.push_back({stem + "-ed", crypto::PrivateKey::generate_ed25519()});
    TRY(directory.add_signing_keys(domain, made));
    return keys_in(call, domain, KeyState::pending);
}

Result<void> show_records(const Call& call, const std::vector<SigningKey>& keys) {
    for (const auto& key : keys) {
        TRY(const auto opened, directory_of(call).private_key(key));
        const auto name = verify::key_name(key.selector, key.domain.ascii());
        if (name) call.say(zone_line(*name, record_of(opened).to_record()));
    }
    return {};
}

Result<void> list(const Call& call) {
    std::optional<directory::DomainName> domain;
    if (call.values.given("domain")) {
        TRY(domain, domain_of(call));
    }
    TRY(const auto keys, directory_of(call).signing_keys(domain));
    Listing listing({{"domain"}, {"selector"}, {"type"}, {"bits"}, {"state"}, {"since"}, {"record", 80}});
    for (const auto& key : keys) {
        TRY(const auto opened, directory_of(call).private_key(key));
        listing.add({key.domain.unicode(), key.selector,
                     std::string(opened.type() == crypto::KeyType::rsa ? "rsa" : "ed25519"),
                     std::uint64_t{opened.bits()}, std::string(to_string(key.state)), shown(key.changed),
                     record_of(opened).to_record()});
    }
    call.show(listing);
    return {};
}

Result<void> add(const Call& call) {
    TRY(const auto domain, domain_of(call));
    TRY(const auto pending, keys_in(call, domain, KeyState::pending));
    if (!pending.empty())
        return fail(Error::Kind::exists, "{} has keys that are not in use yet: dkim rotate",
                    domain.unicode());
    TRY(const auto made, make_pair(call, domain));
    return show_records(call, made);
}

// Which of them DNS does not have.
Result<std::vector<std::string>> unpublished(const Call& call, const std::vector<SigningKey>& keys) {
    TRY(auto names, Names::make(call));
    std::vector<std::string> missing;
    for (const auto& key : keys) {
        const auto name = verify::key_name(key.selector, key.domain.ascii());
        TRY(const auto opened, directory_of(call).private_key(key));
        const auto answer = names.conclude<dns::RawAnswer>([&](verify::KnownAnswers& answers) {
            const auto* const found = answers.find(*name, dns::Type::txt);
            return found == nullptr ? std::nullopt : std::optional(*found);
        });
        if (!publishes(answer, opened)) missing.push_back(name->text());
    }
    return missing;
}

// What has been published comes into use, and what was in use goes out of it, in one commit.
Result<void> take_into_use(const Call& call, const directory::DomainName& domain,
                           const std::vector<SigningKey>& pending) {
    if (!call.values.given("force")) {
        TRY(const auto missing, unpublished(call, pending));
        if (!missing.empty())
            return fail(Error::Kind::unavailable, "DNS has no such record yet, so the keys in use stay: {}",
                        fmt::join(missing, ", "));
    }
    TRY(const auto active, keys_in(call, domain, KeyState::active));
    std::vector<directory::SigningKeyChange> changes;
    for (const auto& key : pending) changes.push_back({key.selector, KeyState::active});
    for (const auto& key : active) changes.push_back({key.selector, KeyState::retired});
    TRY(directory_of(call).change_signing_keys(domain, changes));
    for (const auto& [selector, state] : changes)
        call.say(fmt::format("{} is {}", selector, to_string(*state)));
    return {};
}

Result<void> rotate(const Call& call) {
    TRY(const auto domain, domain_of(call));
    TRY(const auto pending, keys_in(call, domain, KeyState::pending));
    if (!pending.empty()) return take_into_use(call, domain, pending);
    TRY(const auto made, make_pair(call, domain));
    return show_records(call, made);
}

Result<void> retire(const Call& call) {
    TRY(const auto domain, domain_of(call));
    const auto state = call.values.given("forget") ? std::nullopt : std::optional(KeyState::retired);
    const directory::SigningKeyChange changes[] = {{call.values.text("selector"), state}};
    return directory_of(call).change_signing_keys(domain, changes);
}

constexpr Argument domain{"domain", Kind::required, "The domain that signs"};
constexpr Argument list_arguments[] = {{"domain", Kind::optional, "Only the keys of this domain"}, json_flag};
constexpr Argument add_arguments[] = {domain};
constexpr Argument rotate_arguments[] = {
    domain, {"force", Kind::flag, "Do not ask whether DNS has the new keys"}, resolver_option};
constexpr Argument retire_arguments[] = {domain,
                                         {"selector", Kind::required, "The name of the key below the domain"},
                                         {"forget", Kind::flag, "The key is not kept either"}};

constexpr Command rows[] = {
    {"dkim", "list", "List the keys by which domains sign, with their records", list_arguments,
     Needs::services, &list},
    {"dkim", "add", "Make keys for a domain (RSA and Ed25519), not in use yet; their records are printed",
     add_arguments, Needs::services, &add},
    {"dkim", "rotate",
     "Take the new keys of a domain into use once DNS has them, and those before out of it; without new "
     "ones, "
     "make some",
     rotate_arguments, Needs::services, &rotate},
    {"dkim", "retire", "Sign with a key no more; leave its record in DNS for a week", retire_arguments,
     Needs::services, &retire},
};

}  // namespace

std::span<const Command> dkim_key_commands() { return rows; }

}  // namespace hongyan::admin
