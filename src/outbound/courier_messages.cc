// The courier's part for messages: what it has in its hands, and what becomes of that.
#include "outbound/courier.h"
#include "outbound/explain.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Outcome;
using smtp_client::Session;
using smtp_client::Stage;

// In how many sessions a message is offered in one attempt.
constexpr std::size_t most_sessions = 3;

// Messages over a connection for which others wait. Who made room for them before he has sent one would be
// called by turns with them, and nobody would send any.
constexpr std::size_t share_of_turn = 10;

// What those are told for whose messages nobody calls. The words of the host may name others' addresses.
Outcome put_off_by(const std::string& host, const Outcome& last) {
    const auto said =
        last.reply.code == 0 ? last.reason : fmt::format("{} at {}", last.reply.code, to_string(last.stage));
    return smtp_client::refused(
        Stage::connection, "4.3.2",
        fmt::format("{} puts off every message ({}); nobody called for this one", host, said));
}

}  // namespace

bool Courier::may_offer() const {
    const bool is_full = carried_ >= office_.settings().messages_per_connection;
    const bool has_had_his_share = carried_ >= share_of_turn && destination_->must_yield();
    return !office_.is_closing() && !is_full && !leaves_something_ && !has_had_his_share &&
           !destination_->is_resting();
}

// What another host would not have comes first.
net::Task<std::optional<Courier::Errand>> Courier::next_errand() {
    if (!unserved_.empty()) {
        auto errand = std::move(unserved_.front());
        unserved_.pop_front();
        co_return errand;
    }
    if (!may_offer()) co_return std::nullopt;
    auto load = co_await office_.next(*destination_);
    if (!load) co_return std::nullopt;
    co_return Errand{.load = *std::move(load)};
}

void Courier::refuse(Errand errand, const Outcome& why) {
    const auto count = errand.load.entry.recipients.size();
    office_.settle(std::move(errand.load), std::vector<Outcome>(count, why), where_);
}

// Gives the session a message, if there is one for it.
net::Task<bool> Courier::offer(Session& session) {
    if (office_.is_closing() || leaves_something_) co_return false;
    auto errand = co_await next_errand();
    if (!errand) co_return false;
    where_.keeps_deadlines = session.capabilities().deliver_by.has_value();
    if (on_the_way_.empty()) began_ = std::chrono::steady_clock::now();
    const auto now = office_.world().clock.now();
    auto outgoing = outgoing_of(errand->load, now);
    if (outgoing && !where_.keeps_deadlines) ask_for_delays(errand->load.entry, now, *outgoing);
    if (!outgoing) {
        refuse(*std::move(errand), smtp_client::refused(Stage::offer, "4.3.0", outgoing.error().message));
        co_return true;
    }
    if (const auto complaint = complaint_about(*outgoing)) {
        refuse(*std::move(errand), smtp_client::refused(Stage::offer, "5.7.1", *complaint));
        co_return true;
    }
    served_ = true;
    was_heard_ = true;
    ++carried_;
    ++errand->sessions;
    on_the_way_.push_back(*std::move(errand));
    session.send(*std::move(outgoing));
    co_return true;
}

void Courier::take(const smtp_client::Report& report) {
    auto errand = std::move(on_the_way_.front());
    on_the_way_.pop_front();
    auto where = where_;
    const auto now = std::chrono::steady_clock::now();
    where.duration = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
    began_ = now;
    auto outcomes = report.outcomes;
    for (auto& outcome : outcomes) outcome = explained(std::move(outcome));
    const bool may_go_on = has_others_ && errand.sessions < most_sessions && !office_.is_closing();
    if (may_go_on && std::ranges::any_of(outcomes, is_about_host))
        return keep_for_next_host(std::move(errand), std::move(outcomes), where);
    heed(outcomes, where);
    office_.settle(std::move(errand.load), std::move(outcomes), where);
}

// Of each recipient for itself: what was decided is settled, with the others the courier goes on.
void Courier::keep_for_next_host(Errand errand, std::vector<Outcome> outcomes, const Circumstances& where) {
    leaves_something_ = true;
    std::vector<std::size_t> going;
    std::vector<Outcome> said;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (!is_about_host(outcomes[i])) continue;
        going.push_back(i);
        said.push_back(outcomes[i]);
    }
    office_.world()
        .log.for_message(to_string(errand.load.parcel.id))
        .info("host passed over",
              {{"host", where.host}, {"address", where.address}, {"why", to_text(said.front())}});
    Errand left{.load = take_out(errand.load, going),
                .sessions = errand.sessions,
                .said = std::move(said),
                .where = where};
    unserved_.push_back(std::move(left));
    std::erase_if(outcomes, is_about_host);
    if (outcomes.empty()) return;
    heed(outcomes, where);
    office_.settle(std::move(errand.load), std::move(outcomes), where);
}

// No other host was left, or none could be reached.
void Courier::settle_unserved() {
    for (auto& errand : std::exchange(unserved_, {})) {
        heed(errand.said, errand.where);
        office_.settle(std::move(errand.load), std::move(errand.said), errand.where);
    }
}

// What a message's outcomes tell of the destination.
void Courier::heed(const std::vector<Outcome>& outcomes, const Circumstances& where) {
    const auto is_decided = [](const Outcome& outcome) {
        return outcome.fate != smtp_client::Fate::deferred;
    };
    has_answered_ |= std::ranges::any_of(outcomes, is_decided);
    auto& pace = destination_->bearing->pace;
    if (std::ranges::any_of(outcomes, &Outcome::is_success))
        pace.succeeded();
    else if (std::ranges::none_of(outcomes, is_decided))
        pace.put_off();
    if (destination_->is_resting()) return;  // what was under way when it began
    auto& back_off = destination_->back_off;
    back_off.heard(outcomes);
    if (!back_off.is_spent()) return;
    const auto rest = back_off.rest(office_.settings().destination_rests);
    destination_->remembered = net::after(rest + BackOff::longest);
    office_.close_down(destination_, put_off_by(where.host, outcomes.front()), where, rest);
}

std::optional<std::string> Courier::complaint_about(const smtp_client::Outgoing& outgoing) const {
    const auto& hop = destination_->hop;
    if (!hop || hop->provider == nullptr) return std::nullopt;
    return complaint_about_sender(*hop->provider, hop->user, outgoing);
}

// What the next hop has said, with what is to be done about it. Until there is a message it speaks of the
// route and not of the message, which is not to be lost for a mistake in the settings.
Outcome Courier::explained(Outcome outcome) const {
    const auto& hop = destination_->hop;
    if (!hop || outcome.is_success()) return outcome;
    if (outcome.reply.code != 0 && outcome.reason.empty()) outcome.reason = explain(*hop, outcome);
    return outcome.stage < Stage::offer ? smtp_client::deferred(std::move(outcome)) : outcome;
}

}  // namespace hongyan::outbound
