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
constexpr std::size_t most_addresses = 8;  // of all hosts together, for one connection

// Of several hosts the one that may serve later decides: who may come back is not lost because another has
// refused for ever.
bool is_better(const Outcome& one, const Outcome& other) {
    return one.fate == smtp_client::Fate::failed && other.fate != smtp_client::Fate::failed;
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
    if (served || office_.is_closing()) co_return;
    destination_->pace.failed();
    const bool is_alone = destination_->couriers == 1;
    if (!trouble_) failed_at(smtp_client::refused(Stage::connection, "4.4.1", "no host could be reached"));
    if (is_alone) office_.close_down(*destination_, *trouble_, trouble_at_);
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
        if (stop) co_return co_await visit_host(*stop);
        pass_by(name, stop.error());
        co_return false;
    }
    const auto way = co_await find_way(office_.guides(), office_.settings(), name, destination_->wish);
    if (way) co_return co_await visit_hosts_of(*way);
    failed_at(way.error());
    co_return false;
}

net::Task<bool> Courier::visit_hosts_of(const Way& way) {
    std::size_t addresses = 0;
    for (const auto& host : way.hosts.hosts) {
        const auto patience = net::after(office_.settings().dns_patience);
        began_ = std::chrono::steady_clock::now();
        const auto stop = co_await find_stop(office_.guides(), office_.settings(), way, host.name, patience);
        if (!stop) {
            pass_by(host.name.text(), stop.error());
            continue;
        }
        if (co_await visit_host(*stop)) co_return true;
        addresses += stop->addresses.size();
        if (addresses >= most_addresses || office_.is_closing()) break;
    }
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
    const Guides led{guides.resolver, hop.port == office_.settings().port ? guides.ourselves : nobody,
                     guides.random, guides.sts};
    const auto patience = office_.settings().dns_patience;
    const auto hosts = co_await find_hop_hosts(led, hop, net::after(patience));
    if (!hosts) {
        failed_at(hosts.error());
        co_return false;
    }
    std::size_t addresses = 0;
    for (const auto& host : *hosts) {
        where_ = {.host = host, .policy = "route"};
        const auto stop = co_await find_hop_stop(led, hop, host, net::after(patience));
        if (!stop) {
            failed_at(stop.error());
            continue;
        }
        if (co_await visit_host(*stop)) co_return true;
        addresses += stop->addresses.size();
        if (addresses >= most_addresses || office_.is_closing()) break;
    }
    co_return false;
}

// Whom TLS has failed with is visited again without it, unless somebody demands it (RFC 7435 §3): a broken
// offer of TLS must not keep mail that would go in plain text to who offers none.
net::Task<bool> Courier::visit_host(const Stop& stop) {
    for (const auto& address : stop.addresses) {
        const auto port = stop.port != 0 ? stop.port : office_.settings().port;
        const auto endpoint = net::Endpoint::at(address, port);
        auto result = co_await visit(stop, endpoint, stop.starttls);
        if (result == Visit::tls_failed && stop.starttls != StartTls::required)
            result = co_await visit(stop, endpoint, StartTls::never);
        if (result == Visit::served) co_return true;
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
            if (session.takes_message() && carried_ > 0 && offer(session)) continue;
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
            else if (!offer(session))
                co_await wait_for_more(stream, session);
        } else {
            co_await stream.close(net::after(goodbye_patience));
            break;
        }
    }
    if (served_ && session.problem()) destination_->pace.failed();
    if (served_) co_return Visit::served;
    if (session.problem()) explain_problem(stop, *session.problem());
    if (tls_failure_) co_return Visit::tls_failed;
    // Nobody had anything for it any more: that is no failure of the host.
    co_return session.problem() || was_refused_ ? Visit::failed : Visit::served;
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
    security.is_authenticated = secured->verified;
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
    const auto& settings = office_.settings();
    if (carried_ >= settings.messages_per_connection || office_.is_closing()) {
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

// Gives the session a message, if there is one for it.
bool Courier::offer(Session& session) {
    const auto& settings = office_.settings();
    if (office_.is_closing() || carried_ >= settings.messages_per_connection) return false;
    auto load = office_.next(*destination_);
    if (!load) return false;
    if (on_the_way_.empty()) began_ = std::chrono::steady_clock::now();
    auto outgoing = outgoing_of(*load, office_.world().clock.now());
    if (!outgoing) {
        const auto broken = smtp_client::refused(Stage::offer, "4.3.0", outgoing.error().message);
        const auto count = load->entry.recipients.size();
        office_.settle(*std::move(load), std::vector<Outcome>(count, broken), where_);
        return true;
    }
    if (const auto complaint = complaint_about(*outgoing)) {
        const auto no = smtp_client::refused(Stage::offer, "5.7.1", *complaint);
        const auto count = load->entry.recipients.size();
        office_.settle(*std::move(load), std::vector<Outcome>(count, no), where_);
        return true;
    }
    served_ = true;
    ++carried_;
    on_the_way_.push_back(*std::move(load));
    session.send(*std::move(outgoing));
    return true;
}

void Courier::take(const smtp_client::Report& report) {
    auto load = std::move(on_the_way_.front());
    on_the_way_.pop_front();
    auto where = where_;
    const auto now = std::chrono::steady_clock::now();
    where.duration = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
    began_ = now;
    if (report.has_success()) destination_->pace.succeeded();
    auto outcomes = report.outcomes;
    for (auto& outcome : outcomes) outcome = explained(std::move(outcome));
    office_.settle(std::move(load), std::move(outcomes), where);
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
