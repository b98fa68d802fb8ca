#include "verify/signature.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "verify/quoting.h"
#include "verify/tag_list.h"

namespace hongyan::verify {

namespace {

using Wrong = std::unexpected<std::string>;
constexpr std::size_t longest_time = 12;    // digits, RFC 6376 §3.5
constexpr std::size_t longest_length = 76;  // digits, RFC 6376 §3.5

struct Known {
    std::string_view name;
    Algorithm algorithm;
};
constexpr Known algorithms[] = {
    {"rsa-sha256", {crypto::KeyType::rsa, crypto::Hash::sha256}},          // RFC 6376 §3.3.2
    {"ed25519-sha256", {crypto::KeyType::ed25519, crypto::Hash::sha256}},  // RFC 8463 §3
    {"rsa-sha1", {crypto::KeyType::rsa, crypto::Hash::sha1}},              // RFC 6376 §3.3.1
};

Wrong wrong(std::string text) { return std::unexpected(std::move(text)); }

// One of the tags, whose absence is a failure.
std::expected<std::string_view, std::string> demanded(const TagList& tags, std::string_view name) {
    const auto value = tags.find(name);
    if (!value) return wrong(fmt::format("the signature has no {}=", name));
    return *value;
}

std::optional<Canonical> parse_canonical(std::string_view text) {
    if (text == "simple") return Canonical::simple;
    if (text == "relaxed") return Canonical::relaxed;
    return std::nullopt;
}

// sig-c-tag-alg ["/" sig-c-tag-alg]
std::expected<void, std::string> read_canonical(std::string_view text, Signature& out) {
    const auto slash = text.find('/');
    const auto header = parse_canonical(text.substr(0, slash));
    const auto body =
        slash == std::string_view::npos ? Canonical::simple : parse_canonical(text.substr(slash + 1));
    if (!header || !body) return wrong(fmt::format("unknown canonicalization \"{}\"", text));
    out.header = *header;
    out.body = *body;
    return {};
}

// ftext of RFC 5322 §3.6.8, of what stands between colons.
bool is_field_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
}

enum class Blanks { refused, passed_over };

std::expected<void, std::string> read_fields(std::string_view text, Blanks blanks, Signature& out) {
    out.fields.reserve(static_cast<std::size_t>(std::ranges::count(text, ':')) + 1);
    for (std::size_t at = 0; at <= text.size();) {
        const auto colon = std::min(text.find(':', at), text.size());
        const auto name = ascii::trim(text.substr(at, colon - at));
        at = colon + 1;
        if (name.empty() && blanks == Blanks::passed_over) continue;
        if (!is_field_name(name)) return wrong("h= names something that is no field");
        out.fields.emplace_back(name);
    }
    return {};
}

std::expected<void, std::string> read_times(const TagList& tags, Signature& out) {
    for (const auto& [name, slot] : {std::pair("t", &out.made), std::pair("x", &out.expires)}) {
        const auto text = tags.find(name);
        if (!text) continue;
        *slot = read_digits(*text, longest_time);
        if (!*slot) return wrong(fmt::format("{}= is no time", name));
    }
    if (out.made && out.expires && *out.expires <= *out.made) return wrong("it expires before it was made");
    return {};
}

std::expected<void, std::string> read_length(const TagList& tags, Signature& out) {
    const auto text = tags.find("l");
    if (!text) return {};
    out.length = read_digits(*text, longest_length);
    if (!out.length) return wrong("l= is no number");
    return {};
}

// What DKIM and ARC have in common: a, b, bh, c, d, s, t, x, l, q.
std::expected<Signature, std::string> read_common(const TagList& tags) {
    Signature out;
    TRY(const auto algorithm, demanded(tags, "a"));
    TRY(const auto value, demanded(tags, "b"));
    TRY(const auto body_hash, demanded(tags, "bh"));
    TRY(const auto domain, demanded(tags, "d"));
    TRY(const auto selector, demanded(tags, "s"));
    const auto known = parse_algorithm(algorithm);
    if (!known) return wrong(fmt::format("unknown algorithm \"{}\"", algorithm));
    auto decoded = read_base64(value);
    if (!decoded) return wrong("b= is no base64");
    auto decoded_hash = read_base64(body_hash);
    if (!decoded_hash) return wrong("bh= is no base64");
    out.algorithm = *known;
    out.value = *std::move(decoded);
    out.body_hash = *std::move(decoded_hash);
    out.domain = domain;
    out.selector = selector;
    if (!is_signing_domain(domain)) return wrong(fmt::format("\"{}\" is no domain", domain));
    auto key = key_name(selector, domain);
    if (!key) return wrong(fmt::format("\"{}\" is no selector", selector));
    out.key = *std::move(key);
    const auto canonical = tags.find("c");
    out.names_canonical = canonical.has_value();
    if (canonical) TRY(read_canonical(*canonical, out));
    TRY(read_times(tags, out));
    TRY(read_length(tags, out));
    if (!lists(tags.find("q").value_or("dns/txt"), "dns/txt"))
        return wrong("its key is not to be had from DNS");
    return out;
}

bool is_in_a_domain(char c) {
    return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.' || ascii::is_8bit(c);
}

// As it can be written again, with one "@" in it, which a reader cannot take for another.
std::string printable_identity(std::string_view decoded) {
    std::string out;
    const auto last = decoded.rfind('@');
    for (std::size_t begin = 0;;) {
        const auto at = decoded.find('@', begin);
        out += to_quoted_printable(decoded.substr(begin, at - begin));
        if (at == decoded.npos) return out;
        out += at == last ? "@" : "=40";
        begin = at + 1;
    }
}

// sig-i-tag = [ Local-part ] "@" domain-name, within d=. What it stands for is looked at (RFC 6376 §2.11).
std::expected<void, std::string> read_identity(const TagList& tags, Signature& out) {
    out.identity = "@" + out.domain;
    const auto text = tags.find("i");
    if (!text) return {};
    const auto decoded = from_quoted_printable(*text);
    out.identity = printable_identity(decoded);
    const auto at = decoded.rfind('@');
    const auto said = at == decoded.npos ? std::string_view() : std::string_view(decoded).substr(at + 1);
    const auto identity = dns::Name::parse(said);
    const auto domain = dns::Name::parse(out.domain);
    if (!identity || !domain || !std::ranges::all_of(said, is_in_a_domain) || !identity->is_within(*domain))
        return wrong(fmt::format("{} is not within {}", out.identity, out.domain));
    return {};
}

}  // namespace

