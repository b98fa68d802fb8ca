#include "verify/dkim.h"

#include <algorithm>
#include <map>
#include <ranges>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/check.h"
#include "base/encoding.h"
#include "base/lately.h"
#include "verify/tag_list.h"
#include "verify/tls_report_mail.h"

namespace hongyan::verify {

namespace {

constexpr std::size_t mark_size = 8;    // RFC 6008 §4
constexpr std::size_t line_width = 72;  // RFC 5322 §2.1.1 wants 78
constexpr std::string_view fold = "\r\n\t";

// RFC 6376 §5.4.1, without Received and others that change or come again.
constexpr std::string_view usual_fields[] = {
    "From",
    "Sender",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "To",
    "Cc",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-ID",
    "Content-Description",
    "In-Reply-To",
    "References",
    "Resent-Date",
    "Resent-From",
    "Resent-To",
    "Resent-Cc",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Subscribe",
    "List-Post",
    "List-Owner",
    "List-Archive",
    "TLS-Required",
    "TLS-Report-Domain",  // RFC 8460 §5.3
    "TLS-Report-Submitter",
};
// Whoever adds one of these changes what a reader sees.
constexpr std::string_view sealed_fields[] = {
    "From", "Reply-To",   "Subject",      "Date",         "To",
    "Cc",   "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"};

template <typename Names>
bool is_among(const Names& names, std::string_view name) {
    return std::ranges::any_of(names, [&](std::string_view each) { return ascii::iequals(each, name); });
}

// RFC 6376 §3.7, step 2: the digest of the selected fields and the signature's own.
std::string header_digest(const Mail& mail, const message::Field* own, std::string_view whole,
                          const Signature& signature) {
    const auto selected = select_fields(mail.fields(), signature.fields, own);
    std::string hashed;
    auto size = whole.size();
    for (const auto* field : selected) size += field->whole.size();
    hashed.reserve(size);
    for (const auto* field : selected) add_field(hashed, field->whole, signature.header);
    add_field(hashed, without_signature(whole), signature.header);
    hashed.resize(hashed.size() - 2);  // without the last line end
    return crypto::digest(signature.algorithm.hash, hashed);
}

DkimOutcome described(const Mail& mail, const Signature& signature) {
    DkimOutcome outcome;
    const auto* const body = mail.find(signature.body_demand());
    outcome.partial = signature.length && body != nullptr && *signature.length < body->size();
    outcome.domain = signature.domain;
    outcome.selector = signature.selector;
    outcome.identity = signature.identity;
    outcome.algorithm = to_string(signature.algorithm);
    outcome.mark = to_base64(std::string_view(signature.value).substr(0, mark_size / 4 * 3));
    return outcome;
}

DkimOutcome with(DkimOutcome outcome, DkimVerdict verdict, std::string reason) {
    outcome.verdict = verdict;
    outcome.reason = std::move(reason);
    return outcome;
}

// Nothing if all is as it should be.
using Trouble = std::optional<std::pair<DkimVerdict, std::string>>;

// What RFC 6376 §6.1.1 and RFC 8301 demand of the signature alone, at that moment.
Trouble trouble_alone(const Signature& signature, Instant now) {
    using enum DkimVerdict;
    if (signature.algorithm.hash == crypto::Hash::sha1)
        return std::pair(permerror, "SHA-1 counts for nothing");  // RFC 8301 §3.1
    if (signature.has_expired(now)) return std::pair(fail, "the signature has expired");
    return std::nullopt;
}

// RFC 6376 §6.1.3, steps 1 to 3, which need no key: whoever chooses one that nobody can ask for has nothing
// of it if the body is another.
Trouble trouble_with_body(const Mail& mail, const Signature& signature) {
    using enum DkimVerdict;
    const auto* const body = mail.find(signature.body_demand());
    if (body == nullptr) return std::pair(permerror, "there are too many signatures");
    if (signature.length && *signature.length > body->size())
        return std::pair(fail, "the body is shorter than what was signed");
    if (signature.body_hash != body->digest()) return std::pair(fail, "the body has been changed");
    return std::nullopt;
}

// The same for what no signature covers and all readers see: the input must be a message (RFC 6376 §3.8).
Trouble trouble_with_content(const Mail& mail, const Signature& signature) {
    if (mail.has_line_behind_author())
        return std::pair(DkimVerdict::fail, "a line that is no field stands behind From");
    return trouble_with_body(mail, signature);
}

// RFC 6376 §3.6.1: t=s wants the very domain.
bool is_identity_allowed(const DkimKey& key, const Signature& signature) {
    return !key.exact_domain ||
           dns::Name::parse(signature.identity_domain()) == dns::Name::parse(signature.domain);
}

// Nothing if its key is not known yet.
std::optional<DkimOutcome> verify_one(const Mail& mail, const message::Field& field, Instant now,
                                      KeyChecks& checks, KnownAnswers& answers) {
    using enum DkimVerdict;
    const auto& signature = mail.signature(field);
    if (!signature) {
        DkimOutcome outcome{.reason = signature.error()};
        const auto tags = TagList::parse(field.value);
        const auto domain = tags ? tags->find("d").value_or("") : "";
        if (is_signing_domain(domain)) outcome.domain = domain;
        return outcome;
    }
    if (auto trouble = trouble_alone(*signature, now))
        return with(described(mail, *signature), trouble->first, std::move(trouble->second));
    if (auto trouble = trouble_with_content(mail, *signature))
        return with(described(mail, *signature), trouble->first, std::move(trouble->second));
    auto found = find_keys(*signature, answers, service_of(mail.fields(), *signature));
    if (!found) return std::nullopt;
    if (found->keys.empty()) return with(described(mail, *signature), found->trouble, found->reason);
    std::erase_if(found->keys, [&](const DkimKey& key) { return !is_identity_allowed(key, *signature); });
    if (found->keys.empty())
        return with(described(mail, *signature), permerror, "the key is for the domain itself only");
    return verify_signature(mail, field, *signature, found->keys, checks);
}

std::string folded_list(std::string_view name, const std::vector<std::string>& items) {
    std::string out = fmt::format("{}=", name);
    std::size_t width = out.size() + 1;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto piece = (i == 0 ? "" : ":") + items[i];
        if (width + piece.size() > line_width) {
            out += fold;
            width = 1;
        }
        out += piece;
        width += piece.size();
    }
    return out;
}

}  // namespace

