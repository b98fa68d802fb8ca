#include "verify/arc.h"

#include <algorithm>
#include <expected>
#include <map>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/check.h"
#include "verify/quoting.h"
#include "verify/tag_list.h"

namespace hongyan::verify {

namespace {

// ARC-Seal (RFC 8617 §4.1.3)
struct Seal {
    Signature signature;  // a, b, d, s only
    std::string chain;    // cv=
};

// One ARC Set (RFC 8617 §4.2), as far as it is there.
struct ArcSet {
    const message::Field* results = nullptr;
    const message::Field* message = nullptr;
    const message::Field* seal = nullptr;
    Signature message_signature;
    Seal sealed;
};
using Chain = std::map<unsigned, ArcSet>;

using Wrong = std::unexpected<std::string>;
template <typename T>
using Read = std::expected<T, std::string>;

Wrong wrong(std::string text) { return std::unexpected(std::move(text)); }

bool is_arc(const message::Field& field) {
    return field.is(arc_results_field) || field.is(arc_message_field) || field.is(arc_seal_field);
}

struct NumberedSeal {
    unsigned instance;
    Seal seal;
};

Read<NumberedSeal> read_seal(std::string_view value) {
    std::string room;
    const auto tags = TagList::of_field(without_arc_comments(value, room));
    if (!tags) return wrong("a seal is no list of tags");
    for (const auto* name : {"i", "a", "b", "cv", "d", "s"})
        if (!tags->find(name)) return wrong(fmt::format("a seal has no {}=", name));
    const auto instance = parse_instance(*tags->find("i"));
    const auto algorithm = parse_algorithm(*tags->find("a"));
    const auto octets = read_base64(*tags->find("b"));
    const auto chain = ascii::to_lower(*tags->find("cv"));  // RFC 5234 §2.3
    if (!instance) return wrong("a seal has no instance");
    if (!algorithm || !octets) return wrong("a seal cannot be read");
    if (chain != "none" && chain != "pass" && chain != "fail")
        return wrong("a seal says nothing of the chain");
    if (tags->find("h")) return wrong("a seal names fields");  // RFC 8617 §4.1.3
    if (const auto made = tags->find("t"); made && !read_digits(*made, 12))
        return wrong("a seal has no time");
    Seal seal;
    seal.signature.algorithm = *algorithm;
    seal.signature.value = *octets;
    seal.signature.header = Canonical::relaxed;
    seal.signature.domain = *tags->find("d");
    seal.signature.selector = *tags->find("s");
    seal.chain = chain;
    const auto key = key_name(seal.signature.selector, seal.signature.domain);
    if (!is_signing_domain(seal.signature.domain) || !key) return wrong("a seal has no domain");
    seal.signature.key = *key;
    return NumberedSeal{*instance, std::move(seal)};
}

// ARC-Authentication-Results (RFC 8617 §4.1.1)
struct NumberedResults {
    unsigned instance;
    std::string_view results;
};

// arc-info = instance [CFWS] ";" authres-payload
// instance = [CFWS] %s"i" [CFWS] "=" [CFWS] position   RFC 8617 §4.1
Read<NumberedResults> read_results(std::string_view value) {
    Scanner in(value);
    skip_cfws(in);
    if (in.take(1) != "i") return wrong("results do not begin with their instance");
    skip_cfws(in);
    in.expect("=");
    skip_cfws(in);
    const auto instance = parse_instance(in.take_while(ascii::is_digit));
    skip_cfws(in);
    in.expect(";");
    if (in.failed() || !instance) return wrong("results have no instance");
    return NumberedResults{*instance, in.rest()};
}

Read<void> take(const message::Field*& slot, const message::Field& field) {
    if (slot != nullptr) return wrong(fmt::format("there are two {} of one instance", field.name));
    slot = &field;
    return {};
}

Read<void> add(Chain& chain, const Mail& mail, const message::Field& field) {
    if (field.is(arc_results_field)) {
        TRY(const auto read, read_results(field.value));
        return take(chain[read.instance].results, field);
    }
    if (field.is(arc_message_field)) {
        const auto& signature = mail.signature(field);
        if (!signature) return wrong(signature.error());
        auto& set = chain[signature->instance];
        set.message_signature = *signature;
        return take(set.message, field);
    }
    TRY(auto read, read_seal(field.value));
    auto& set = chain[read.instance];
    set.sealed = std::move(read.seal);
    return take(set.seal, field);
}

// RFC 8617 §5.2, steps 1 to 3.
Read<Chain> collect(const Mail& mail) {
    Chain chain;
    for (const auto& field : mail.fields())
        if (is_arc(field)) TRY(add(chain, mail, field));
    unsigned expected = 1;
    for (const auto& [instance, set] : chain) {
        if (instance != expected++) return wrong("an instance is missing");
        if (set.results == nullptr || set.message == nullptr || set.seal == nullptr)
            return wrong(fmt::format("instance {} is not complete", instance));
        if (set.sealed.chain != (instance == 1 ? "none" : "pass"))
            return wrong(
                fmt::format("instance {} says that the chain is \"{}\"", instance, set.sealed.chain));
    }
    return chain;
}

// RFC 8617 §5.1.1: what a seal covers of the sets up to `last`, relaxed: each set's results, message
// signature and seal.
std::string sets_up_to(const Chain& chain, unsigned last) {
    std::string text;
    for (unsigned i = 1; i <= last; ++i)
        for (const auto* field : {chain.at(i).results, chain.at(i).message, chain.at(i).seal})
            add_field(text, field->whole, Canonical::relaxed);
    return text;
}

// The same with the newest set, whose seal has no signature yet.
std::string sealed_text(std::string before, std::string_view results, std::string_view message,
                        std::string_view unsigned_seal) {
    add_field(before, results, Canonical::relaxed);
    add_field(before, message, Canonical::relaxed);
    add_field(before, unsigned_seal, Canonical::relaxed);
    before.resize(before.size() - 2);  // without the last line end
    return before;
}

bool verifies_seal(const Chain& chain, unsigned instance, const std::vector<DkimKey>& keys,
                   KeyChecks& checks) {
    const auto& set = chain.at(instance);
    const auto& signature = set.sealed.signature;
    const auto text = sealed_text(sets_up_to(chain, instance - 1), set.results->whole, set.message->whole,
                                  without_signature(set.seal->whole));
    const auto digest = crypto::digest(signature.algorithm.hash, text);
    return std::ranges::any_of(keys, [&](const DkimKey& record) {
        const auto key = usable_key(record, signature.algorithm);
        return key && checks.take() && key->verify(signature.algorithm.hash, digest, signature.value);
    });
}

// The keys of all signatures, those of one set together.
struct SetKeys {
    KeyAnswer message, seal;
};

std::optional<std::map<unsigned, SetKeys>> keys_of(const Chain& chain, KnownAnswers& answers) {
    std::map<unsigned, SetKeys> keys;
    bool all_known = true;
    for (const auto& [instance, set] : chain) {
        auto message = find_keys(set.message_signature, answers);
        auto seal = find_keys(set.sealed.signature, answers);
        all_known = all_known && message && seal;
        if (all_known) keys[instance] = {*std::move(message), *std::move(seal)};
    }
    return all_known ? std::optional(std::move(keys)) : std::nullopt;
}

bool uses_sha1(const Signature& signature) { return signature.algorithm.hash == crypto::Hash::sha1; }

// Empty if it verifies, else why not. What it says means what it means in DKIM, x= too (RFC 8617 §4.1.2).
std::string trouble_of_message(const Mail& mail, Instant now, const ArcSet& set, const KeyAnswer& keys,
                               KeyChecks& checks) {
    if (uses_sha1(set.message_signature)) return "SHA-1 counts for nothing";  // RFC 8301 §3.1
    if (set.message_signature.has_expired(now)) return "the signature has expired";
    // Those who seal with an empty h= sign the body.
    if (!set.message_signature.fields.empty() && !set.message_signature.covers_author())
        return "the signature does not cover From";
    if (keys.keys.empty()) return keys.reason;
    auto outcome = verify_signature(mail, *set.message, set.message_signature, keys.keys, checks);
    if (outcome.verdict != DkimVerdict::pass && !set.message_signature.names_canonical)
        outcome = verify_signature(mail, *set.message, set.message_signature.as_relaxed(), keys.keys, checks);
    return outcome.verdict == DkimVerdict::pass ? std::string() : outcome.reason;
}

ArcOutcome failed(unsigned instances, std::string reason) {
    return {.verdict = ArcVerdict::fail, .instances = instances, .reason = std::move(reason)};
}

// RFC 8617 §5.2, step 5.
unsigned oldest_pass(const Mail& mail, Instant now, const Chain& chain,
                     const std::map<unsigned, SetKeys>& keys, KeyChecks& checks) {
    for (auto i = static_cast<unsigned>(chain.size()) - 1; i >= 1; --i)
        if (!trouble_of_message(mail, now, chain.at(i), keys.at(i).message, checks).empty()) return i + 1;
    return 0;
}

// RFC 8617 §5.2, steps 4 to 7.
ArcOutcome judge(const Mail& mail, Instant now, const Chain& chain, const std::map<unsigned, SetKeys>& keys) {
    const auto last = static_cast<unsigned>(chain.size());
    KeyChecks checks{3 * most_instances};  // for the longest chain: a seal, and a message in both forms
    if (const auto why = trouble_of_message(mail, now, chain.at(last), keys.at(last).message, checks);
        !why.empty())
        return failed(last, fmt::format("message signature {}: {}", last, why));
    for (auto i = last; i >= 1; --i) {
        const auto& found = keys.at(i).seal;
        if (found.keys.empty()) return failed(last, fmt::format("seal {}: {}", i, found.reason));
        if (uses_sha1(chain.at(i).sealed.signature) || !verifies_seal(chain, i, found.keys, checks))
            return failed(last, fmt::format("seal {} does not fit", i));
    }
    ArcOutcome outcome{.verdict = ArcVerdict::pass,
                       .instances = last,
                       .oldest_pass = oldest_pass(mail, now, chain, keys, checks)};
    for (const auto& [instance, set] : chain) outcome.sealers.push_back(set.sealed.signature.domain);
    if (const auto first = read_results(chain.at(1).results->value))
        outcome.first_results = message::unfold(first->results);
    return outcome;
}

// The highest instance that any seal names, and whether it says that the chain has failed before.
struct Highest {
    unsigned instance = 0;
    bool failed = false;
};
Highest highest_seal(const Mail& mail) {
    Highest highest;
    for (const auto& field : mail.fields()) {
        if (!field.is(arc_seal_field)) continue;
        const auto seal = read_seal(field.value);
        if (!seal || seal->instance < highest.instance) continue;
        highest = {seal->instance, seal->seal.chain == "fail"};
    }
    return highest;
}

}  // namespace

std::string_view to_string(ArcVerdict verdict) {
    constexpr std::string_view names[] = {"none", "pass", "fail"};
    return names[static_cast<std::size_t>(verdict)];
}

std::string ArcOutcome::sentence() const {
    switch (verdict) {
        case ArcVerdict::none:
            return "nobody has sealed it";
        case ArcVerdict::pass:
            return fmt::format("sealed by {}", fmt::join(sealers, ", then "));
        case ArcVerdict::fail:
            break;
    }
    return reason;
}

std::optional<ArcOutcome> verify_arc(const Mail& mail, Instant now, KnownAnswers& answers) {
    const auto& fields = mail.fields();
    if (std::ranges::none_of(fields, is_arc)) return ArcOutcome();
    if (const auto highest = highest_seal(mail); highest.failed)
        return failed(highest.instance, "the chain was broken before");
    const auto chain = collect(mail);
    if (!chain) return failed(0, chain.error());
    const auto keys = keys_of(*chain, answers);
    if (!keys) return std::nullopt;
    return judge(mail, now, *chain, *keys);
}

std::optional<std::string> seal_arc(const Mail& mail, const ArcOutcome& chain, std::string_view results,
                                    const DkimSigner& sealer, const SigningOptions& options) {
    const auto before = highest_seal(mail);
    if (before.failed) return std::nullopt;  // RFC 8617 §5.1.3
    const auto instance = std::max(before.instance, chain.instances) + 1;
    if (instance > most_instances) return std::nullopt;
    const Algorithm algorithm{sealer.key.type(), crypto::Hash::sha256};

    // ARC-Authentication-Results, then the message signature as DKIM makes it, but for v= and i=.
    const auto results_field = fmt::format("{}: i={};\r\n\t{}\r\n", arc_results_field, instance, results);
    const auto message_field = sign_arc_message(mail, sealer, options, instance);

    auto seal = fmt::format("{}: i={}; a={}; cv={};\r\n\td={}; s={};{}\r\n\t", arc_seal_field, instance,
                            to_string(algorithm), to_string(chain.verdict), sealer.domain, sealer.selector,
                            options.made ? fmt::format(" t={};", *options.made) : "");
    // Of a chain that has failed the newest set alone counts (RFC 8617 §5.1.2).
    const auto sets = chain.verdict == ArcVerdict::pass ? collect(mail) : Chain();
    check(sets.has_value(), "a chain that passes can be read");
    const auto covered = sealed_text(sets_up_to(*sets, static_cast<unsigned>(sets->size())), results_field,
                                     message_field, seal + "b=\r\n");
    seal +=
        folded_base64("b", sealer.key.sign(algorithm.hash, crypto::digest(algorithm.hash, covered))) + "\r\n";
    return seal + message_field + results_field;
}

}  // namespace hongyan::verify
