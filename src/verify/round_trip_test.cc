// Signed, and then changed by chance: what a change does is foretold from the canonical forms of RFC 6376
// §3.4, which are written down here once more, slowly, and share nothing with the program.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/ascii.h"
#include "base/encoding.h"
#include "verify/answers_for_test.h"
#include "verify/arc.h"

namespace hongyan::verify {
namespace {

// --- the forms, as their sections have them

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 2);
    }
    return lines;
}

std::string with_single_blanks(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (!ascii::is_blank(c))
            out += c;
        else if (!out.ends_with(' '))
            out += ' ';
    }
    return out;
}

// §3.4.3, §3.4.4
std::string body_form(std::string_view body, Canonical form) {
    auto lines = lines_of(body);
    if (form == Canonical::relaxed)
        for (auto& line : lines) {
            line = with_single_blanks(line);
            if (line.ends_with(' ')) line.pop_back();
        }
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    std::string out;
    for (const auto& line : lines) out += line + "\r\n";
    return out.empty() && form == Canonical::simple ? "\r\n" : out;
}

std::string_view without_blanks_around(std::string_view text) {
    while (!text.empty() && ascii::is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && ascii::is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// §3.4.1, §3.4.2; the field with its line end.
std::string field_form(std::string_view field, Canonical form) {
    if (form == Canonical::simple) return std::string(field);
    const auto colon = field.find(':');
    std::string value;
    for (const auto& line : lines_of(field.substr(colon + 1))) value += line;
    return fmt::format("{}:{}\r\n", ascii::to_lower(ascii::trim(field.substr(0, colon))),
                       without_blanks_around(with_single_blanks(value)));
}

// §5.4.2: the last field of the name; empty if there is none. No name occurs twice in h= here.
std::string last_field(std::string_view header, std::string_view name, Canonical form) {
    std::string found, field;
    for (const auto& line : lines_of(header)) {
        if (!line.empty() && ascii::is_blank(line.front())) {
            field += line + "\r\n";
        } else {
            field = line + "\r\n";
        }
        if (ascii::iequals(ascii::trim(std::string_view(field).substr(0, field.find(':'))), name))
            found = field;
    }
    return found.empty() ? "" : field_form(found, form);
}

constexpr std::array signed_names = {"from", "to", "subject", "cc"};

struct Letter {
    std::string header, body;
    std::string text() const { return header + "\r\n" + body; }
};

struct Way {
    Canonical header = Canonical::relaxed, body = Canonical::relaxed;
    crypto::KeyType key = crypto::KeyType::rsa;
    std::optional<std::size_t> length = {};  // l=
};

// What a signature in this way sees of a letter.
std::string seen(const Letter& letter, const Way& way) {
    std::string out;
    for (const auto* name : signed_names) out += last_field(letter.header, name, way.header);
    return out + "\r\n" + body_form(letter.body, way.body).substr(0, way.length.value_or(std::string::npos));
}

const crypto::PrivateKey& key_of(crypto::KeyType type) {
    static const auto rsa = crypto::PrivateKey::generate_rsa(1024);
    static const auto ed25519 = crypto::PrivateKey::generate_ed25519();
    return type == crypto::KeyType::rsa ? rsa : ed25519;
}

std::string_view word(Canonical form) { return form == Canonical::simple ? "simple" : "relaxed"; }

std::string base64_digest(std::string_view text) {
    return to_base64(crypto::digest(crypto::Hash::sha256, text));
}

// The field, made without the program's signer.
std::string signature_of(const Letter& letter, const Way& way) {
    const bool is_rsa = way.key == crypto::KeyType::rsa;
    const auto body = body_form(letter.body, way.body).substr(0, way.length.value_or(std::string::npos));
    const auto field =
        fmt::format("DKIM-Signature: v=1; a={}; c={}/{}; d=example.com; s={};\r\n\t{}h={};\r\n\tbh={}; b=",
                    is_rsa ? "rsa-sha256" : "ed25519-sha256", word(way.header), word(way.body),
                    is_rsa ? "r" : "e", way.length ? fmt::format("l={}; ", *way.length) : "",
                    fmt::join(signed_names, ":"), base64_digest(body));
    std::string hashed;
    for (const auto* name : signed_names) hashed += last_field(letter.header, name, way.header);
    hashed += field_form(field + "\r\n", way.header);
    hashed.resize(hashed.size() - 2);
    const auto digest = crypto::digest(crypto::Hash::sha256, hashed);
    return field + to_base64(key_of(way.key).sign(crypto::Hash::sha256, digest)) + "\r\n";
}

TestZone zone() {
    TestZone zone;
    for (const auto& [selector, type] :
         {std::pair("r", crypto::KeyType::rsa), std::pair("e", crypto::KeyType::ed25519)})
        zone.text(fmt::format("{}._domainkey.example.com", selector),
                  DkimKey{.type = type, .octets = key_of(type).public_octets()}.to_record());
    return zone;
}

DkimOutcome verify(std::string_view message) {
    auto names = zone();
    const auto mail = Mail::whole(message);
    const auto report = names.conclude<DkimReport>(
        [&](KnownAnswers& answers) { return verify_dkim(*mail, Instant{}, answers); });
    return report.signatures.empty() ? DkimOutcome{.verdict = DkimVerdict::none} : report.signatures.front();
}

// --- every way, and bodies of every shape

constexpr std::array body_shapes = {"",
                                    "\r\n",
                                    "\r\n\r\n\r\n",
                                    " \t\r\n",
                                    "one line\r\n",
                                    "no end",
                                    "blanks at the end \t",
                                    "a\r\n\r\n\r\nb \t c\r\n \r\n\r\n",
                                    "\r\nit begins empty\r\n",
                                    " it begins blank\r\n",
                                    "a bare \r CR and LF \n here\r\n",
                                    "octets \xff\x80 \x01\r\n",
                                    ".\r\n..\r\n"};
constexpr std::string_view header =
    "Received: from a by b\r\nFrom: Ann <ann@example.com>\r\nTo:  bob@example.org,\r\n\tcyd@example.org\r\n"
    "SUBJECT : Lunch \t today \r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n";

std::vector<Way> every_way(std::size_t canonical_simple, std::size_t canonical_relaxed) {
    std::vector<Way> ways;
    for (const auto key : {crypto::KeyType::rsa, crypto::KeyType::ed25519})
        for (const auto a : {Canonical::simple, Canonical::relaxed})
            for (const auto b : {Canonical::simple, Canonical::relaxed}) {
                const auto size = b == Canonical::simple ? canonical_simple : canonical_relaxed;
                for (const auto length : {std::optional<std::size_t>(), std::optional<std::size_t>(0),
                                          std::optional(size / 2), std::optional(size)})
                    ways.push_back({a, b, key, length});
            }
    return ways;
}

TEST(RoundTrip, EveryWayVerifiesBodiesOfEveryShape) {
    for (const std::string body : body_shapes) {
        const Letter letter{std::string(header), body};
        for (const auto& way : every_way(body_form(body, Canonical::simple).size(),
                                         body_form(body, Canonical::relaxed).size())) {
            const auto message = signature_of(letter, way) + letter.text();
            const auto outcome = verify(message);
            EXPECT_EQ(outcome.verdict, DkimVerdict::pass) << outcome.sentence() << "\n" << message;
            const auto whole = body_form(body, way.body).size();
            EXPECT_EQ(outcome.partial, way.length.value_or(whole) < whole) << message;
        }
    }
}

// What is longer than the body has lost a part of it (§3.5).
TEST(RoundTrip, ALengthBeyondTheBodyFails) {
    for (const auto form : {Canonical::simple, Canonical::relaxed}) {
        const Letter letter{std::string(header), "one line\r\n"};
        const Way way{.body = form, .key = crypto::KeyType::ed25519, .length = 11};
        EXPECT_EQ(verify(signature_of(letter, way) + letter.text()).verdict, DkimVerdict::fail);
    }
}

// --- changes by chance

Letter letter_by_chance() {
    const auto words = rc::gen::element<std::string>("a", "Lunch", " ", "\t", "  ", "\r\n", "\r\n\r\n",
                                                     "\xc3\xa9", " \r\n", "x y", "\r\n.", "=");
    const auto body = *rc::gen::container<std::vector<std::string>>(words);
    return {std::string(header), fmt::to_string(fmt::join(body, ""))};
}

Way way_by_chance(const Letter& letter) {
    Way way{.header = *rc::gen::element(Canonical::simple, Canonical::relaxed),
            .body = *rc::gen::element(Canonical::simple, Canonical::relaxed),
            .key = *rc::gen::element(crypto::KeyType::rsa, crypto::KeyType::ed25519)};
    const auto size = body_form(letter.body, way.body).size();
    if (*rc::gen::arbitrary<bool>()) way.length = *rc::gen::inRange<std::size_t>(0, size + 1);
    return way;
}

// Anything put in anywhere, or anything taken out.
void change(std::string& text) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    if (*rc::gen::arbitrary<bool>()) {
        text.insert(at, *rc::gen::element<std::string>("x", " ", "\t", "\r\n", "\r\n ", " \r\n\t"));
    } else {
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 4));
    }
}

