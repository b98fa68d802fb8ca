#include "server/judges.h"

#include "server/filters.h"
#include "spam/authentication.h"
#include "spam/classifier.h"

namespace hongyan::server {

namespace {

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

// In the order in which they are asked: bans and hygiene, lists, greylisting, authentication, milters,
// Rspamd, clamd, the classifier.
constexpr Row rows[] = {
    {"verify", &authentication}, {"filters.milters", &make_milters}, {"rspamd", &make_rspamd},
    {"clamd", &make_clamd},      {"the classifier", &classifier},
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
