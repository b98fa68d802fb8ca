#include "verify/spf.h"

#include <algorithm>
#include <expected>
#include <ranges>

#include <fmt/compile.h>

#include "base/ascii.h"
#include "dns/unmapped.h"
#include "verify/quoting.h"
#include "verify/spf_names.h"

namespace hongyan::verify {

namespace {

using Mechanism = SpfDirective::Mechanism;

// Why an evaluation ends where it is: an answer is missing, or one of the two errors (RFC 7208 §2.6.6,
// §2.6.7).
enum class Stop { unknown, temperror, permerror };
template <typename T>
using Step = std::expected<T, Stop>;

// One evaluation, from the first record on. It lives for one attempt; what it has asked before is known then.
class Evaluation {
public:
    Evaluation(const SpfQuery& query, SpfSender sender, KnownAnswers& answers, const SpfLimits& limits)
        : query_(query),
          client_(dns::unmapped(query.client)),  // RFC 7208 §5
          sender_(std::move(sender)),
          answers_(answers),
          limits_(limits) {}

    std::optional<SpfOutcome> run() {
        SpfOutcome outcome{.domain = sender_.domain};
        auto found = check_host(outcome.domain);
        if (found && found->verdict == SpfVerdict::fail && found->explanation) {
            auto text = explain(*found);
            if (!text && text.error() == Stop::unknown) return std::nullopt;
            outcome.explanation = std::move(text).value_or("");
        }
        if (!found && found.error() == Stop::unknown) return std::nullopt;
        outcome.verdict = found                              ? found->verdict
                          : found.error() == Stop::temperror ? SpfVerdict::temperror
                                                             : SpfVerdict::permerror;
        if (found) outcome.mechanism = found->mechanism;
        outcome.problem = std::move(problem_);
        if (outcome.verdict != SpfVerdict::none && found) outcome.problem.clear();
        return outcome;
    }

private:
    struct Found {
        SpfVerdict verdict = SpfVerdict::none;
        std::string mechanism = {};
        std::optional<MacroString> explanation = {};
        std::string domain = {};  // whose record decided
    };

    std::unexpected<Stop> stop(Stop why, std::string problem) {
        problem_ = std::move(problem);
        return std::unexpected(why);
    }

    Found none(std::string problem) {
        problem_ = std::move(problem);
        return {};
    }

    // RFC 7208 §4.3 to §4.7.
    Step<Found> check_host(const std::string& domain) {
        const auto name = domain_to_check(domain);
        if (!name) return none(fmt::format("\"{}\" is not the name of a domain", domain));
        TRY(const auto text, record_of(*name));
        if (!text) return none(fmt::format("{} has no SPF record", domain));
        auto record = parse_spf_record(*text);
        if (!record)
            return stop(Stop::permerror, fmt::format("the SPF record of {}: {}", domain, record.error()));
        for (const auto& directive : record->directives) {
            TRY(const bool matched, matches(directive, domain));
            if (matched)
                return Found{directive.verdict, directive.text, std::move(record->explanation), domain};
        }
        if (record->redirect && !record->has_all()) return redirected(*record->redirect, domain);
        return Found{.verdict = SpfVerdict::neutral, .mechanism = "default"};
    }

    // RFC 7208 §6.1
    Step<Found> redirected(const MacroString& target, const std::string& domain) {
        TRY(count_term());
        TRY(const auto expanded, target_name(target, domain));
        if (!expanded) return stop(Stop::permerror, "redirect leads nowhere");
        TRY(auto found, check_host(*expanded));
        if (found.verdict == SpfVerdict::none)
            return stop(Stop::permerror, fmt::format("redirect leads to {}: {}", *expanded, problem_));
        return found;
    }

    // RFC 7208 §4.4, §4.5: the one record, or nothing.
    Step<std::optional<std::string>> record_of(const dns::Name& name) {
        const auto* const answer = answers_.find(name, dns::Type::txt);
        if (answer == nullptr) return std::unexpected(Stop::unknown);
        if (answer->is_trouble()) return trouble(name, *answer);
        auto texts = texts_of(*answer);
        std::erase_if(texts, [](const std::string& text) { return !is_spf_record(text); });
        if (texts.size() > 1)
            return stop(Stop::permerror, fmt::format("{} has {} SPF records", name.text(), texts.size()));
        return texts.empty() ? std::optional<std::string>() : std::move(texts.front());
    }

