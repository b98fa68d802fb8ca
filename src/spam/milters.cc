#include "spam/milters.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/line_ends.h"
#include "smtp/wire/parameters.h"

namespace hongyan::spam {

namespace {

using Kind = milter::Verdict::Kind;

constexpr std::string_view code = "milter";

// Makes the changes of one filter on copies, so that all or none are made.
class Changes {
public:
    Changes(const smtp::Deliver& came, const Judgement& judgement, LeadingSpace space)
        : space_(space),
          edit_(judgement.fields, judgement.text(came), headers_of(came)),
          envelope_(judgement.envelope.value_or(came.envelope)) {}

    // Why it cannot be done; nothing if it is.
    std::optional<std::string> make(const milter::Change& change) {
        std::visit([this](const auto& wanted) { make(wanted); }, change);
        return std::exchange(trouble_, std::nullopt);
    }

    HeaderEdit& edit() { return edit_; }
    const std::optional<smtp::Envelope> envelope() const {
        return recipients_ + senders_ > 0 ? std::optional(envelope_) : std::nullopt;
    }
    const std::optional<std::string>& quarantine() const { return quarantine_; }

    // "added 2 header fields, changed the sender"
    std::vector<std::string> words() const {
        std::vector<std::string> out;
        const auto tell = [&](std::size_t count, std::string_view verb) {
            if (count > 0)
                out.push_back(fmt::format("{} {} header field{}", verb, count, count == 1 ? "" : "s"));
        };
        tell(added_, "added");
        tell(changed_, "changed");
        tell(removed_, "removed");
        if (senders_ > 0) out.push_back("changed the sender to " + in_brackets(envelope_.sender));
        if (recipients_ > 0) out.push_back("changed the recipients");
        return out;
    }

private:
    void make(const milter::AddHeader& wanted) {
        edit_.add(wanted.name, wanted.value, space_);
        ++added_;
    }
    void make(const milter::InsertHeader& wanted) {
        edit_.insert(wanted.index, wanted.name, wanted.value, space_);
        ++added_;
    }
    void make(const milter::ChangeHeader& wanted) {
        edit_.change(wanted.name, wanted.index, wanted.value, space_);
        ++(wanted.value.empty() ? removed_ : changed_);
    }
    void make(const milter::AddRecipient& wanted) {
        const auto path = path_of(wanted.address);
        const auto parameters = smtp::parse_recipient_parameters(
            wanted.parameters.empty() ? std::string() : " " + wanted.parameters);
        if (!path || !path->address || !parameters)
            return complain("it wanted to add the recipient", wanted.address);
        ++recipients_;
        if (std::ranges::find(envelope_.recipients, *path, &smtp::Recipient::path) ==
            envelope_.recipients.end())
            envelope_.recipients.push_back({*path, parameters->notify, parameters->original});
    }
    void make(const milter::RemoveRecipient& wanted) {
        const auto path = path_of(wanted.address);
        if (!path) return complain("it wanted to remove the recipient", wanted.address);
        const auto text = smtp::to_string(*path);
        const auto is_meant = [&](const auto& one) {
            return ascii::iequals(smtp::to_string(one.path), text);
        };
        if (std::erase_if(envelope_.recipients, is_meant) > 0) ++recipients_;
    }
    // What was said of the old sender beside his address stays: size, body, notifications are the message's.
    // <postmaster> without a domain is a recipient only (RFC 5321 §4.1.1.3).
    void make(const milter::ChangeSender& wanted) {
        const auto path = path_of(wanted.address);
        if (!path || path->is_postmaster) return complain("it wanted the sender to be", wanted.address);
        envelope_.sender = *path;
        ++senders_;
    }
    void make(const milter::Quarantine& wanted) { quarantine_ = wanted.reason; }

    static std::optional<smtp::Path> path_of(std::string_view address) {
        const bool bare = !address.starts_with('<');
        auto path = message::parse_path(bare ? fmt::format("<{}>", address) : std::string(address));
        return path ? std::optional(*std::move(path)) : std::nullopt;
    }
    void complain(std::string_view what, std::string_view address) {
        trouble_ = fmt::format("{} \"{}\"", what, on_one_line(address));
    }

    LeadingSpace space_;
    HeaderEdit edit_;
    smtp::Envelope envelope_;
    std::optional<std::string> quarantine_;
    std::optional<std::string> trouble_;
    std::size_t added_ = 0, changed_ = 0, removed_ = 0, recipients_ = 0, senders_ = 0;
};

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i)
        out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
    return out;
}

void tell(std::string_view name, std::string_view what, Judgement& judgement) {
    judgement.findings.push_back({std::string(code), fmt::format("The filter {} {}.", name, what)});
}

// What ends a message.
void end(const milter::Verdict& verdict, std::string_view name, Judgement& judgement) {
    if (verdict.kind == Kind::discard) {
        tell(name, "threw the message away", judgement);
        return judgement.demand(Disposition::discard);
    }
    const auto reply = refusal_of(verdict);
    tell(name, fmt::format("said: {}", on_one_line(smtp::to_text(*reply))), judgement);
    judgement.demand(reply->is_refusal() ? Disposition::reject : Disposition::defer, reply);
}

