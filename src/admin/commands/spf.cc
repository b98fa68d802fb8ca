#include "verify/spf.h"

#include "admin/services.h"
#include "admin/tables.h"
#include "admin/verdicts.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

Result<void> check(const Call& call) {
    TRY(const auto query, spf_query_of(call));
    TRY(auto names, Names::make(call));
    const auto outcome = names.conclude<verify::SpfOutcome>([&](verify::KnownAnswers& answers) {
        return check_spf(query, verify::SpfIdentity::mail_from, answers);
    });
    const std::string verdict(to_string(outcome.verdict));
    const bool is_helo = outcome.identity == verify::SpfIdentity::helo;
    std::vector lines{fmt::format("{} {}", verdict, outcome.sentence(query))};
    if (!outcome.explanation.empty()) lines.push_back(outcome.explanation);
    show_verdict(call,
                 {{"result", verdict},
                  {"identity", is_helo ? "helo" : "mailfrom"},
                  {"domain", outcome.domain},
                  {"mechanism", outcome.mechanism},
                  {"explanation", outcome.explanation},
                  {"problem", outcome.problem},
                  {"received_spf", received_spf(query, outcome)}},
                 lines);
    return {};
}

}  // namespace

std::span<const Command> spf_commands() {
    static constexpr Argument arguments[] = {
        {"ip", Kind::required_option, "The address of the host that sends"},
        {"helo", Kind::option, "What it says in HELO or EHLO"},
        {"mail-from", Kind::option,
         "The sender it names; empty, as in MAIL FROM:<>, has HELO's name checked"},
        {"receiver", Kind::option, "Our host name, for explanations"},
        resolver_option,
        json_object_flag,
    };
    static constexpr Command rows[] = {
        {"spf", "check",
         "May that host send mail for that domain (RFC 7208)? The domain's explanation follows", arguments,
         Needs::settings, &check},
    };
    return rows;
}

}  // namespace hongyan::admin