    std::unexpected<Stop> trouble(const dns::Name& name, const dns::RawAnswer& answer) {
        return stop(Stop::temperror, fmt::format("DNS did not answer for {}{}{}", name.text(),
                                                 answer.why.empty() ? "" : ": ", answer.why));
    }

    Step<void> count_term() {
        term_is_void_ = false;
        if (++terms_ <= limits_.terms) return {};
        return stop(Stop::permerror, fmt::format("more than {} terms that ask DNS", limits_.terms));
    }

    Step<bool> matches(const SpfDirective& directive, const std::string& domain) {
        switch (directive.mechanism) {
            case Mechanism::all:
                return true;
            case Mechanism::ip4:
                return in_network(client_, directive.network, directive.ipv4_prefix);
            case Mechanism::ip6:
                return in_network(client_, directive.network, directive.ipv6_prefix);
            default:
                break;
        }
        TRY(count_term());
        TRY(const auto target, target_of(directive, domain));
        if (!target) return false;
        if (directive.mechanism == Mechanism::include) return includes(*target);
        const auto name = name_of(*target);
        if (!name) return false;  // RFC 7208 §4.8 leaves it to us
        switch (directive.mechanism) {
            case Mechanism::a:
                return has_address(*name, directive);
            case Mechanism::mx:
                return has_mail_host(*name, directive);
            case Mechanism::ptr:
                return is_named_within(*name);
            default:
                return exists(*name);
        }
    }

    Step<std::optional<std::string>> target_of(const SpfDirective& directive, const std::string& domain) {
        if (directive.domain.empty()) return domain;
        return target_name(directive.domain, domain);
    }

    // RFC 7208 §5.2
    Step<bool> includes(const std::string& target) {
        TRY(const auto found, check_host(target));
        if (found.verdict == SpfVerdict::none)
            return stop(Stop::permerror, fmt::format("include of {}: {}", target, problem_));
        return found.verdict == SpfVerdict::pass;
    }

    // The answer; an empty one makes its term void, an error stops (RFC 7208 §4.6.4, §5).
    Step<const dns::RawAnswer*> ask(const dns::Name& name, dns::Type type) {
        const auto* const answer = answers_.find(name, type);
        if (answer == nullptr) return std::unexpected(Stop::unknown);
        if (answer->is_trouble()) return trouble(name, *answer);
        if (answer->is_empty()) TRY(count_void());
        return answer;
    }

    // RFC 7208 §4.6.4: terms are counted, so one whose mail hosts have no addresses of the client's family is
    // one.
    Step<void> count_void() {
        if (std::exchange(term_is_void_, true) || ++voids_ <= limits_.void_terms) return {};
        return stop(Stop::permerror, fmt::format("more than {} terms to whose questions DNS has no records",
                                                 limits_.void_terms));
    }

    dns::Type address_type() const { return client_.is_ipv6() ? dns::Type::aaaa : dns::Type::a; }

    bool has_one_in(const dns::RawAnswer& answer, unsigned prefix) const {
        return answer.is_found() && std::ranges::any_of(answer.records, [&](const std::string& rdata) {
                   const auto address = dns::IpAddress::from_octets(rdata);
                   return address && in_network(client_, *address, prefix);
               });
    }

    // RFC 7208 §5.3
    Step<bool> has_address(const dns::Name& name, const SpfDirective& directive) {
        TRY(const auto* const answer, ask(name, address_type()));
        return has_one_in(*answer, client_.is_ipv6() ? directive.ipv6_prefix : directive.ipv4_prefix);
    }

    // RFC 7208 §5.4
    Step<bool> has_mail_host(const dns::Name& name, const SpfDirective& directive) {
        TRY(const auto* const answer, ask(name, dns::Type::mx));
        if (!answer->is_found()) return false;
        if (answer->records.size() > limits_.mail_hosts)
            return stop(Stop::permerror,
                        fmt::format("more than {} mail hosts of {}", limits_.mail_hosts, name.text()));
        std::vector<dns::Mx> hosts;
        for (const auto& rdata : answer->records)
            if (auto host = dns::Mx::parse(rdata); host && !host->exchange.is_root())
                hosts.push_back(*std::move(host));
        std::ranges::sort(hosts, {},
                          [](const dns::Mx& host) { return std::pair(host.preference, host.exchange); });
        for (const auto& host : hosts) answers_.find(host.exchange, address_type());  // all are asked at once
        for (const auto& host : hosts) {
            TRY(const bool matched, has_address(host.exchange, directive));
            if (matched) return true;
        }
        return false;
    }

