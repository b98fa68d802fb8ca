#include "server/judges.h"

#include "spam/authentication.h"

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

struct Row {
    std::string_view name;  // for who reads an error
    MakeJudge make;
};

// In the order in which they are asked: bans and hygiene, lists, greylisting, authentication, milters,
// Rspamd, clamd, the classifier.
constexpr Row rows[] = {
    {"verify", &authentication},
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