std::string_view to_string(const Algorithm& algorithm) {
    for (const auto& known : algorithms)
        if (known.algorithm == algorithm) return known.name;
    return "unknown";
}

std::optional<Algorithm> parse_algorithm(std::string_view text) {
    const auto* const found = std::ranges::find(algorithms, text, &Known::name);
    return found == std::end(algorithms) ? std::nullopt : std::optional(found->algorithm);
}

std::expected<Signature, std::string> Signature::parse_dkim(std::string_view field_value) {
    const auto tags = TagList::of_field(field_value);
    if (!tags) return wrong("the signature is no list of tags");
    TRY(const auto version, demanded(*tags, "v"));
    if (version != "1") return wrong(fmt::format("version {} of DKIM is unknown", version));
    TRY(auto out, read_common(*tags));
    TRY(const auto fields, demanded(*tags, "h"));
    TRY(read_fields(fields, Blanks::refused, out));
    TRY(read_identity(*tags, out));
    if (!out.covers_author()) return wrong("the signature does not cover From");
    return out;
}

std::expected<Signature, std::string> Signature::parse_arc(std::string_view field_value) {
    std::string room;
    const auto tags = TagList::of_field(without_arc_comments(field_value, room));
    if (!tags) return wrong("the signature is no list of tags");
    TRY(auto out, read_common(*tags));
    TRY(const auto fields, demanded(*tags, "h"));
    TRY(read_fields(fields, Blanks::passed_over, out));
    TRY(const auto digits, demanded(*tags, "i"));
    const auto instance = parse_instance(digits);
    if (!instance) return wrong("i= is no instance");
    out.instance = *instance;
    // RFC 8617 §4.1.2: it never covers seals.
    if (std::ranges::any_of(out.fields, [](const auto& name) { return ascii::iequals(name, "ARC-Seal"); }))
        return wrong("the signature covers a seal");
    return out;
}

bool Signature::covers_author() const {
    return std::ranges::any_of(fields, [](const auto& name) { return ascii::iequals(name, "From"); });
}

Signature Signature::as_relaxed() const {
    auto relaxed = *this;
    relaxed.header = relaxed.body = Canonical::relaxed;
    return relaxed;
}

std::string Signature::identity_domain() const {
    const auto at = identity.rfind('@');
    return at == std::string::npos ? std::string() : identity.substr(at + 1);
}

bool Signature::has_expired(Instant now) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    return expires && *expires < static_cast<std::uint64_t>(seconds);
}

std::optional<dns::Name> key_name(std::string_view selector, std::string_view domain) {
    constexpr std::string_view below = "._domainkey.";
    if (selector.empty() || !std::ranges::all_of(selector, is_in_a_domain)) return std::nullopt;
    std::string text;
    text.reserve(selector.size() + below.size() + domain.size());
    text.append(selector).append(below).append(domain);
    auto name = dns::Name::parse(text);
    return name ? std::optional(*std::move(name)) : std::nullopt;
}

bool is_signing_domain(std::string_view domain) {
    const auto name = dns::Name::parse(domain);
    return name && !domain.ends_with('.') && domain.contains('.') &&
           std::ranges::all_of(domain, is_in_a_domain);
}

std::string_view without_arc_comments(std::string_view value, std::string& room) {
    if (!value.contains('(')) return value;
    room = value;
    const auto blank = [&room](std::size_t begin, std::size_t end) {  // folds stay
        for (auto i = begin; i < end; ++i)
            if (room[i] != '\r' && room[i] != '\n') room[i] = ' ';
    };
    const auto skip = [&blank](Scanner& in) {
        const auto begin = in.position();
        skip_cfws(in);
        if (!in.failed()) blank(begin, in.position());
    };
    Scanner in(value);
    skip(in);
    for (bool is_first = true; !in.failed() && !in.at_end(); is_first = false) {
        in.take_while(ascii::is_space);
        const auto name = in.take_while(ascii::is_alpha);
        const bool is_instance = is_first && name == "i";
        if (is_instance || name == "cv") skip(in);
        if ((is_instance || name == "cv") && in.present("=")) skip(in);
        if (is_instance) {
            in.take_while(ascii::is_digit);
            skip(in);
        }
        in.take_while([](char c) { return c != ';'; });
        in.present(";");
    }
    return room;
}

std::optional<unsigned> parse_instance(std::string_view digits) {
    const auto number = read_digits(digits, 2);
    if (!number || *number == 0 || *number > most_instances) return std::nullopt;
    return static_cast<unsigned>(*number);
}

}  // namespace hongyan::verify