    // RFC 7208 §5.7: an A record, whatever the client's family.
    Step<bool> exists(const dns::Name& name) {
        TRY(const auto* const answer, ask(name, dns::Type::a));
        return answer->is_found();
    }

    // RFC 7208 §5.5: the client's names that lead back to it. Errors make names fewer, and nothing else.
    Step<std::vector<dns::Name>> validated_names() {
        const auto reverse = dns::Name::computed(client_.reverse_name());
        const auto* const answer = answers_.find(*reverse, dns::Type::ptr);
        if (answer == nullptr) return std::unexpected(Stop::unknown);
        std::vector<dns::Name> names, validated;
        for (const auto& rdata : answer->records)
            if (auto record = dns::Ptr::parse(rdata); record && names.size() < limits_.names)
                names.push_back(std::move(record->target));
        bool all_known = true;
        for (auto& name : names) {
            const auto* const addresses = answers_.find(name, address_type());
            if (addresses == nullptr)
                all_known = false;
            else if (has_one_in(*addresses, client_.is_ipv6() ? 128 : 32))
                validated.push_back(std::move(name));
        }
        if (!all_known) return std::unexpected(Stop::unknown);
        return validated;
    }

    Step<bool> is_named_within(const dns::Name& target) {
        const auto* const answer =
            answers_.find(*dns::Name::computed(client_.reverse_name()), dns::Type::ptr);
        if (answer == nullptr) return std::unexpected(Stop::unknown);
        if (answer->is_empty()) TRY(count_void());
        TRY(const auto names, validated_names());
        return std::ranges::any_of(names, [&](const dns::Name& name) { return name.is_within(target); });
    }

    // %{p}   RFC 7208 §7.3: the domain itself, else one within it, else any.
    Step<std::string> validated_name(const std::string& domain) {
        TRY(const auto names, validated_names());
        if (names.empty()) return "unknown";
        const auto wanted = name_of(domain);
        if (!wanted) return names.front().text();
        if (std::ranges::find(names, *wanted) != names.end()) return wanted->text();
        const auto within =
            std::ranges::find_if(names, [&](const dns::Name& name) { return name.is_within(*wanted); });
        return (within == names.end() ? names.front() : *within).text();
    }

    // RFC 7208 §7.2
    Step<std::string> value_of(char letter, const std::string& domain) {
        switch (letter) {
            case 's':
                return sender_.text();
            case 'l':
                return sender_.local;
            case 'o':
                return sender_.domain;
            case 'd':
                return domain;
            case 'i':
                return dotted(client_);
            case 'p':
                return validated_name(domain);
            case 'v':
                return client_.is_ipv6() ? "ip6" : "in-addr";
            case 'h':
                return spf_domain_of(query_.helo);
            case 'c':
                return client_.to_string();
            case 'r':
                return query_.receiver;
            default:  // 't'
                return fmt::to_string(
                    std::chrono::duration_cast<std::chrono::seconds>(query_.now.time_since_epoch()).count());
        }
    }

    Step<std::string> expand_part(const MacroPart& part, const std::string& domain) {
        if (part.letter == '\0') return part.literal;
        TRY(const auto value, value_of(part.letter, domain));
        return transformed(part, value);
    }

    // A text for people, which ends where it gets too long for them, be it in a piece.
    Step<std::string> expand_text(const MacroString& macros, const std::string& domain) {
        constexpr std::size_t enough = 2'000;  // octets
        std::string out;
        for (const auto& part : macros) {
            if (out.size() >= enough) break;
            TRY(const auto piece, expand_part(part, domain));
            out.append(piece, 0, enough - out.size());
        }
        return out;
    }

    // The end of a name, from which it is read: what is before that would be cut off.
    Step<std::string> expand_name(const MacroString& macros, const std::string& domain) {
        constexpr auto enough = dns::Name::longest + 2;  // with the dots before and behind it
        std::vector<std::string> pieces;
        std::size_t size = 0;
        for (const auto& part : macros | std::views::reverse) {
            if (size >= enough) break;
            TRY(auto piece, expand_part(part, domain));
            size += piece.size();
            pieces.push_back(std::move(piece));
        }
        std::ranges::reverse(pieces);
        return fmt::to_string(fmt::join(pieces, ""));
    }

