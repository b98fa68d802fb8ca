#include "outbound/courier.h"

#include "net/connector.h"
#include "outbound/explain.h"
#include "outbound/secret.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Outcome;
using smtp_client::Session;
using smtp_client::Stage;
using smtp_client::StartTls;
using tls_policy::SenderWish;
using tls_policy::TlsResult;

constexpr std::chrono::milliseconds handshake_patience = std::chrono::minutes(1);
constexpr std::chrono::milliseconds goodbye_patience = std::chrono::seconds(1);
// In how many sessions a message is offered in one attempt.
constexpr std::size_t most_sessions = 3;

// Of several hosts the one that may serve later decides: who may come back is not lost because another has
// refused for ever. And who has said something tells more than who could not be called.
bool is_better(const Outcome& one, const Outcome& other) {
    const bool may_serve = other.fate != smtp_client::Fate::failed;
    if (one.fate == smtp_client::Fate::failed) return may_serve;
    return may_serve && one.reply.code == 0 && other.reply.code != 0;
}

// In the words of reports (RFC 8460 §4.3).
TlsResult result_of(net::CertificateProblem problem) {
    switch (problem) {
        case net::CertificateProblem::host_mismatch:
            return TlsResult::certificate_host_mismatch;
        case net::CertificateProblem::expired:
            return TlsResult::certificate_expired;
        case net::CertificateProblem::not_trusted:
            return TlsResult::certificate_not_trusted;
        case net::CertificateProblem::no_tlsa_match:
        case net::CertificateProblem::none:
            break;
    }
    return TlsResult::validation_failure;
}

// A host that refuses us before it has heard of any message says nothing about the message. Often that is a
// mistake that somebody mends within the lifetime of a message (a list of senders, a proxy without its
// server).
bool is_about_us(const Outcome& why) {
    return why.fate == smtp_client::Fate::failed &&
           (why.stage == Stage::greeting || why.stage == Stage::hello);
}

Outcome put_off(Outcome why) {
    why.fate = smtp_client::Fate::deferred;
    if (why.status.starts_with('5')) why.status.front() = '4';
    return why;
}

// What those are told for whose messages nobody calls. The words of the host may name others' addresses.
Outcome put_off_by(const std::string& host, const Outcome& last) {
    const auto said =
        last.reply.code == 0 ? last.reason : fmt::format("{} at {}", last.reply.code, to_string(last.stage));
    return smtp_client::refused(
        Stage::connection, "4.3.2",
        fmt::format("{} puts off every message ({}); nobody called for this one", host, said));
}

std::uint16_t port_of(const Stop& stop, const Settings& settings) {
    return stop.port != 0 ? stop.port : settings.port;
}

// Who sends a byte now and then does not get more time for his reply.
net::Deadline deadline_of(const session::Read& read, net::Deadline answered) {
    return read.since == session::Since::last_answer ? answered + read.patience : net::after(read.patience);
}

std::optional<dns::IpAddress> literal_of(const std::string& destination) {
    return dns::IpAddress::parse_literal(destination);
}

}  // namespace

net::Task<> Courier::run() {
    const bool served = co_await visit_hosts();
    settle_unserved();
    if (served || was_heard_ || office_.is_closing()) co_return;
    destination_->bearing->pace.failed();
    const bool is_alone = destination_->couriers == 1;
    if (!trouble_) failed_at(smtp_client::refused(Stage::connection, "4.4.1", "no host could be reached"));
    if (is_alone)
        office_.close_down(destination_, *trouble_, trouble_at_, office_.settings().destination_rests);
}

std::vector<Load> Courier::take_unfinished() {
    std::vector<Load> loads;
    for (auto* const errands : {&on_the_way_, &unserved_})
        for (auto& errand : std::exchange(*errands, {})) loads.push_back(std::move(errand.load));
    return loads;
}

