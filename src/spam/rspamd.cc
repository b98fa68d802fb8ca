#include "spam/rspamd.h"

#include <algorithm>
#include <span>

#include "base/ascii.h"
#include "config/units.h"
#include "message/encoded_word.h"
#include "net/http_exchange.h"
#include "spam/header_edit.h"

namespace hongyan::spam {

namespace {

using Action = RspamdReply::Action;

constexpr std::string_view code = "rspamd";
constexpr std::size_t longest_answer = std::size_t{1} << 20U;  // bytes
constexpr std::size_t shown_symbols = 8;                       // in the finding

// field-name = 1*ftext   RFC 5322 §2.2
bool is_field_name(std::string_view name) {
    constexpr std::size_t longest = 100;  // a line must hold more (RFC 5322 §2.1.1)
    return !name.empty() && name.size() <= longest &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

std::optional<smtp::Path> path_of(std::string_view address) {
    const bool bare = !address.starts_with('<');
    auto path = message::parse_path(bare ? fmt::format("<{}>", address) : std::string(address));
    return path ? std::optional(*std::move(path)) : std::nullopt;
}

Disposition disposition_of(Action action, const config::Rspamd& settings) {
    const auto as_set = [](config::Treatment treatment) { return static_cast<Disposition>(treatment); };
    switch (action) {
        case Action::none:
            return Disposition::accept;
        case Action::greylist:
            return as_set(settings.greylist);
        case Action::add_header:
            return as_set(settings.add_header);
        case Action::rewrite_subject:
            return as_set(settings.rewrite_subject);
        case Action::soft_reject:
            return as_set(settings.soft_reject);
        case Action::reject:
            return as_set(settings.reject);
        case Action::discard:
            return Disposition::discard;
        case Action::quarantine:
            return Disposition::quarantine;
    }
    return Disposition::accept;
}

bool marks_spam(Action action) { return action == Action::add_header || action == Action::rewrite_subject; }

void remove(const RspamdReply::Removed& removed, HeaderEdit& edit) {
    if (removed.number == 0) return edit.remove_all(removed.name);
    const auto from_the_end = [&] {
        return static_cast<std::int64_t>(edit.count(removed.name)) + 1 + removed.number;
    };
    const auto number = removed.number < 0 ? from_the_end() : removed.number;
    if (number > 0) edit.remove(removed.name, static_cast<std::size_t>(number));
}

void change_header(const RspamdReply& said, HeaderEdit& edit) {
    for (const auto& removed : said.removed) remove(removed, edit);
    for (const auto& added : said.added) {
        if (!is_field_name(added.name)) continue;
        if (added.order)
            edit.insert(*added.order, added.name, added.value, LeadingSpace::added);
        else
            edit.add(added.name, added.value, LeadingSpace::added);
    }
    for (const auto& signature : said.signatures)
        edit.insert(1, "DKIM-Signature", signature, LeadingSpace::added);
    if (said.no_action)
        edit.insert(1, "X-Rspamd-Action", to_string(said.action), LeadingSpace::added);
    else if (marks_spam(said.action))
        edit.insert(1, is_field_name(said.spam_header) ? said.spam_header : "X-Spam", "Yes",
                    LeadingSpace::added);
    if (said.action == Action::rewrite_subject && !said.subject.empty() && !said.no_action)
        edit.change("Subject", 1, message::encode_header_text(said.subject), LeadingSpace::added);
}

std::string quoted(std::string_view words) { return fmt::format("\"{}\"", on_one_line(words)); }

// Makes changes of the envelope as far as they can be made.
class EnvelopeChanges {
public:
    explicit EnvelopeChanges(smtp::Envelope envelope) : envelope_(std::move(envelope)) {}

    // <postmaster> without a domain is a recipient only (RFC 5321 §4.1.1.3).
    void set_sender(const std::string& address) {
        const auto path = path_of(address);
        if (!path || path->is_postmaster) return pass_over("the sender", address);
        envelope_.sender = *path;
        is_changed_ = true;
    }
    void remove(const std::string& address) {
        const auto path = path_of(address);
        if (!path) return pass_over("not the recipient", address);
        const auto is_meant = [text = smtp::to_string(*path)](const auto& one) {
            return ascii::iequals(smtp::to_string(one.path), text);
        };
        is_changed_ |= std::erase_if(envelope_.recipients, is_meant) > 0;
    }
    void add(const std::string& address) {
        const auto path = path_of(address);
        if (!path || !path->address) return pass_over("the recipient", address);
        envelope_.recipients.push_back({.path = *path});
        is_changed_ = true;
    }

    bool is_changed() const { return is_changed_; }
    const smtp::Envelope& envelope() const { return envelope_; }
    // "the sender "x", the recipient "y""
    const std::string& passed_over() const { return passed_over_; }

private:
    void pass_over(std::string_view what, std::string_view address) {
        passed_over_ += fmt::format("{}{} {}", passed_over_.empty() ? "" : ", ", what, quoted(address));
    }

    smtp::Envelope envelope_;
    bool is_changed_ = false;
    std::string passed_over_;
};

// What is no address is passed over, and told.
void change_envelope(const RspamdReply& said, const smtp::Deliver& came, Judgement& judgement) {
    EnvelopeChanges changes(judgement.envelope.value_or(came.envelope));
    if (!said.sender.empty()) changes.set_sender(said.sender);
    for (const auto& address : said.remove_recipients) changes.remove(address);
    for (const auto& address : said.add_recipients) changes.add(address);
    if (const auto& words = changes.passed_over(); !words.empty())
        judgement.findings.push_back(
            {std::string(code), fmt::format("Rspamd wanted what cannot be: {}.", words)});
    if (!changes.is_changed()) return;
    judgement.envelope = changes.envelope();
    const bool nobody = judgement.envelope->recipients.empty();
    judgement.findings.push_back(
        {std::string(code), nobody ? "Rspamd left no recipient." : "Rspamd changed the envelope."});
    if (nobody) judgement.demand(Disposition::discard);
}

std::string sentence_about(const RspamdReply& said) {
    auto out = fmt::format("Rspamd said \"{}\" with a score of {:.2f} of {:.2f}", to_string(said.action),
                           said.score, said.required);
    std::string symbols;
    for (const auto& symbol : std::span(said.symbols).first(std::min(shown_symbols, said.symbols.size())))
        symbols +=
            fmt::format("{}{} {:.2f}", symbols.empty() ? "" : ", ", on_one_line(symbol.name), symbol.score);
    return out + (symbols.empty() ? "." : fmt::format(" ({}).", symbols));
}

// The words of Rspamd, as far as they are printable ASCII.
std::optional<smtp::Reply> reply_for(Disposition disposition, const RspamdReply& said) {
    if (disposition < Disposition::defer) return std::nullopt;
    const bool defers = disposition == Disposition::defer;
    std::string words;
    for (const char c : on_one_line(said.words)) words += c >= ' ' && c < '\x7f' ? c : '?';
    const auto& ground = defers ? smtp::ground("rspamd-later") : smtp::ground("rspamd");
    return words.empty() ? ground.plain()
                         : ground.in_words_of({ground.reply, ground.status, std::move(words)});
}

class RspamdVisit final : public Visit {
public:
    RspamdVisit(const config::Rspamd& settings, const Means& means, Rest& rest, const log::Log& log)
        : settings_(settings), means_(means), rest_(rest), log_(log), id_(new_session_id(means.random)) {}

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        if (settings_.shown == config::Shown::incoming && is_submission(came.client)) co_return;
        if (judgement.disposition >= Disposition::discard) co_return;
        if (judgement.text(came).size() + judgement.fields.size() > settings_.size)
            co_return tell_of_size(judgement);
        const auto said = co_await ask_unless_it_rests(came, judgement);
        if (said) co_return co_await change(*said, came, judgement);
        const auto& why = said.error().message;
        log_.warning("filter away", {{"filter", "rspamd"}, {"id", id_}, {"why", why}});
        do_without(settings_.otherwise, code, "Rspamd", why, judgement);
    }

private:
    net::Task<Result<RspamdReply>> ask_unless_it_rests(const smtp::Deliver& came,
                                                       const Judgement& judgement) {
        if (const auto why = rest_.reason()) co_return fail(Error::Kind::unavailable, "{}", *why);
        auto said = co_await ask(came, judgement);
        // What it says of one message it does not say of the next.
        if (is_answered_)
            rest_.worked();
        else
            rest_.failed(is_reached_ ? Rest::Failure::broken : Rest::Failure::out_of_reach,
                         said.error().message);
        co_return said;
    }

    net::Task<void> change(const RspamdReply& said, const smtp::Deliver& came, Judgement& judgement) const {
        auto job = [&] { carry_out(said, settings_, came, judgement); };
        if (!is_long_edit(judgement.text(came).size(), said.added.size() + said.removed.size()))
            co_return job();
        co_await net::on_worker(means_.workers, std::move(job), net::JobOf::something_begun);
    }

    net::Task<Result<RspamdReply>> ask(const smtp::Deliver& came, const Judgement& judgement) {
        const auto deadline = net::after(settings_.patience);
        is_answered_ = false;
        auto stream = co_await reach(means_, *settings_.address, settings_.patience);
        is_reached_ = stream.has_value();
        if (!stream) co_return std::unexpected(std::move(stream).error());
        auto request = request_for(came, judgement);
        request.body = {judgement.fields, judgement.text(came)};
        const auto answer = co_await net::exchange(**stream, request, deadline);
        is_answered_ = answer.has_value();
        if (!answer) co_return fail(Error::Kind::unavailable, "{}", answer.error().text);
        constexpr unsigned ok = 200;
        if (answer->status != ok)
            co_return fail(Error::Kind::unavailable, "it answered with status {}", answer->status);
        co_return parse_rspamd_reply(answer->body);
    }

    net::HttpRequest request_for(const smtp::Deliver& came, const Judgement& judgement) {
        const auto& client = came.client;
        const auto& envelope = judgement.envelope ? *judgement.envelope : came.envelope;
        const auto tls = tls_words(client);
        net::HttpRequest request{
            .method = "POST", .target = "/checkv2", .host = "rspamd", .most = longest_answer};
        const auto say = [&](std::string_view name, const std::string& value) {
            if (!value.empty()) request.fields.emplace_back(name, value);
        };
        say("IP", client.address);
        say("Helo", client.said_name);
        say("From", in_brackets(envelope.sender));
        for (const auto& recipient : envelope.recipients) say("Rcpt", in_brackets(recipient.path));
        if (envelope.recipients.size() == 1)
            say("Deliver-To", smtp::to_string(envelope.recipients.front().path));
        say("User", client.account);
        say("Queue-Id", fmt::format("{}-{}", id_, ++messages_));
        say("TLS-Version", tls.version);
        say("TLS-Cipher", tls.cipher);
        say("MTA-Name", means_.hostname);
        return request;
    }

    void tell_of_size(Judgement& judgement) const {
        judgement.findings.push_back(
            {std::string(code), fmt::format("Rspamd was not asked: the message is larger than {}.",
                                            config::bytes_to_string(settings_.size))});
    }

    const config::Rspamd& settings_;
    const Means& means_;
    Rest& rest_;
    const log::Log log_;
    const std::string id_;
    bool is_reached_ = false;
    bool is_answered_ = false;
    int messages_ = 0;
};

}  // namespace

void carry_out(const RspamdReply& said, const config::Rspamd& settings, const smtp::Deliver& came,
               Judgement& judgement) {
    // It skips its other checks also where one thing alone, as GTUBE, has decided.
    if (said.is_skipped && said.action == Action::none) {
        judgement.findings.push_back({std::string(code), "Rspamd passed the message over."});
        return;
    }
    judgement.findings.push_back({std::string(code), sentence_about(said)});
    const auto disposition = said.no_action ? Disposition::accept : disposition_of(said.action, settings);
    judgement.demand(disposition, reply_for(disposition, said));
    if (disposition >= Disposition::discard) return;
    HeaderEdit edit(judgement.fields, judgement.text(came), headers_of(came));
    change_header(said, edit);
    auto edited = edit.finish(std::nullopt);
    judgement.fields = std::move(edited.before);
    if (edited.message) judgement.message = std::make_shared<const std::string>(*std::move(edited.message));
    change_envelope(said, came, judgement);
}

std::unique_ptr<Visit> Rspamd::visit(const smtp::Client& /*client*/, const log::Log& log) {
    return std::make_unique<RspamdVisit>(settings_, means_, rest_, log);
}

}  // namespace hongyan::spam