std::string_view to_string(DkimVerdict verdict) {
    constexpr std::string_view names[] = {"none", "pass", "fail", "temperror", "permerror"};
    return names[static_cast<std::size_t>(verdict)];
}

std::string DkimOutcome::sentence() const {
    const auto who = domain.empty() ? std::string("a domain that cannot be read") : domain;
    auto out = verdict == DkimVerdict::pass ? fmt::format("signed by {}", who)
                                            : fmt::format("signature by {}: {}", who, reason);
    if (partial) out += ", but not to its end";
    if (testing) out += " (the domain is testing)";
    return out;
}

DkimVerdict DkimReport::verdict() const {
    using enum DkimVerdict;
    for (const auto each : {pass, temperror, fail, permerror})
        if (std::ranges::find(signatures, each, &DkimOutcome::verdict) != signatures.end()) return each;
    return none;
}

std::optional<DkimReport> verify_dkim(const Mail& mail, Instant now, KnownAnswers& answers) {
    DkimReport report;
    KeyChecks checks{most_key_checks};
    bool all_known = true;
    for (const auto& field : mail.fields()) {
        if (!field.is(dkim_field)) continue;
        if (report.signatures.size() == most_signatures) {
            report.signatures.push_back({.reason = "there are too many signatures"});
            break;
        }
        auto outcome = verify_one(mail, field, now, checks, answers);
        all_known = all_known && outcome.has_value();
        report.signatures.push_back(outcome ? *std::move(outcome) : DkimOutcome());
    }
    return all_known ? std::optional(std::move(report)) : std::nullopt;
}

namespace {

constexpr std::size_t most_records = 20;  // at one name, that are read

using ReadKey = std::expected<DkimKey, std::string>;

ReadKey read_key(std::string_view rdata, KeyService service) {
    const auto record = dns::Txt::parse(rdata);
    return record ? DkimKey::parse(record->text, service) : std::unexpected("the record is no text");
}

// What a record of a key says, or said when this thread looked lately: most mail comes from few domains.
ReadKey known_key(const std::string& rdata, KeyService service) {
    constexpr std::size_t many = 64, longest = 2'000;  // octets; a key of 8192 bits takes 1,500
    thread_local std::map<KeyService, Lately<std::string, ReadKey>> keys;
    if (rdata.size() > longest) return read_key(rdata, service);
    auto& known = keys.try_emplace(service, many).first->second;
    const auto* const key = known.find(rdata);
    return key != nullptr ? *key : known.keep(rdata, read_key(rdata, service));
}

// RFC 6376 §3.6.2.2 leaves it open what several records mean.
void keep_few(std::vector<DkimKey>& keys, const Algorithm& algorithm) {
    if (keys.size() <= most_keys_at_a_name) return;
    std::vector<DkimKey> few;
    for (const bool wanted : {true, false})
        for (auto& key : keys)
            if ((key.type == algorithm.key) == wanted && few.size() < most_keys_at_a_name)
                few.push_back(std::move(key));
    keys = std::move(few);
}

}  // namespace

