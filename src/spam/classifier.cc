#include "spam/classifier.h"

#include "classify/features.h"
#include "message/encoded_word.h"
#include "message/header_writer.h"

namespace hongyan::spam {

namespace {

// The one account for which the message is; nothing if it is for several, or for others. Blocks.
std::optional<AccountId> only_account(const directory::Directory& directory, const smtp::Envelope& envelope) {
    std::optional<AccountId> only;
    for (const auto& recipient : envelope.recipients) {
        if (!recipient.path.address) return std::nullopt;
        const auto resolution = directory.resolve(*recipient.path.address);
        if (!resolution || resolution->local.size() != 1 || !resolution->remote.empty()) return std::nullopt;
        const auto account = resolution->local.front().account;
        if (only && *only != account) return std::nullopt;
        only = account;
    }
    return only;
}

void put(std::string& fields, std::string_view name, std::string_view words) {
    message::put_field(fields, name, message::encode_header_text(words));
}

std::string fields_of(const classify::Verdict& verdict) {
    std::string fields;
    put(fields, "X-Hongyan-Junk",
        fmt::format("{}, {:.1f} points of {:.0f}", verdict.is_junk() ? "yes" : "no", verdict.points,
                    classify::junk_points));
    for (const auto& line : verdict.lines)
        put(fields, "X-Hongyan-Junk-Reason", fmt::format("{:+.1f} {}", line.points, line.words));
    return fields;
}

void write(Judgement& judgement, const classify::Verdict& verdict) {
    for (const auto& line : verdict.lines) judgement.findings.push_back({line.code, line.words, line.points});
    judgement.fields.insert(0, fields_of(verdict));
    if (verdict.is_junk()) judgement.demand(Disposition::junk);
}

class ClassifierVisit final : public Visit {
public:
    ClassifierVisit(const ClassifierParts& parts, log::Log log) : parts_(parts), log_(std::move(log)) {}

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        auto job = [this, &came, &judgement] { return look(came, judgement); };
        const auto verdict = co_await net::on_worker(parts_.workers, std::move(job));
        if (!verdict)
            log_.warning("not classified", {{"why", verdict.error().message}});
        else if (*verdict)
            write(judgement, **verdict);
    }

private:
    // Nothing: too little has been learned.
    Result<std::optional<classify::Verdict>> look(const smtp::Deliver& came,
                                                  const Judgement& judgement) const {
        const auto& envelope = judgement.envelope ? *judgement.envelope : came.envelope;
        TRY(const auto known, parts_.models->known(only_account(parts_.directory, envelope)));
        const auto knowledge = known.knowledge();
        if (classify::confidence(knowledge) < least_confidence) return std::nullopt;
        const auto seen = classify::look_at(judgement.text(came), parts_.clock.now());
        return classify::judge(seen, knowledge);
    }

    ClassifierParts parts_;
    log::Log log_;
};

class Classifier final : public Judge {
public:
    explicit Classifier(const ClassifierParts& parts) : parts_(parts) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override {
        if (!client.account.empty() || client.protocol == smtp::Protocol::local) return nullptr;
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