bool is_header(std::string_view text) {
    if (!text.ends_with("\r\n") || text.contains("\r\n\r\n") || text.contains("\n\r\r")) return false;
    for (const auto& line : lines_of(text)) {
        if (line.contains('\r') || line.contains('\n')) return false;
        const bool goes_on = !line.empty() && ascii::is_blank(line.front());
        if (goes_on && ascii::trim(line).empty()) return false;
        if (!goes_on && (line.find(':') == line.npos || line.find(':') == 0)) return false;
    }
    return !ascii::is_blank(text.front());
}

RC_GTEST_PROP(RoundTrip, AChangeOfTheBodyCountsIfItsFormChanges, ()) {
    const auto letter = letter_by_chance();
    const auto way = way_by_chance(letter);
    const auto signature = signature_of(letter, way);
    auto changed = letter;
    change(changed.body);
    // A line end that was taken apart is none, to the forms and to the program alike; but not a matter of
    // ours.
    RC_PRE(std::ranges::count(changed.body, '\r') == std::ranges::count(changed.body, '\n'));
    RC_PRE(!changed.body.contains("\r\r"));
    RC_PRE(!changed.body.contains("\n\n"));
    const bool long_enough = body_form(changed.body, way.body).size() >= way.length.value_or(0);
    const bool is_same = seen(letter, way) == seen(changed, way) && long_enough;
    const auto outcome = verify(signature + changed.text());
    RC_TAG(is_same);
    RC_ASSERT(outcome.verdict == (is_same ? DkimVerdict::pass : DkimVerdict::fail));
}

