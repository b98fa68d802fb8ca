#include "server/judges.h"

#include "server/filters.h"
#include "spam/authentication.h"
#include "spam/classifier.h"
#include "spam/exempting.h"
#include "spam/greylisting.h"
#include "spam/lists.h"
#include "spam/manners.h"
#include "spam/reporting.h"
#include "spam/score.h"
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
    return std::make_shared<spam::Exempting>(exempt_networks(parts.config),
                                             std::make_shared<spam::Manners>(parts.hostname));
}

// Also keeps in mind to whom accounts have written.
Made make_sending_limits(const JudgeParts& parts) {
    const bool is_wanted = parts.config.sending.is_limited() || parts.config.spam.greylisting;
    if (!is_wanted || parts.world.reputation == nullptr) return nullptr;
    return std::make_shared<spam::SendingLimits>(parts.world.reputation->sending(), parts.world.workers);
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
    return std::make_shared<spam::Exempting>(exempt_networks(parts.config),
                                             std::make_shared<spam::Lists>(settings, parts.resolver));
}

Made make_greylisting(const JudgeParts& parts) {
    auto* const reputation = parts.world.reputation;
    if (!parts.config.spam.greylisting || reputation == nullptr) return nullptr;
    auto judge = std::make_shared<spam::Greylisting>(
        reputation->greylist(), reputation->sending().correspondents(), parts.world.workers);
    return std::make_shared<spam::Exempting>(exempt_networks(parts.config), std::move(judge));
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
        spam::Reporting::Parts{world.store.engine(), world.workers, world.clock, world.log});
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
    return spam::make_classifier({.models = std::make_shared<spam::Models>(parts.world.store.engine()),
                                  .directory = parts.world.directory,
                                  .workers = parts.world.workers,
                                  .clock = parts.world.clock});
}

struct Row {
    std::string_view name;  // for who reads an error
    MakeJudge make;
};

// In the order in which they are asked: who hears of everything, bans and hygiene, lists, greylisting,
// authentication, milters, Rspamd, clamd, the classifier.
constexpr Row rows[] = {
    {"reports.addresses", &make_reporting},
    {"manners", &make_manners},
    {"sending limits", &make_sending_limits},
    {"spam.lists, spam.link_lists", &make_lists},
    {"greylisting", &make_greylisting},
    {"verify", &authentication},
    {"filters.milters", &make_milters},
    {"rspamd", &make_rspamd},
    {"clamd", &make_clamd},
    {"the classifier", &classifier},
    {"score", &make_score},
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
