#include "verify/spf_record.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/scanner.h"

namespace hongyan::verify {

namespace {

using Mechanism = SpfDirective::Mechanism;

constexpr std::string_view version = "v=spf1";
constexpr unsigned widest_ipv4 = 32;
constexpr unsigned widest_ipv6 = 128;

enum class Takes { nothing, domain, domain_or_nothing, network };

struct Row {
    std::string_view name;
    Mechanism mechanism;
    Takes takes;
    bool prefix;  // dual-cidr-length may follow the domain
};
constexpr Row rows[] = {
    {"all", Mechanism::all, Takes::nothing, false},            // RFC 7208 §5.1
    {"include", Mechanism::include, Takes::domain, false},     // RFC 7208 §5.2
    {"a", Mechanism::a, Takes::domain_or_nothing, true},       // RFC 7208 §5.3
    {"mx", Mechanism::mx, Takes::domain_or_nothing, true},     // RFC 7208 §5.4
    {"ptr", Mechanism::ptr, Takes::domain_or_nothing, false},  // RFC 7208 §5.5
    {"ip4", Mechanism::ip4, Takes::network, false},            // RFC 7208 §5.6
    {"ip6", Mechanism::ip6, Takes::network, false},            // RFC 7208 §5.6
    {"exists", Mechanism::exists, Takes::domain, false},       // RFC 7208 §5.7
};

std::unexpected<std::string> wrong(std::string_view what, std::string_view term) {
    return std::unexpected(fmt::format("{} in \"{}\"", what, term));
}

// name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )   RFC 7208 §4.6.1
std::string_view take_name(Scanner& in) {
    if (!ascii::is_alpha(in.peek())) return {};
    return in.take_while([](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

// "0" / %x31-39 *DIGIT, up to the widest
std::optional<unsigned> prefix_length(std::string_view digits, unsigned widest) {
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits.front() == '0'))
        return std::nullopt;
    Scanner in(digits);
    const auto length = in.number<unsigned>(widest);
    return in.complete() ? std::optional(length) : std::nullopt;
}

// Takes "/digits" away from the end; false if it is there and wrong. `slashes` is "/" or "//".
bool take_prefix(std::string_view& text, std::string_view slashes, unsigned widest, unsigned& length) {
    auto digits = text.size();
    while (digits > 0 && ascii::is_digit(text[digits - 1])) --digits;
    if (!text.substr(0, digits).ends_with(slashes)) return true;
    const auto given = prefix_length(text.substr(digits), widest);
    if (!given) return false;
    length = *given;
    text.remove_suffix(text.size() - digits + slashes.size());
    return true;
}

// dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]   RFC 7208 §5.3
bool take_prefixes(std::string_view& text, SpfDirective& directive) {
    return take_prefix(text, "//", widest_ipv6, directive.ipv6_prefix) &&
           take_prefix(text, "/", widest_ipv4, directive.ipv4_prefix);
}

bool read_network(std::string_view text, SpfDirective& directive) {
    const bool ipv6 = directive.mechanism == Mechanism::ip6;
    const auto slash = text.find('/');
    const auto address = dns::IpAddress::parse(text.substr(0, slash));
    if (!address || address->is_ipv6() != ipv6) return false;
    directive.network = *address;
    if (slash == std::string_view::npos) return true;
    const auto length = prefix_length(text.substr(slash + 1), ipv6 ? widest_ipv6 : widest_ipv4);
    (ipv6 ? directive.ipv6_prefix : directive.ipv4_prefix) = length.value_or(0);
    return length.has_value();
}

bool read_domain(std::string_view text, SpfDirective& directive) {
    auto domain = parse_domain_spec(text);
    if (domain) directive.domain = *std::move(domain);
    return domain.has_value();
}

// What follows the name: [ ":" domain-spec ] [ dual-cidr-length ] and its like.
bool read_rest(const Row& row, std::string_view rest, SpfDirective& directive) {
    if (row.takes == Takes::nothing) return rest.empty();
    if (row.takes == Takes::network) return rest.starts_with(':') && read_network(rest.substr(1), directive);
    if (row.prefix && !take_prefixes(rest, directive)) return false;
    if (rest.empty()) return row.takes == Takes::domain_or_nothing;
    return rest.starts_with(':') && read_domain(rest.substr(1), directive);
}

// qualifier = "+" / "-" / "?" / "~"   RFC 7208 §4.6.2
SpfVerdict qualifier(Scanner& in) {
    if (in.present("-")) return SpfVerdict::fail;
    if (in.present("~")) return SpfVerdict::softfail;
    if (in.present("?")) return SpfVerdict::neutral;
    in.present("+");
    return SpfVerdict::pass;
}

std::expected<SpfDirective, std::string> read_directive(std::string_view term) {
    Scanner in(term);
    SpfDirective directive{.verdict = qualifier(in), .text = std::string(term)};
    const auto name =
        in.take_while([](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; });
    const auto* const row =
        std::ranges::find_if(rows, [&](const Row& each) { return ascii::iequals(each.name, name); });
    if (row == std::end(rows)) return wrong("unknown mechanism", term);
    directive.mechanism = row->mechanism;
    if (!read_rest(*row, in.rest(), directive)) return wrong("syntax error", term);
    return directive;
}

// modifier = redirect / explanation / unknown-modifier   RFC 7208 §4.6.1
std::expected<void, std::string> read_modifier(std::string_view name, std::string_view value,
                                               SpfRecord& record) {
    const auto term = fmt::format("{}={}", name, value);
    auto* const slot = ascii::iequals(name, "redirect") ? &record.redirect
                       : ascii::iequals(name, "exp")    ? &record.explanation
                                                        : nullptr;
    if (slot == nullptr) {
        if (!parse_macro_string(value, MacroUse::explanation) || value.contains(' '))
            return wrong("syntax error", term);
        return {};
    }
    if (*slot) return wrong("a modifier that is there twice", term);
    *slot = parse_domain_spec(value);
    if (!*slot) return wrong("syntax error", term);
    return {};
}

std::expected<void, std::string> read_term(std::string_view term, SpfRecord& record) {
    Scanner in(term);
    if (const auto name = take_name(in); !name.empty() && in.present("="))
        return read_modifier(name, in.rest(), record);
    auto directive = read_directive(term);
    if (!directive) return std::unexpected(std::move(directive).error());
    record.directives.push_back(*std::move(directive));
    return {};
}

}  // namespace

std::string_view to_string(SpfVerdict verdict) {
    constexpr std::string_view names[] = {"none",     "neutral",   "pass",     "fail",
                                          "softfail", "temperror", "permerror"};
    return names[static_cast<std::size_t>(verdict)];
}

bool SpfRecord::has_all() const {
    return std::ranges::any_of(
        directives, [](const SpfDirective& each) { return each.mechanism == SpfDirective::Mechanism::all; });
}

bool is_spf_record(std::string_view text) {
    if (!ascii::istarts_with(text, version)) return false;
    return text.size() == version.size() || text[version.size()] == ' ';
}

std::expected<SpfRecord, std::string> parse_spf_record(std::string_view text) {
    if (!is_spf_record(text)) return wrong("no version", text);
    constexpr std::size_t usual = 4;
    SpfRecord record;
    record.directives.reserve(usual);
    Scanner in(text.substr(version.size()));
    for (;;) {
        in.take_while([](char c) { return c == ' '; });
        if (in.at_end()) return record;
        if (auto read = read_term(in.take_while([](char c) { return c != ' '; }), record); !read)
            return std::unexpected(std::move(read).error());
    }
}

}  // namespace hongyan::verify
