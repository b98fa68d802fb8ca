#include "spam/classifier.h"

#include <algorithm>
#include <ranges>

#include "base/decimal.h"
#include "classify/features.h"
#include "message/encoded_word.h"
#include "message/header_writer.h"
#include "spam/at_once.h"

namespace hongyan::spam {

namespace {

// What is no larger, and for no more, takes a fraction of a millisecond, and then no worker is woken for it.
constexpr std::size_t soon_looked_at = std::size_t{32} << 10U;  // bytes
constexpr std::size_t few_accounts = 2;

// For whom a message is.
struct Audience {
    std::vector<AccountId> accounts = {};
    bool others = false;  // somebody elsewhere, too
};

// Blocks.
Audience audience_of(const directory::Directory& directory, const smtp::Envelope& envelope) {
    Audience audience;
    for (const auto& recipient : envelope.recipients) {
        const auto resolution = recipient.path.address ? directory.resolve(*recipient.path.address)
                                                       : fail(Error::Kind::not_found, "no domain");
        if (!resolution || !resolution->remote.empty() || resolution->local.empty()) audience.others = true;
        if (!resolution) continue;
        for (const auto& local : resolution->local)
            if (std::ranges::find(audience.accounts, local.account) == audience.accounts.end())
                audience.accounts.push_back(local.account);
    }
    return audience;
}

void put(std::string& fields, std::string_view name, std::string_view words) {
    message::put_field(fields, name, message::encode_header_text(words));
}

// "+1.2 the word …"
std::string told(const classify::ScoreLine& line) {
    constexpr std::size_t number = 8;
    std::string words;
    words.reserve(line.words.size() + number);
    decimal::put_fixed(words, line.points, 1, decimal::Plus::yes);
    return words.append(1, ' ').append(line.words);
}

std::string fields_of(const classify::Verdict& verdict) {
    constexpr std::size_t usual = 1000;
    std::string fields;
    fields.reserve(usual);
    put(fields, "X-Hongyan-Junk",
        fmt::format("{}, {:.1f} points of {:.0f}", verdict.is_junk() ? "yes" : "no", verdict.points,
                    classify::junk_points));
    for (const auto& line : verdict.lines) put(fields, "X-Hongyan-Junk-Reason", told(line));
    return fields;
}

std::vector<Finding> findings_of(const classify::Verdict& verdict) {
    std::vector<Finding> findings;
    findings.reserve(verdict.lines.size());
    for (const auto& line : verdict.lines) findings.push_back({line.code, line.words, line.points});
    return findings;
}

// What is thought of a message.
struct Opinion {
    std::optional<classify::Verdict> for_all = {};  // nothing: too little has been learned
    // Where accounts have taught something; then for_all is for the rest.
    std::vector<std::pair<AccountId, std::optional<classify::Verdict>>> own = {};
};

Placement placement_of(std::optional<AccountId> account, const std::optional<classify::Verdict>& verdict) {
    Placement placement{.account = account};
    if (!verdict) return placement;
    placement.findings = findings_of(*verdict);
    placement.is_junk = verdict->is_junk();
    placement.fields = fields_of(*verdict);
    return placement;
}

void write(Judgement& judgement, const Opinion& opinion) {
    for (const auto& [account, verdict] : opinion.own)
        judgement.placements.push_back(placement_of(account, verdict));
    if (!opinion.own.empty())
        return judgement.placements.push_back(placement_of(std::nullopt, opinion.for_all));
    if (!opinion.for_all) return;
    std::ranges::move(findings_of(*opinion.for_all), std::back_inserter(judgement.findings));
    judgement.fields.insert(0, fields_of(*opinion.for_all));
    if (opinion.for_all->is_junk()) judgement.demand(Disposition::junk, {}, Because::all_findings);
}

// A message that is read once, and not before somebody has learned enough to judge it.
class Reading {
public:
    Reading(std::string_view raw, Instant came) : raw_(raw), came_(came) {}
    // `asked_next` as in look_at().
    const classify::Seen& seen(const classify::Model* asked_next) {
        if (!seen_) seen_ = classify::look_at(raw_, came_, {}, asked_next);
        return *seen_;
    }

private:
    std::string_view raw_;
    Instant came_;
    std::optional<classify::Seen> seen_;
};

class ClassifierVisit final : public Visit {
public:
    ClassifierVisit(const ClassifierParts& parts, log::Log log) : parts_(parts), log_(std::move(log)) {}

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        auto job = [this, &came, &judgement] { return look(came, judgement); };
        const auto opinion = judgement.text(came).size() <= soon_looked_at
                                 ? co_await at_once(parts_.workers, std::move(job))
                                 : co_await net::on_worker(parts_.workers, std::move(job));
        if (!opinion)
            log_.warning("not classified", {{"why", opinion.error().message}});
        else if (came.client.account.empty())
            write(judgement, *opinion);
        else if (opinion->for_all)
            std::ranges::move(findings_of(*opinion->for_all), std::back_inserter(judgement.findings));
    }

private:
    Result<Opinion> look(const smtp::Deliver& came, const Judgement& judgement) const {
        const auto& envelope = judgement.envelope ? *judgement.envelope : came.envelope;
        const bool is_incoming = came.client.account.empty();
        // Looking for many is work too.
        if (envelope.recipients.size() > few_accounts && engine::WithoutWaiting::is_asked_for())
            return engine::WithoutWaiting::miss();
        std::optional<engine::WithoutWaiting> here;
        if (engine::WithoutWaiting::is_asked_for()) here.emplace();
        const auto audience = is_incoming ? audience_of(parts_.directory, envelope) : Audience{};
        if (here && (here->missed() || audience.accounts.size() > few_accounts))
            return engine::WithoutWaiting::miss();
        Reading reading(judgement.text(came), parts_.clock.now());
        Opinion opinion;
        for (const auto account : audience.accounts | std::views::take(most_own_models)) {
            TRY(const auto has_taught, parts_.models->has_taught(account));
            if (!has_taught) continue;
            TRY(auto verdict, by_model_of(account, reading));
            opinion.own.emplace_back(account, std::move(verdict));
        }
        // What is for one alone needs no placement.
        if (opinion.own.size() == 1 && audience.accounts.size() == 1 && !audience.others)
            return Opinion{.for_all = std::move(opinion.own.front().second)};
        TRY(opinion.for_all, by_model_of(std::nullopt, reading));
        return opinion;
    }

    // Nothing: too little has been learned.
    Result<std::optional<classify::Verdict>> by_model_of(std::optional<AccountId> account,
                                                         Reading& reading) const {
        TRY(const auto known, parts_.models->known(account));
        auto knowledge = known.knowledge();
        if (!parts_.shared) knowledge.shared = nullptr;
        if (classify::confidence(knowledge) < least_confidence) return std::nullopt;
        return classify::judge(reading.seen(knowledge.shared), knowledge);
    }

    ClassifierParts parts_;
    log::Log log_;
};

class Classifier final : public Judge {
public:
    explicit Classifier(const ClassifierParts& parts) : parts_(parts) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override {
        if (client.protocol == smtp::Protocol::local) return nullptr;
        if (!client.account.empty() && !parts_.outgoing) return nullptr;
        return std::make_unique<ClassifierVisit>(parts_, log);
    }

private:
    ClassifierParts parts_;
};

}  // namespace

std::shared_ptr<Judge> make_classifier(const ClassifierParts& parts) {
    return std::make_shared<Classifier>(parts);
}

}  // namespace hongyan::spam
