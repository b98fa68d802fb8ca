#include "admin/services.h"
#include "admin/tables.h"
#include "admin/verdicts.h"
#include "verify/authentication.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

boost::json::object object_of(const verify::Authentication& found, const verify::SpfQuery& query) {
    const auto& dmarc = found.dmarc;
    return {{"result", std::string(to_string(dmarc.verdict))},
            {"domain", dmarc.domain},
            {"record_domain", dmarc.record_domain},
            {"policy", std::string(to_string(dmarc.policy))},
            {"disposition", std::string(to_string(dmarc.disposition(0)))},
            {"pct", dmarc.record.percent},
            {"testing", dmarc.record.testing},
            {"spf_aligned", dmarc.spf_aligned},
            {"dkim_aligned", dmarc.dkim_aligned},
            {"reason", dmarc.reason},
            {"spf", std::string(to_string(found.mail_from.verdict))},
            {"dkim", std::string(to_string(found.dkim.verdict()))},
            {"arc", std::string(to_string(found.arc.verdict))},
            {"iprev", std::string(to_string(found.iprev.verdict))},
            {"sentence", found.sentence(query)},
            {"authentication_results", found.results(query.receiver, query, dmarc.disposition(0))}};
}

std::vector<std::string> lines_of(const verify::Authentication& found, const verify::SpfQuery& query) {
    const auto& dmarc = found.dmarc;
    std::vector lines{fmt::format("{} {}", to_string(dmarc.verdict), dmarc.sentence())};
    if (!dmarc.record_domain.empty())
        lines.push_back(fmt::format("policy {} ({}), of {}% of its mail", to_string(dmarc.policy),
                                    dmarc.record_domain, dmarc.record.percent));
    lines.push_back(
        fmt::format("spf {} {}", to_string(found.mail_from.verdict), found.mail_from.sentence(query)));
    for (const auto& each : found.dkim.signatures)
        lines.push_back(fmt::format("dkim {} {}", to_string(each.verdict), each.sentence()));
    lines.push_back(fmt::format("arc {} {}", to_string(found.arc.verdict), found.arc.sentence()));
    return lines;
}

Result<void> check(const Call& call) {
    TRY(const auto query, spf_query_of(call));
    TRY(const auto raw, message_of(call));
    TRY(auto names, Names::make(call));
    const auto mail = verify::Mail::whole(raw);
    const auto now = call.services.clock.now();
    const auto found = names.conclude<verify::Authentication>(verify::Authenticating(*mail, query, now));
    show_verdict(call, object_of(found, query), lines_of(found, query));
    return {};
}

}  // namespace

std::span<const Command> dmarc_commands() {
    static constexpr Argument arguments[] = {
        {"ip", Kind::required_option, "The address of the host that sends"},
        {"helo", Kind::option, "What it says in HELO or EHLO"},
        {"mail-from", Kind::option,
         "The sender it names; empty, as in MAIL FROM:<>, has HELO's name checked"},
        {"receiver", Kind::option, "Our host name, for Authentication-Results"},
        message_file,
        resolver_option,
        json_object_flag,
    };
    static constexpr Command rows[] = {
        {"dmarc", "check",
         "Do SPF or DKIM vouch for the author's domain, and what does it wish otherwise (RFC 7489)?",
         arguments, Needs::settings, &check, Reads::without_file},
    };
    return rows;
}

}  // namespace hongyan::admin