bool is_passing(const milter::Verdict& verdict) {
    return verdict.kind == Kind::proceed || verdict.kind == Kind::accept;
}

// Nothing of the message is asked for any more.
bool is_over(const Judgement& judgement) { return judgement.disposition >= Disposition::discard; }

class MilterVisit final : public Visit {
public:
    using Rests = std::vector<std::unique_ptr<Rest>>;
    using Stage = Rest::Stage;
    MilterVisit(const Means& means, const config::Milters& milters, const Rests& rests, const log::Log& log)
        : means_(means), log_(log), id_(new_session_id(means.random)) {
        filters_.reserve(milters.size());
        for (std::size_t i = 0; i < milters.size(); ++i) filters_.emplace_back(means, milters[i], *rests[i]);
    }

    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& asked) override {
        const auto id = fmt::format("{}-{}", id_, ++transactions_);
        for (auto& filter : filters_) {
            filter.trouble.clear();
            filter.takes_part = filter.session.applies_to(asked.client);
            if (!filter.takes_part) continue;
            auto outcome = co_await begin(filter, asked, id);
            if (auto refusal = judge(filter, outcome)) co_return refusal;
        }
        co_return std::nullopt;
    }

    net::Task<std::optional<smtp::Reply>> recipient(const smtp::CheckRecipient& asked) override {
        for (auto& filter : filters_) {
            if (!filter.takes_part || !filter.trouble.empty()) continue;
            auto outcome = co_await show(filter, asked);
            if (auto refusal = judge(filter, outcome)) co_return refusal;
        }
        co_return std::nullopt;
    }

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        for (auto& filter : filters_)
            if (filter.takes_part && !is_over(judgement)) co_await ask(filter, came, judgement);
    }

    net::Task<std::optional<smtp::Reply>> unknown(const smtp::UnknownCommand& asked) override {
        for (auto& filter : filters_) {
            if (!filter.session.is_open() || !filter.session.applies_to(asked.client)) continue;
            const auto outcome = co_await filter.session.unknown(asked);
            if (!outcome) continue;
            if (auto refusal = refusal_of(outcome->verdict)) co_return refusal;
        }
        co_return std::nullopt;
    }

    net::Task<void> abandon() override {
        for (auto& filter : filters_) co_await filter.session.abandon();
    }

    net::Task<void> leave() override {
        for (auto& filter : filters_) co_await filter.session.leave();
    }

private:
    struct Filter {
        Filter(const Means& means, const config::Milter& settings, Rest& resting)
            : session(means, settings), rest(resting) {}
        MilterSession session;
        Rest& rest;
        bool takes_part = false;   // in this transaction
        std::string trouble = {};  // why it could not be asked in this transaction; empty: it could
    };

    static net::Task<MilterSession::Outcome> begin(Filter& filter, const smtp::CheckSender& asked,
                                                   const std::string& id) {
        if (!filter.session.is_open())
            if (auto why = filter.rest.reason(Stage::greeting)) co_return std::unexpected(*std::move(why));
        if (auto why = filter.rest.reason(Stage::sender)) co_return std::unexpected(*std::move(why));
        auto outcome = co_await filter.session.sender(asked, id);
        note_begin(filter, outcome);
        co_return outcome;
    }

    static net::Task<MilterSession::Outcome> show(Filter& filter, const smtp::CheckRecipient& asked) {
        if (auto why = filter.rest.reason(Stage::recipient)) co_return std::unexpected(*std::move(why));
        auto outcome = co_await filter.session.recipient(asked);
        note(filter, outcome, Stage::recipient);
        co_return outcome;
    }

    static net::Task<MilterSession::Outcome> show(Filter& filter, milter::Message text) {
        if (auto why = filter.rest.reason(Stage::end)) co_return std::unexpected(*std::move(why));
        auto outcome = co_await filter.session.message(std::move(text));
        note(filter, outcome, Stage::end);
        co_return outcome;
    }

    static void note_begin(Filter& filter, const MilterSession::Outcome& outcome) {
        using Call = MilterSession::Call;
        const auto call = filter.session.call();
        if (call == Call::answered) filter.rest.worked(Stage::greeting);
        if (call == Call::out_of_reach)
            filter.rest.failed(Rest::Failure::out_of_reach, outcome.error());
        else
            note(filter, outcome, call == Call::unanswered ? Stage::greeting : Stage::sender);
    }

    // A verdict that ends the message before its end is as good as one at the end.
    static void note(Filter& filter, const MilterSession::Outcome& outcome, Stage at) {
        if (outcome)
            filter.rest.worked(outcome->verdict.kind == Kind::proceed ? at : Stage::end);
        else
            filter.rest.failed(Rest::Failure::broken, outcome.error(), at);
    }

    // The refusal that follows from what a filter has said of a sender or a recipient.
    std::optional<smtp::Reply> judge(Filter& filter, const MilterSession::Outcome& outcome) {
        const auto& settings = filter.session.settings();
        if (!outcome) {
            log_.warning("filter away", {{"filter", settings.name}, {"id", id_}, {"why", outcome.error()}});
            filter.trouble = outcome.error();
            return refusal_without(settings.otherwise);
        }
        auto refusal = refusal_of(outcome->verdict);
        if (refusal)
            log_.info("filter refused",
                      {{"filter", settings.name}, {"id", id_}, {"reply", smtp::to_text(*refusal)}});
        return refusal;
    }

    net::Task<std::optional<std::string>> change(const milter::Answered& answered, const std::string& name,
                                                 LeadingSpace space, const smtp::Deliver& came,
                                                 Judgement& judgement) const {
        auto job = [&] { return carry_out(answered, name, space, came, judgement); };
        const bool is_change = !answered.changes.empty() || answered.body;
        const auto size = judgement.text(came).size() + (answered.body ? answered.body->size() : 0);
        if (!is_change || !is_long_edit(size, answered.changes.size())) co_return job();
        co_return *co_await net::on_worker(means_.workers, std::move(job), net::JobOf::something_begun);
    }

    net::Task<void> ask(Filter& filter, const smtp::Deliver& came, Judgement& judgement) {
        const auto& settings = filter.session.settings();
        const auto shown = fmt::format("The filter {}", settings.name);
        if (filter.trouble.empty()) {
            const HeaderEdit seen(judgement.fields, judgement.text(came));
            milter::Message text{.fields = {}, .body = seen.body()};
            for (const auto& field : seen.fields()) text.fields.push_back({field.name, field.value});
            const auto space =
                filter.session.keeps_leading_space() ? LeadingSpace::given : LeadingSpace::added;
            const auto outcome = co_await show(filter, std::move(text));
            if (!outcome)
                filter.trouble = outcome.error();
            else if (auto trouble = co_await change(*outcome, settings.name, space, came, judgement))
                filter.trouble = *std::move(trouble);
        }
        if (filter.trouble.empty()) co_return;
        log_.warning("filter away", {{"filter", settings.name}, {"id", id_}, {"why", filter.trouble}});
        do_without(settings.otherwise, code, shown, filter.trouble, judgement);
    }

    const Means& means_;
    const log::Log log_;
    const std::string id_;
    std::vector<Filter> filters_;
    int transactions_ = 0;
};

}  // namespace