net::Task<bool> Courier::visit_hosts() {
    began_ = std::chrono::steady_clock::now();
    if (destination_->hop) co_return co_await visit_hop(*destination_->hop);
    const auto name = destination_->name;
    if (const auto address = literal_of(name)) {
        const auto& ours = office_.guides().ourselves.addresses;
        if (std::ranges::find(ours, *address) != ours.end()) {
            failed_at(smtp_client::refused(Stage::connection, "5.4.6", "that address is our own"));
            co_return false;
        }
        const auto stop = stop_at(office_.settings(), name, *address, destination_->wish);
        Itinerary itinerary(1, std::chrono::steady_clock::now());
        if (stop) co_return co_await visit_host(*stop, itinerary, true);
        pass_by(name, stop.error());
        co_return false;
    }
    const auto way = co_await find_way(office_.guides(), office_.settings(), name, destination_->wish);
    if (way) co_return co_await visit_hosts_of(*way);
    failed_at(way.error());
    co_return false;
}

net::Task<bool> Courier::visit_hosts_of(const Way& way) {
    std::vector<std::string> names;
    for (const auto& host : way.hosts.hosts) names.push_back(host.name.text());
    Finder find = [this, &way](std::size_t number) {
        const auto patience = net::after(office_.settings().dns_patience);
        return find_stop(office_.guides(), office_.settings(), way, way.hosts.hosts[number].name, patience);
    };
    co_return co_await visit_each(std::move(names), std::move(find));
}

// RFC 5321 §5.1: in the order of preference, until somebody takes what there is.
net::Task<bool> Courier::visit_each(std::vector<std::string> hosts, Finder find) {
    Itinerary itinerary(hosts.size(), std::chrono::steady_clock::now());
    std::vector<Stop> later;
    std::vector<Stop> last;
    for (std::size_t i = 0; i < hosts.size() && itinerary.may_call(std::chrono::steady_clock::now()); ++i) {
        began_ = std::chrono::steady_clock::now();
        auto stop = co_await find(i);
        if (office_.is_closing()) co_return false;
        if (!stop) {
            pass_by(hosts[i], stop.error());
            continue;
        }
        const auto port = port_of(*stop, office_.settings());
        const auto rests = [this, port](const dns::IpAddress& address) {
            return office_.rests().rests(net::Endpoint::at(address, port).to_string(),
                                         std::chrono::steady_clock::now());
        };
        auto [now, rest, resting] = itinerary.divide(stop->addresses, rests);
        const auto put_by = [&stop](std::vector<Stop>& stops, std::vector<dns::IpAddress> addresses) {
            if (addresses.empty()) return;
            stops.push_back(*stop);
            stops.back().addresses = std::move(addresses);
        };
        put_by(later, std::move(rest));
        put_by(last, std::move(resting));
        stop->addresses = std::move(now);
        const bool is_last = i + 1 == hosts.size() && later.empty() && last.empty();
        if (co_await visit_host(*stop, itinerary, is_last)) co_return true;
    }
    const bool are_last = last.empty();
    if (co_await visit_all(std::move(later), itinerary, are_last)) co_return true;
    co_return co_await visit_all(std::move(last), itinerary, true);
}

net::Task<bool> Courier::visit_all(std::vector<Stop> stops, Itinerary& itinerary, bool are_last) {
    for (const auto& stop : stops)
        if (co_await visit_host(stop, itinerary, are_last && &stop == &stops.back())) co_return true;
    co_return false;
}

void Courier::pass_by(const std::string& host, const Detour& detour) {
    where_ = {.host = host, .policy = detour.policy};
    is_counted_ = false;
    source_.clear();
    receiver_.clear();
    failed_at(detour.why);
    if (detour.result != TlsResult::success)
        count(detour.reported, {.result = detour.result, .mx_host = host, .reason = detour.why.reason});
}

net::Task<bool> Courier::visit_hop(const config::NextHop& hop) {
    where_ = {.host = hop.socket.empty() ? hop.host : hop.socket, .policy = "route"};
    if (!hop.user.empty()) {
        auto credentials = credentials_for(hop, office_.settings().secrets);
        if (!credentials) {
            failed_at(smtp_client::refused(Stage::authentication, "4.7.0", credentials.error().message));
            co_return false;
        }
        credentials_ = *std::move(credentials);
    }
    if (hop.socket.empty()) co_return co_await visit_hop_hosts(hop);
    const auto endpoint = net::Endpoint::parse("unix:" + hop.socket);
    if (!endpoint) {
        failed_at(smtp_client::refused(Stage::connection, "4.4.4", endpoint.error().message));
        co_return false;
    }
    const auto stop = stop_of(hop, hop.socket);
    const auto result = co_await visit(stop, *endpoint, smtp_client::StartTls::never);
    co_return result == Visit::served;
}

