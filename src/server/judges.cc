#include "server/judges.h"

#include "server/filters.h"
#include "server/interfaces.h"
#include "spam/authentication.h"
#include "spam/classifier.h"
#include "spam/cleaning.h"
#include "spam/exempting.h"
#include "spam/greylisting.h"
#include "spam/lists.h"
#include "spam/manners.h"
#include "spam/outgoing.h"
#include "spam/reporting.h"
#include "spam/score.h"
#include "spam/sender_domain.h"
#include "spam/sending.h"

namespace hongyan::server {

namespace {

using Made = Result<std::shared_ptr<spam::Judge>>;

// Those about whom nobody asks.
config::Networks exempt_networks(const config::Config& config) {
    auto networks = config.spam.exempt_networks;
    networks.insert(networks.end(), config.smtp.relay_networks.begin(), config.smtp.relay_networks.end());
    return networks;
}

Made make_manners(const JudgeParts& parts) {
    auto judge = std::make_shared<spam::Manners>(
        spam::OwnNames{.hostname = parts.hostname,
                       .addresses = interface_addresses(),
                       .inside = parts.config.verify.exempt},
        parts.config.spam.hello,
        spam::Manners::Parts{parts.world.directory, parts.world.workers, parts.resolver});
    return std::make_shared<spam::Exempting>(exempt_networks(parts.config), std::move(judge));
}

// Also keeps in mind to whom accounts have written.
Made make_sending_limits(const JudgeParts& parts) {
    const bool is_wanted = parts.config.sending.is_limited() || parts.config.spam.greylisting;
    if (!is_wanted || parts.world.reputation == nullptr) return nullptr;
    return std::make_shared<spam::SendingLimits>(parts.world.reputation->sending(), parts.world.workers);
}

// Mail of accounts is looked at as strangers' is.
bool judges_outgoing(const config::Config& config) {
    return config.sending.checks != config::OutgoingChecks::off;
}

Result<std::vector<spam::ListRule>> rules_of(std::span<const std::string> texts) {
    std::vector<spam::ListRule> rules;
    for (const auto& text : texts) {
        TRY(rules.emplace_back(), spam::ListRule::parse(text));
    }
    return rules;
}

Made make_lists(const JudgeParts& parts) {
    spam::ListsSettings settings;
    TRY(settings.addresses, rules_of(parts.config.spam.lists));
    TRY(settings.links, rules_of(parts.config.spam.link_lists));
    if (settings.addresses.empty() && settings.links.empty()) return nullptr;
    settings.outgoing = judges_outgoing(parts.config);
    return std::make_shared<spam::Exempting>(
        exempt_networks(parts.config),
        std::make_shared<spam::Lists>(settings, parts.resolver, parts.world.workers));
}

Made make_greylisting(const JudgeParts& parts) {
    auto* const reputation = parts.world.reputation;
    if (!parts.config.spam.greylisting || reputation == nullptr) return nullptr;
    spam::Greylisting::Settings settings{.spf = parts.config.spam.greylisting_spf,
                                         .patience = parts.config.verify.patience};
    TRY(settings.good_clients, rules_of(parts.config.spam.lists));
    reputation::Trust trust(reputation->notebook(), parts.config.spam.greylisting_trust);
    auto judge = std::make_shared<spam::Greylisting>(
        std::move(settings),
        spam::Greylisting::Parts{reputation->greylist(), std::move(trust),
                                 reputation->sending().correspondents(), parts.world.directory,
                                 parts.world.workers, parts.resolver, parts.world.clock});
    return std::make_shared<spam::Exempting>(exempt_networks(parts.config), std::move(judge));
}

Made make_sender_domain(const JudgeParts& parts) {
    const auto& verify = parts.config.verify;
    if (!verify.enabled || verify.sender_domains == config::SenderDomains::accept) return nullptr;
    auto networks = verify.exempt;
    const auto& relays = parts.config.smtp.relay_networks;
    networks.insert(networks.end(), relays.begin(), relays.end());
    return std::make_shared<spam::Exempting>(
        std::move(networks),
        std::make_shared<spam::SenderDomain>(verify.sender_domains, verify.patience, parts.resolver));
}

Made make_cleaning(const JudgeParts& parts) {
    return std::make_shared<spam::Cleaning>(parts.hostname, parts.config.smtp.relay_networks);
}

Made make_outgoing(const JudgeParts& parts) {
    const auto& sending = parts.config.sending;
    return std::make_shared<spam::Outgoing>(sending.checks, static_cast<double>(sending.check_score));
}

Made make_score(const JudgeParts& parts) {
    const auto& spam = parts.config.spam;
    return std::make_shared<spam::Score>(spam::Thresholds{.junk = static_cast<double>(spam.junk_score),
                                                          .reject = static_cast<double>(spam.reject_score)});
}

// Where nothing is sent, nothing is counted for it.
Made make_reporting(const JudgeParts& parts) {
    const auto& wanted = parts.config.reports;
    const bool counts = wanted.dmarc && parts.config.outbound.enabled;
    if (!counts && wanted.addresses.empty()) return nullptr;
    for (const auto& address : wanted.addresses)
        if (const auto parsed = message::parse_address(address); !parsed)
            return fail(Error::Kind::invalid, "\"{}\" is no mail address", address);
    spam::ReportingSettings settings{.hostname = parts.hostname,
                                     .counts = counts,
                                     .failures = wanted.failures,
                                     .addresses = wanted.addresses};
    const auto& world = parts.world;
    return std::make_shared<spam::Reporting>(
        std::move(settings),
        spam::Reporting::Parts{world.store.engine(), parts.report_intake, world.clock, world.log});
}

// Null: the settings want none.
using MakeJudge = Result<std::shared_ptr<spam::Judge>> (*)(const JudgeParts&);

Result<std::shared_ptr<spam::Judge>> authentication(const JudgeParts& parts) {
    if (!parts.config.verify.enabled) return nullptr;
    return std::make_shared<spam::AuthenticationJudge>(
        spam::AuthenticationSettings{.hostname = parts.hostname,
                                     .verify = parts.config.verify,
                                     .relay_networks = parts.config.smtp.relay_networks},
        spam::AuthenticationJudge::Parts{parts.resolver, parts.world.workers, parts.world.clock,
                                         parts.random});
}

Result<std::shared_ptr<spam::Judge>> classifier(const JudgeParts& parts) {
    const auto& settings = parts.config.classifier;
    if (!settings.enabled) return nullptr;
    return spam::make_classifier({.models = std::make_shared<spam::Models>(parts.world.store.engine()),
                                  .directory = parts.world.directory,
                                  .workers = parts.world.workers,
                                  .clock = parts.world.clock,
                                  .shared = settings.shared,
                                  .outgoing = judges_outgoing(parts.config)});
}

struct Row {
    std::string_view name;  // for who reads an error
    MakeJudge make;
};

// In the order in which they are asked: who hears of everything, bans and hygiene, lists, greylisting,
// authentication, milters, Rspamd, clamd, the classifier, and those who add up.
constexpr Row rows[] = {
    {"reports.addresses", &make_reporting},
    {"manners", &make_manners},
    {"sending limits", &make_sending_limits},
    {"spam.lists, spam.link_lists", &make_lists},
    {"verify.sender_domains", &make_sender_domain},
    {"greylisting", &make_greylisting},
    {"verify", &authentication},
    {"forged fields", &make_cleaning},
    {"filters.milters", &make_milters},
    {"rspamd", &make_rspamd},
    {"clamd", &make_clamd},
    {"the classifier", &classifier},
    {"score", &make_score},
    {"sending.checks", &make_outgoing},
};

}  // namespace

Result<spam::Judges> make_judges(const JudgeParts& parts) {
    spam::Judges judges;
    for (const auto& row : rows) {
        auto made = row.make(parts);
        if (!made) return fail(made.error().kind, "{}: {}", row.name, made.error().message);
        if (*made) judges.push_back(*std::move(made));
    }
    return judges;
}

}  // namespace hongyan::server
