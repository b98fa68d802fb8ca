#include "verify/spf.h"

#include "admin/services.h"
#include "admin/tables.h"
#include "admin/verdicts.h"
#include "base/ascii.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

std::string without_brackets(std::string text) {
    if (text.starts_with('<') && text.ends_with('>')) return text.substr(1, text.size() - 2);
    return text;
}

Result<verify::SpfQuery> query_of(const Call& call) {
    const auto client = dns::IpAddress::parse(call.values.text("ip"));
    if (!client)
        return fail(Error::Kind::invalid, "--ip takes an address, not \"{}\"", call.values.text("ip"));
    auto sender = without_brackets(call.values.text_or("mail-from", ""));
    auto helo = call.values.text_or("helo", "");
    if (sender.empty() && helo.empty())
        return fail(Error::Kind::invalid, "there is nothing to check without --helo and --mail-from");
    return verify::SpfQuery{.client = *client,
                            .helo = std::move(helo),
                            .sender = std::move(sender),
                            .receiver = call.values.text_or("receiver", "unknown"),
                            .now = call.services.clock.now()};
}

Result<void> check(const Call& call) {
    TRY(const auto query, query_of(call));
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