net::Task<bool> Courier::visit_hop_hosts(const config::NextHop& hop) {
    // Where a route leads somebody wanted, so it may lead to another port of this machine.
    static const net::Ourselves nobody;
    auto guides = office_.guides();
    const auto& settings = office_.settings();
    const bool may_be_us = hop.port == settings.port && settings.receives_on_port;
    const Guides led{guides.resolver, may_be_us ? guides.ourselves : nobody, guides.random, guides.sts};
    const auto patience = office_.settings().dns_patience;
    const auto hosts = co_await find_hop_hosts(led, hop, net::after(patience));
    if (!hosts) {
        failed_at(hosts.error());
        co_return false;
    }
    hop_is_sure_ = hosts->secure;
    Finder find = [led, &hop, &hosts, patience](std::size_t number) {
        return find_hop_stop(led, hop, hosts->names[number], net::after(patience));
    };
    co_return co_await visit_each(hosts->names, std::move(find));
}

// Whom TLS has failed with is visited again without it, unless somebody demands it (RFC 7435 §3): a broken
// offer of TLS must not keep mail that would go in plain text to who offers none.
net::Task<bool> Courier::visit_host(const Stop& stop, Itinerary& itinerary, bool is_last) {
    for (std::size_t i = 0; i < stop.addresses.size(); ++i) {
        if (!itinerary.may_call(std::chrono::steady_clock::now())) break;
        itinerary.called();
        const bool is_last_address = is_last && i + 1 == stop.addresses.size();
        has_others_ = !is_last_address && itinerary.may_call(std::chrono::steady_clock::now());
        const auto endpoint = net::Endpoint::at(stop.addresses[i], port_of(stop, office_.settings()));
        auto result = co_await visit(stop, endpoint, stop.starttls);
        if (result == Visit::tls_failed && stop.starttls != StartTls::required)
            result = co_await visit(stop, endpoint, StartTls::never);
        if (result == Visit::served) co_return true;
        if (has_answered_) itinerary.served(std::chrono::steady_clock::now());
        if (office_.is_closing()) break;
    }
    co_return false;
}

net::Task<Courier::Visit> Courier::visit(const Stop& stop, const net::Endpoint& endpoint, StartTls starttls) {
    const auto& settings = office_.settings();
    began_ = std::chrono::steady_clock::now();
    is_counted_ = starttls == StartTls::never || destination_->hop.has_value();
    receiver_ = endpoint.is_unix() ? std::string() : endpoint.address();
    was_refused_ = false;
    where_ = {.host = stop.name, .address = endpoint.to_string(), .policy = stop.policy};
    smtp_client::Settings how;
    how.hostname = settings.hostname;
    how.service = stop.service;
    how.starttls = starttls;
    how.credentials = credentials_;
    how.peer_name = stop.name;
    auto connected = co_await net::connect(endpoint, settings.sources, net::after(settings.connect_patience));
    if (!connected) {
        const auto now = std::chrono::steady_clock::now();
        office_.rests().failed(where_.address, now + settings.destination_rests, now);
        failed_at(smtp_client::refused(Stage::connection, "4.4.1", connected.error().message));
        co_return Visit::failed;
    }
    source_ = connected->local.address();
    smtp_client::Security security;
    if (stop.tls_from_the_first_byte) {
        auto secured = co_await secure(*connected->stream, stop);
        if (!secured) {
            failed_at(smtp_client::refused(Stage::tls, "4.7.5", secured.error()));
            co_return Visit::failed;
        }
        security = *std::move(secured);
    }
    Session session(std::make_shared<const smtp_client::Settings>(std::move(how)), std::move(security),
                    office_.guides().random);
    co_return co_await talk(*connected->stream, stop, session);
}