    // <target-name>: too long a name loses labels on its left (RFC 7208 §7.3). Nothing if no DNS name can
    // come of it (RFC 8616 §4).
    Step<std::optional<std::string>> target_name(const MacroString& macros, const std::string& domain) {
        if (!ascii::all_ascii(sender_.local) && (uses_macro(macros, 's') || uses_macro(macros, 'l')))
            return std::nullopt;
        TRY(auto name, expand_name(macros, domain));
        name = without_last_dot(name);
        if (name.size() > dns::Name::longest)
            if (const auto dot = name.find('.', name.size() - dns::Name::longest - 1); dot != name.npos)
                name.erase(0, dot + 1);
        return name;
    }

    // RFC 7208 §6.2: whatever goes wrong, there is none then.
    Step<std::string> explain(const Found& found) {
        TRY(const auto target, target_name(*found.explanation, found.domain));
        const auto name = name_of(target.value_or(""));
        if (!name) return "";
        const auto* const answer = answers_.find(*name, dns::Type::txt);
        if (answer == nullptr) return std::unexpected(Stop::unknown);
        const auto texts = texts_of(*answer);
        if (texts.size() != 1) return "";
        const auto macros = parse_macro_string(texts.front(), MacroUse::explanation);
        if (!macros) return "";
        TRY(auto text, expand_text(*macros, found.domain));
        // It becomes part of an SMTP reply (RFC 5321 §2.4).
        const bool fits =
            std::ranges::none_of(text, [](char c) { return ascii::is_8bit(c) || ascii::is_control(c); });
        return fits ? text : "";
    }

    const SpfQuery& query_;
    dns::IpAddress client_;
    SpfSender sender_;
    KnownAnswers& answers_;
    const SpfLimits& limits_;
    unsigned terms_ = 0, voids_ = 0;
    bool term_is_void_ = false;  // of the one that was counted last
    std::string problem_;
};

}  // namespace

std::optional<SpfOutcome> check_spf(const SpfQuery& query, SpfIdentity identity, KnownAnswers& answers,
                                    const SpfLimits& limits) {
    if (query.sender.empty()) identity = SpfIdentity::helo;
    auto outcome = Evaluation(query, sender_of(query, identity), answers, limits).run();
    if (outcome) outcome->identity = identity;
    return outcome;
}

std::string SpfOutcome::sentence(const SpfQuery& query) const {
    const auto client = query.client.to_string();
    switch (verdict) {
        case SpfVerdict::pass:
            return fmt::format(FMT_COMPILE("{} may send for {} ({})"), client, domain, mechanism);
        case SpfVerdict::fail:
            return fmt::format(FMT_COMPILE("{} may not send for {} ({})"), client, domain, mechanism);
        case SpfVerdict::softfail:
            return fmt::format(FMT_COMPILE("{} probably may not send for {} ({})"), client, domain,
                               mechanism);
        case SpfVerdict::neutral:
            return fmt::format(FMT_COMPILE("{} does not say whether {} may send for it ({})"), domain, client,
                               mechanism);
        default:
            return problem;
    }
}

// header-field = "Received-SPF:" [CFWS] result FWS [comment FWS] [ key-value-list ] CRLF   RFC 7208 §9.1
std::string received_spf(const SpfQuery& query, const SpfOutcome& outcome) {
    const auto quoted = [](std::string_view text) { return quoted_string(shortened(text)); };
    auto field = fmt::format(FMT_COMPILE("Received-SPF: {} ({})\r\n"), to_string(outcome.verdict),
                             in_comment(outcome.sentence(query)));
    field += fmt::format(FMT_COMPILE("\treceiver={}; identity={};\r\n"), quoted(query.receiver),
                         outcome.identity == SpfIdentity::helo ? "helo" : "mailfrom");
    field += fmt::format(FMT_COMPILE("\tclient-ip={}; helo={};\r\n"), quoted(query.client.to_string()),
                         quoted(query.helo));
    field += fmt::format(FMT_COMPILE("\tenvelope-from={}"), quoted(query.sender));
    const bool failed = outcome.verdict == SpfVerdict::temperror || outcome.verdict == SpfVerdict::permerror;
    if (failed)
        field += fmt::format(FMT_COMPILE(";\r\n\tproblem={}"), quoted(outcome.problem));
    else if (!outcome.mechanism.empty())
        field += fmt::format(FMT_COMPILE("; mechanism={}"), quoted(outcome.mechanism));
    return field + "\r\n";
}

}  // namespace hongyan::verify