std::optional<smtp::Reply> refusal_of(const milter::Verdict& verdict) {
    switch (verdict.kind) {
        case Kind::reject:
            return smtp::ground("milter").plain();
        case Kind::temporary:
        case Kind::connection_fails:
            return smtp::ground("milter-later").plain();
        case Kind::reply:
            break;
        default:
            return std::nullopt;
    }
    const auto& said = verdict.reply;
    smtp::Reply reply;
    // 421 announces that we close the connection (RFC 5321 §3.8), which no filter decides.
    constexpr int closing = 421, not_now = 451;
    reply.code = said.code == closing ? not_now : said.code;
    reply.status = said.status;
    const auto& ground = reply.is_refusal() ? smtp::ground("milter") : smtp::ground("milter-later");
    if (reply.status.empty()) reply.status = ground.status;
    reply.lines = said.lines;
    return ground.in_words_of(std::move(reply));
}

std::optional<std::string> carry_out(const milter::Answered& answered, std::string_view name,
                                     LeadingSpace space, const smtp::Deliver& came, Judgement& judgement) {
    if (!is_passing(answered.verdict)) return end(answered.verdict, name, judgement), std::nullopt;
    if (answered.changes.empty() && !answered.body) return std::nullopt;
    Changes changes(came, judgement, space);
    for (const auto& change : answered.changes)
        if (auto trouble = changes.make(change)) return trouble;
    auto words = changes.words();
    std::optional<std::string> body;
    if (answered.body) {
        body = message::with_crlf_only(*answered.body);
        words.emplace_back("changed the body");
    }
    auto edited = changes.edit().finish(body);
    judgement.fields = std::move(edited.before);
    if (edited.message) judgement.message = std::make_shared<const std::string>(*std::move(edited.message));
    if (auto envelope = changes.envelope()) judgement.envelope = std::move(envelope);
    const auto& quarantine = changes.quarantine();
    const bool leaves_nobody = judgement.envelope && judgement.envelope->recipients.empty();
    if (quarantine)
        words.push_back(fmt::format("put the message in quarantine: {}", on_one_line(*quarantine)));
    if (leaves_nobody) words.emplace_back("left no recipient");
    if (!words.empty()) tell(name, joined(words), judgement);
    if (quarantine) judgement.demand(Disposition::quarantine);
    if (leaves_nobody) judgement.demand(Disposition::discard);
    return std::nullopt;
}

Milters::Milters(config::Milters milters, Means means, std::chrono::milliseconds rest,
                 const std::function<Rest::Time()>& now)
    : means_(std::move(means)), milters_(std::move(milters)) {
    for (std::size_t i = 0; i < milters_.size(); ++i) rests_.push_back(std::make_unique<Rest>(rest, now));
}

std::unique_ptr<Visit> Milters::visit(const smtp::Client& /*client*/, const log::Log& log) {
    return std::make_unique<MilterVisit>(means_, milters_, rests_, log);
}

}  // namespace hongyan::spam