net::Task<Courier::Visit> Courier::talk(net::Stream& stream, const Stop& stop, Session& session) {
    carried_ = 0;
    served_ = false;
    leaves_something_ = false;
    has_answered_ = false;
    tls_failure_.reset();
    auto answered = std::chrono::steady_clock::now();
    for (;;) {
        if (office_.is_closing()) session.quit();
        auto action = session.next();
        if (const auto* const write = std::get_if<session::Write>(&action)) {
            const smtp_client::TimeOuts patience;
            const auto written = co_await stream.write(write->bytes, net::after(patience.data_block));
            if (!written) {
                co_await read(stream, session, net::after(std::chrono::milliseconds(0)));
                session.lost(written.error().message);
            }
            answered = std::chrono::steady_clock::now();
        } else if (const auto* const wanted = std::get_if<session::Read>(&action)) {
            // Who is asked for a sign of life gets one message after the other.
            const bool may_overlap = carried_ > 0 && !destination_->back_off.is_probing();
            if (session.takes_message() && may_overlap && co_await offer(session)) continue;
            co_await read(stream, session, deadline_of(*wanted, answered));
        } else if (std::holds_alternative<session::StartTls>(action)) {
            auto secured = co_await secure(stream, stop);
            answered = std::chrono::steady_clock::now();
            if (secured)
                session.secured(*std::move(secured));
            else
                session.lost(secured.error());
        } else if (const auto* const report = std::get_if<smtp_client::Report>(&action)) {
            take(*report);
        } else if (std::holds_alternative<smtp_client::Ready>(action)) {
            if (!session.security().tls.is_encrypted()) count_plain(stop);
            if (refuses_wish(stop, session))
                session.quit();
            else if (leaves_something_)
                session.quit();
            else if (!co_await offer(session))
                co_await wait_for_more(stream, session);
        } else {
            co_await stream.close(net::after(goodbye_patience));
            break;
        }
    }
    if (served_ && session.problem()) destination_->bearing->pace.failed();
    remember(session);
    if (leaves_something_) co_return Visit::failed;
    if (served_) co_return Visit::served;
    if (session.problem()) explain_problem(stop, *session.problem());
    if (tls_failure_) co_return Visit::tls_failed;
    // Nobody had anything for it any more: that is no failure of the host.
    co_return session.problem() || was_refused_ ? Visit::failed : Visit::served;
}

// Who has nothing to say but that he will not, or not now, is called last for a while.
void Courier::remember(const Session& session) {
    if (has_answered_) return office_.rests().served(where_.address);
    if (!session.problem() && !leaves_something_) return;
    const auto now = std::chrono::steady_clock::now();
    office_.rests().failed(where_.address, now + office_.settings().destination_rests, now);
}

// What the history is to tell of a host that was not used.
void Courier::explain_problem(const Stop& stop, const smtp_client::Problem& problem) {
    const bool is_about_tls = problem.stage == Stage::tls;
    if (is_about_tls && !tls_failure_) count_plain(stop);
    const bool by_certificate = tls_failure_ && tls_failure_->kind == net::TlsFailure::Kind::certificate;
    const bool is_refused = by_certificate || (is_about_tls && !tls_failure_);
    if (stop.why.empty() || !is_refused) return failed_at(explained(problem.outcome));
    const auto& text = tls_failure_ ? tls_failure_->text : to_text(problem.outcome);
    // RFC 8689 §4.2.1: such a message goes back, if no other host will do.
    const auto* const status = stop.requiretls ? "5.7.10" : by_certificate ? "4.7.5" : "4.7.10";
    failed_at(smtp_client::refused(Stage::tls, status, fmt::format("{} ({})", text, stop.why)));
}

// RFC 8689 §4.2.1, step 5: the next host may do what this one does not.
bool Courier::refuses_wish(const Stop& stop, const Session& session) {
    if (!stop.requiretls || session.capabilities().require_tls) return false;
    was_refused_ = true;
    failed_at(smtp_client::refused(Stage::offer, "5.7.30",
                                   "the message demands REQUIRETLS, which the server does not offer"));
    return true;
}

