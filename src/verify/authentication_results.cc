#include "verify/authentication_results.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/scanner.h"
#include "message/field.h"
#include "verify/quoting.h"

namespace hongyan::verify {

namespace {

// Octets. A line has 998 (RFC 5322 §2.1.1), and no address or domain comes near: what is longer is left out,
// as a property may be (RFC 8601 §2.2), and not cut to something that nobody has said.
constexpr std::size_t longest_value = 900;

// token of RFC 2045 §5.1, and what else pvalue may be without quotes: an address or a domain
constexpr auto without_quotes = [] {
    std::array<bool, 256> are{};
    for (unsigned i = 0; i < are.size(); ++i) {
        const auto c = static_cast<char>(i);
        are[i] =
            ascii::is_alnum(c) || std::string_view("!#$%&'*+-.^_`{|}~@").contains(c) || ascii::is_8bit(c);
    }
    return are;
}();
bool needs_no_quotes(char c) { return without_quotes[static_cast<std::uint8_t>(c)]; }

// pvalue = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) ) [CFWS]   RFC 8601 §2.2
std::string pvalue(std::string_view said) {
    auto text = shown(said);
    const auto at = text.find('@');
    const auto domain = at == text.npos ? std::string_view(text) : std::string_view(text).substr(at + 1);
    const bool is_plain = !domain.empty() && !domain.contains('@');
    if (is_plain && std::ranges::all_of(text, needs_no_quotes)) return text;
    return quoted_string(text);
}

void put(std::string& out, std::initializer_list<std::string_view> pieces) {
    for (const auto piece : pieces) out += piece;
}

std::string quoted_string(Scanner& in) {
    std::string out;
    while (!in.failed() && !in.present("\"")) {
        if (in.present("\\") && in.peek() == '\0') in.fail();
        out += in.take(1);
    }
    return out;
}

// methodspec = [CFWS] method [CFWS] "=" [CFWS] result; method = Keyword [ [CFWS] "/" [CFWS] method-version ]
// (RFC 8601 §2.2). Comments are taken out already.
bool says_pass(std::string_view text, std::string_view method) {
    const auto is_keyword = [](char c) { return ascii::is_alnum(c) || c == '-'; };
    Scanner in(text);
    const auto skip = [&in] { in.take_while(ascii::is_space); };
    skip();
    if (!ascii::iequals(in.take_while(is_keyword), method)) return false;
    skip();
    if (in.present("/")) {
        skip();
        // A result of a version that is not known says nothing (RFC 8601 §2.6).
        if (in.take_while(ascii::is_digit) != "1") return false;
        skip();
    }
    if (!in.present("=")) return false;
    skip();
    if (!ascii::iequals(in.take_while(is_keyword), "pass")) return false;
    return in.at_end() || in.peek() == ';' || ascii::is_space(in.peek());
}

// How a field begins: whose results these are, and of which version of the field.
struct Head {
    std::string host;
    bool is_known_version = false;  // 1, which none at all means (RFC 8601 §2.2)
};

// authserv-id [ CFWS authres-version ]   RFC 8601 §2.2. Nothing: that cannot be read.
std::optional<Head> read_head(std::string_view field_value) {
    Scanner in(field_value);
    skip_cfws(in);
    const bool is_quoted = in.present("\"");
    auto host = is_quoted ? quoted_string(in) : std::string(in.take_some([](char c) {
        return !ascii::is_space(c) && c != ';' && c != '(' && c != '"' && c != '\0';
    }));
    skip_cfws(in);
    if (in.failed() || host.empty()) return std::nullopt;
    const auto version = in.take_while(ascii::is_digit);
    const auto number = version.substr(std::min(version.find_first_not_of('0'), version.size()));
    return Head{.host = std::move(host), .is_known_version = version.empty() || number == "1"};
}

}  // namespace

MethodResult result_of(const SpfOutcome& outcome, const SpfQuery& query) {
    MethodResult result{.method = "spf",
                        .result = std::string(to_string(outcome.verdict)),
                        .comment = outcome.sentence(query)};
    if (outcome.identity == SpfIdentity::helo)
        result.properties.push_back({"smtp.helo", query.helo});
    else
        result.properties.push_back({"smtp.mailfrom", query.sender});
    return result;
}

std::vector<MethodResult> results_of(const DkimReport& report) {
    if (report.signatures.empty()) return {{.method = "dkim", .result = "none"}};
    std::vector<MethodResult> results;
    results.reserve(report.signatures.size());
    for (const auto& each : report.signatures) {
        MethodResult result{
            .method = "dkim", .result = std::string(to_string(each.verdict)), .comment = each.reason};
        if (each.verdict == DkimVerdict::pass) result.comment = fmt::format("{}-bit key", each.bits);
        constexpr std::size_t properties = 5;
        result.properties.reserve(properties);
        if (each.partial) result.comment += ", not signed to its end";
        if (each.testing) result.comment += ", testing";
        if (!each.domain.empty()) result.properties.push_back({"header.d", each.domain});
        if (!each.identity.empty()) result.properties.push_back({"header.i", each.identity});
        if (!each.selector.empty()) result.properties.push_back({"header.s", each.selector});
        if (!each.algorithm.empty()) result.properties.push_back({"header.a", each.algorithm});
        if (!each.mark.empty()) result.properties.push_back({"header.b", each.mark});
        results.push_back(std::move(result));
    }
    return results;
}

MethodResult result_of(const ArcOutcome& outcome) {
    MethodResult result{
        .method = "arc", .result = std::string(to_string(outcome.verdict)), .comment = outcome.reason};
    if (outcome.verdict == ArcVerdict::pass)
        result.properties.push_back({"header.oldest-pass", fmt::to_string(outcome.oldest_pass)});
    return result;
}

MethodResult result_of(const DmarcOutcome& outcome, DmarcPolicy disposition) {
    MethodResult result{
        .method = "dmarc", .result = std::string(to_string(outcome.verdict)), .comment = outcome.reason};
    if (!outcome.record_domain.empty())
        result.comment = fmt::format("p={} dis={}{}{}", to_string(outcome.policy), to_string(disposition),
                                     outcome.reason.empty() ? "" : ": ", outcome.reason);
    if (!outcome.domain.empty()) result.properties.push_back({"header.from", outcome.domain});
    return result;
}

MethodResult result_of(const IprevOutcome& outcome, const dns::IpAddress& client) {
    return {.method = "iprev",
            .result = std::string(to_string(outcome.verdict)),
            .comment = outcome.name,
            .properties = {{"policy.iprev", client.to_string()}}};
}

std::string authentication_results(std::string_view host, std::span<const MethodResult> results) {
    constexpr std::size_t usual = 700;
    std::string out;
    out.reserve(usual);
    out += pvalue(host);
    if (results.empty()) return out + "; none";
    for (const auto& result : results) {
        put(out, {";\r\n\t", result.method, "=", result.result});
        if (!result.comment.empty()) put(out, {" (", in_comment(result.comment), ")"});
        for (const auto& [name, value] : result.properties) {
            const auto written = value.size() <= longest_value ? pvalue(value) : std::string();
            if (!written.empty() && written.size() <= longest_value)
                put(out, {"\r\n\t ", name, "=", written});
        }
    }
    return out;
}

std::optional<std::string> results_host(std::string_view field_value) {
    const auto head = read_head(field_value);
    return head ? std::optional(head->host) : std::nullopt;
}

bool claims_pass(std::string_view field_value, std::string_view method) {
    // What follows an unknown version may be of another grammar (RFC 8601 §2.6).
    const auto head = read_head(field_value);
    if (!head || !head->is_known_version) return false;
    std::string bare;  // without comments and quoted strings (RFC 5322 §3.2.2, §3.2.4)
    std::size_t depth = 0;
    bool is_quoted = false;
    for (std::size_t i = 0; i < field_value.size(); ++i) {
        const char c = field_value[i];
        if (c == '\\' && (is_quoted || depth > 0))
            ++i;
        else if (c == '"' && depth == 0)
            is_quoted = !is_quoted;
        else if (c == '(' && !is_quoted)
            ++depth;
        else if (c == ')' && !is_quoted && depth > 0)
            --depth;
        else if (!is_quoted && depth == 0)
            bare += c;
    }
    for (auto at = bare.find(';'); at != bare.npos; at = bare.find(';', at + 1))
        if (says_pass(std::string_view(bare).substr(at + 1), method)) return true;
    return false;
}

std::string without_forged_results(std::string_view header, std::span<const std::string> hosts) {
    const auto is_forged = [&](const std::optional<Head>& head) {
        return !head || !head->is_known_version ||
               std::ranges::any_of(hosts, [&](const auto& host) { return ascii::iequals(host, head->host); });
    };
    std::string kept;
    std::size_t read = 0;
    for (const auto& field : message::Fields(header)) {
        read += field.whole.size();
        if (!field.is(results_field) || !is_forged(read_head(field.value))) kept += field.whole;
    }
    return kept.append(header.substr(read));
}

}  // namespace hongyan::verify