// RFC 6376 §6.1.2
std::optional<KeyAnswer> find_keys(const Signature& signature, KnownAnswers& answers, KeyService service) {
    using enum DkimVerdict;
    const auto& name = signature.key;
    const auto* const answer = answers.find(name, dns::Type::txt);
    if (answer == nullptr) return std::nullopt;
    if (answer->is_trouble())
        return KeyAnswer{
            {}, temperror, fmt::format("DNS did not answer for {}: {}", name.text(), answer->why)};
    KeyAnswer found{{}, permerror, {}};
    const auto add = [&](ReadKey key) {
        if (key)
            found.keys.push_back(*std::move(key));
        else
            found.reason = std::move(key.error());
    };
    if (answer->is_found())
        for (const auto& rdata : answer->records | std::views::take(most_records))
            add(known_key(rdata, service));
    keep_few(found.keys, signature.algorithm);
    if (found.keys.empty() && found.reason.empty())
        found.reason = fmt::format("there is no key at {}", name.text());
    return found;
}

// RFC 6376 §6.1.3
DkimOutcome verify_signature(const Mail& mail, const message::Field& field, const Signature& signature,
                             const std::vector<DkimKey>& keys, KeyChecks& checks) {
    using enum DkimVerdict;
    auto outcome = described(mail, signature);
    outcome.testing = std::ranges::any_of(keys, &DkimKey::testing);
    std::string why;
    std::vector<crypto::PublicKey> usable;
    for (const auto& key : keys) {
        auto made = usable_key(key, signature.algorithm);
        if (made)
            usable.push_back(*std::move(made));
        else
            why = made.error();
    }
    if (usable.empty()) return with(std::move(outcome), permerror, why);
    outcome.bits = usable.front().bits();
    if (auto trouble = trouble_with_content(mail, signature))
        return with(std::move(outcome), trouble->first, std::move(trouble->second));
    const auto digest = header_digest(mail, &field, field.whole, signature);
    const bool good = std::ranges::any_of(usable, [&](const crypto::PublicKey& key) {
        return checks.take() && key.verify(signature.algorithm.hash, digest, signature.value);
    });
    if (!good && checks.left == 0)
        return with(std::move(outcome), permerror, "there are too many signatures");
    return good ? with(std::move(outcome), pass, {})
                : with(std::move(outcome), fail, "the header has been changed, or the key is another");
}

std::vector<std::string> fields_to_sign(const std::vector<message::Field>& fields) {
    std::vector<std::string> names;
    for (const auto& name : usual_fields) {
        const auto count =
            std::ranges::count_if(fields, [&](const message::Field& field) { return field.is(name); });
        const auto more = is_among(sealed_fields, name) ? 1 : 0;
        names.insert(names.end(), static_cast<std::size_t>(count + more), std::string(name));
    }
    return names;
}

std::string folded_base64(std::string_view name, std::string_view octets) {
    auto out = fmt::format("{}=", name);
    auto width = out.size() + 1;
    const auto digits = to_base64(octets);
    for (std::string_view rest = digits; !rest.empty();) {
        const auto piece = rest.substr(0, line_width - width);
        out += piece;
        rest.remove_prefix(piece.size());
        if (!rest.empty()) out += fold;
        width = 1;
    }
    return out;
}

namespace {

// `begin` is the field up to its first tags. Every field of the header is signed as it is, whoever wrote it.
std::string sign(std::string begin, const Mail& mail, const DkimSigner& signer, const SigningOptions& options,
                 std::vector<std::string> names) {
    const auto* const body = mail.find(options.body_demand());
    check(body != nullptr, "the hash of the body was demanded");
    Signature signature;
    signature.algorithm = {signer.key.type(), crypto::Hash::sha256};
    signature.header = options.header;
    signature.fields = std::move(names);
    auto field =
        fmt::format("{} a={}; c={}/{};\r\n\td={}; s={};", begin, to_string(signature.algorithm),
                    to_string(options.header), to_string(options.body), signer.domain, signer.selector);
    if (options.made) field += fmt::format(" t={};", *options.made);
    if (options.expires) field += fmt::format(" x={};", *options.expires);
    field += fmt::format("\r\n\t{};", folded_list("h", signature.fields));
    field += fmt::format("\r\n\t{};\r\n\t", folded_base64("bh", body->digest()));
    const auto digest = header_digest(mail, nullptr, field + "b=\r\n", signature);
    return field + folded_base64("b", signer.key.sign(signature.algorithm.hash, digest)) + "\r\n";
}

}  // namespace

std::string sign_dkim(const Mail& mail, const DkimSigner& signer, const SigningOptions& options) {
    auto begin = fmt::format("{}: v=1;", dkim_field);
    if (!options.identity.empty()) begin += fmt::format(" i={};\r\n\t", options.identity);
    return sign(std::move(begin), mail, signer, options,
                options.fields.empty() ? fields_to_sign(mail.fields()) : options.fields);
}

std::string sign_arc_message(const Mail& mail, const DkimSigner& signer, const SigningOptions& options,
                             unsigned instance) {
    auto names = options.fields.empty() ? fields_to_sign(mail.fields()) : options.fields;
    for (const auto& field : mail.fields())
        if (field.is(dkim_field)) names.emplace_back(dkim_field);
    return sign(fmt::format("{}: i={};", arc_message_field, instance), mail, signer, options,
                std::move(names));
}

}  // namespace hongyan::verify