net::Task<std::expected<smtp_client::Security, std::string>> Courier::secure(net::Stream& stream,
                                                                             const Stop& stop) {
    const auto secured =
        co_await stream.secure_outward(office_.tls(), stop.demand, net::after(handshake_patience));
    count_tls(stop, secured);
    if (!secured) {
        tls_failure_ = secured.error();
        co_return std::unexpected(secured.error().text);
    }
    where_.tls = fmt::format("{} {}", secured->version, secured->cipher);
    smtp_client::Security security;
    security.tls.description = where_.tls;
    security.tls.circumstances.encrypted = true;
    auto exporter = stream.tls_facts().exporter;
    if (!exporter.empty())
        security.tls.circumstances.bindings.push_back({"tls-exporter", std::move(exporter)});
    security.is_authenticated = secured->verified && (destination_->hop ? hop_is_sure_ : stop.name_is_sure);
    co_return security;
}

// A certificate that nobody demanded counts only where a policy would like to (RFC 8461 §5).
void Courier::count_tls(const Stop& stop, const std::expected<net::OutwardTls, net::TlsFailure>& secured) {
    if (!secured) {
        if (secured.error().kind == net::TlsFailure::Kind::network) return;
        return count(stop.reported,
                     {.result = result_of(secured.error().problem), .reason = secured.error().text});
    }
    if (!stop.sts_testing) return count(stop.reported, {});
    if (stop.sts_testing_mismatch)
        return count(stop.reported,
                     {.result = TlsResult::validation_failure, .reason = "the host is none of the policy's"});
    if (secured->problem == net::CertificateProblem::none) return count(stop.reported, {});
    count(stop.reported, {.result = result_of(secured->problem), .reason = secured->explanation});
}

void Courier::count_plain(const Stop& stop) {
    count(stop.reported, {.result = TlsResult::starttls_not_supported});
}

// Each session once. Those that need no TLS are not told of, reports among them (RFC 8460 §3).
void Courier::count(const tls_policy::ReportedPolicy& policy, const tls_policy::TlsTrouble& trouble) {
    if (std::exchange(is_counted_, true) || destination_->wish == SenderWish::optional) return;
    auto& counts = office_.counts();
    if (trouble.result == TlsResult::success) return counts.add_success(destination_->name, policy);
    auto told = trouble;
    told.mx_host = where_.host;
    told.sending_address = source_;
    told.receiving_address = receiver_;
    counts.add(destination_->name, policy, told);
}

net::Task<> Courier::read(net::Stream& stream, Session& session, net::Deadline deadline) {
    using Kind = net::Incoming::Kind;
    const auto incoming = co_await stream.read(deadline);
    if (incoming.kind == Kind::bytes) session.receive(incoming.bytes);
    if (incoming.kind == Kind::timed_out) session.timed_out();
    if (incoming.kind == Kind::closed) session.lost("the connection was closed");
    if (incoming.kind == Kind::failed) session.lost("the connection was broken");
}

// Somebody's next message may come in a moment, and a connection costs more than waiting for it.
net::Task<> Courier::wait_for_more(net::Stream& stream, Session& session) {
    if (!may_offer()) {
        session.quit();
        co_return;
    }
    destination_->idle.insert(&stream);
    const auto incoming = co_await stream.read(net::after(idle_patience()));
    destination_->idle.erase(&stream);
    using Kind = net::Incoming::Kind;
    if (incoming.kind == Kind::bytes) session.receive(incoming.bytes);
    if (incoming.kind == Kind::timed_out) session.quit();
    if (incoming.kind == Kind::closed || incoming.kind == Kind::failed)
        session.lost("the connection was closed");
}

bool Courier::may_offer() const {
    const bool is_full = carried_ >= office_.settings().messages_per_connection;
    return !office_.is_closing() && !is_full && !leaves_something_ && !destination_->must_yield() &&
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
    auto outgoing = outgoing_of(errand->load, office_.world().clock.now());
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

// Who may send more in a moment keeps his connection till then.
std::chrono::milliseconds Courier::idle_patience() const {
    const auto idle = office_.settings().idle;
    if (destination_->parcels.empty()) return idle;
    const auto wait = destination_->meter.next() - std::chrono::steady_clock::now();
    return idle + std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(wait));
}

void Courier::failed_at(const Outcome& said) {
    const auto why = is_about_us(said) ? put_off(said) : said;
    where_.duration =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
    if (trouble_ && !is_better(*trouble_, why)) return;
    trouble_ = why;
    trouble_at_ = where_;
}

}  // namespace hongyan::outbound