RC_GTEST_PROP(RoundTrip, AChangeOfTheHeaderCountsIfItsFormChanges, ()) {
    const auto letter = letter_by_chance();
    const auto way = way_by_chance(letter);
    const auto signature = signature_of(letter, way);
    auto changed = letter;
    change(changed.header);
    RC_PRE(is_header(changed.header));
    const bool is_same = seen(letter, way) == seen(changed, way);
    RC_TAG(is_same);
    RC_ASSERT(verify(signature + changed.text()).verdict ==
              (is_same ? DkimVerdict::pass : DkimVerdict::fail));
}

// Another letter or digit anywhere in the signature itself: its tags are signed too.
RC_GTEST_PROP(RoundTrip, NoLetterOfTheSignatureMayChange, ()) {
    const Letter letter{std::string(header), "Hello\r\n"};
    auto signature = signature_of(letter, way_by_chance(letter));
    const auto at = *rc::gen::inRange<std::size_t>(0, signature.size());
    const auto other = *rc::gen::element('k', 'Q', '7');
    RC_PRE(ascii::is_alnum(signature[at]));
    RC_PRE(ascii::lower(signature[at]) != ascii::lower(other));
    signature[at] = other;
    RC_ASSERT(verify(signature + letter.text()).verdict != DkimVerdict::pass);
}

// --- chains

ArcOutcome verify_chain(std::string_view message) {
    auto names = zone();
    const auto mail = Mail::whole(message);
    return names.conclude<ArcOutcome>(
        [&](KnownAnswers& answers) { return verify_arc(*mail, Instant{}, answers); });
}

std::string sealed(const std::string& message, const Way& way) {
    const SigningOptions options{.header = way.header, .body = way.body, .made = 1'700'000'000};
    const auto chain = verify_chain(message);
    const auto size = header_size(message);
    Mail mail(std::string_view(message).substr(0, size));
    mail.demand(options.body_demand());
    mail.body(std::string_view(message).substr(size));
    mail.finish();
    const DkimSigner sealer{"example.com", way.key == crypto::KeyType::rsa ? "r" : "e", key_of(way.key)};
    return seal_arc(mail, chain, "mx.example.com; spf=pass", sealer, options).value() + message;
}

TEST(RoundTrip, ChainsOfEveryWayVerifyBodiesOfEveryShape) {
    for (const std::string body : body_shapes)
        for (const auto& way : every_way(0, 0)) {
            if (way.length) continue;  // RFC 8617 §4.1.2 has no l= of ours
            const auto twice = sealed(sealed(std::string(header) + "\r\n" + body, way), way);
            const auto outcome = verify_chain(twice);
            EXPECT_EQ(outcome.verdict, ArcVerdict::pass) << outcome.reason << "\n" << twice;
            EXPECT_EQ(outcome.instances, 2U);
        }
}

// A letter or digit anywhere in either set, or in what the newest signs.
RC_GTEST_PROP(RoundTrip, NoLetterOfAChainMayChange, ()) {
    const Letter letter{"From: ann@example.com\r\nSubject: Lunch\r\n", "Hello\r\n"};
    static const std::map<int, std::string> chains = [&] {
        std::map<int, std::string> made;
        for (const auto& way : every_way(0, 0)) {
            if (way.length) continue;
            const auto number = static_cast<int>(made.size());
            made[number] = sealed(sealed(letter.text(), way), way);
        }
        return made;
    }();
    auto message = chains.at(*rc::gen::inRange(0, static_cast<int>(chains.size())));
    const auto at = *rc::gen::inRange<std::size_t>(0, message.size());
    const auto other = *rc::gen::element('k', 'Q', '7');
    RC_PRE(ascii::is_alnum(message[at]));
    RC_PRE(ascii::lower(message[at]) != ascii::lower(other));
    message[at] = other;
    RC_ASSERT(verify_chain(message).verdict != ArcVerdict::pass);
}

// What nobody signs may change: fields that come on the way.
RC_GTEST_PROP(RoundTrip, WhatIsAddedOnTheWayLeavesAChainWhole, ()) {
    const Letter letter{"From: ann@example.com\r\nSubject: Lunch\r\n", "Hello\r\n"};
    static const auto chain = sealed(sealed(letter.text(), {}), {.key = crypto::KeyType::ed25519});
    const auto name = *rc::gen::element<std::string>("Received", "X-Spam-Score", "Return-Path");
    const auto message = fmt::format("{}: {}\r\n{}", name, *rc::gen::inRange(0, 1000), chain);
    RC_ASSERT(verify_chain(message).verdict == ArcVerdict::pass);
}

}  // namespace
}  // namespace hongyan::verify
