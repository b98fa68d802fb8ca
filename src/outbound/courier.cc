#include "outbound/courier.h"

#include "net/connector.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Outcome;
using smtp_client::Session;
using smtp_client::Stage;

constexpr std::chrono::milliseconds handshake_patience = std::chrono::minutes(1);
constexpr std::chrono::milliseconds goodbye_patience = std::chrono::seconds(1);
constexpr std::size_t most_addresses = 8;  // of all hosts together, for one connection

// The worst that can be said of several hosts is what the best of them said: who may come back later is not
// lost because another has refused for ever.
const Outcome& better(const Outcome& one, const Outcome& other) {
    return one.fate == smtp_client::Fate::failed ? other : one;
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

std::optional<dns::IpAddress> literal_of(const std::string& destination) {
    return dns::IpAddress::parse_literal(destination);
}

}  // namespace

net::Task<> Courier::run() {
    const bool served = co_await visit_hosts();
    if (served || office_.is_closing()) co_return;
    destination_->pace.failed();
    const bool is_alone = destination_->couriers == 1;
    const auto nobody = smtp_client::refused(Stage::connection, "4.4.1", "no host could be reached");
    if (is_alone) office_.close_down(*destination_, trouble_.value_or(nobody), where_);
}

net::Task<bool> Courier::visit_hosts() {
    began_ = std::chrono::steady_clock::now();
    const auto& settings = office_.settings();
    const auto name = destination_->name;
    if (const auto address = literal_of(name)) {
        const Stop stop{.name = name, .addresses = {*address}, .demand = {}, .policy = "opportunistic"};
        co_return co_await visit_host(stop);
    }
    const auto deadline = net::after(settings.dns_patience);
    const auto hosts = co_await find_stops(office_.guides(), name, deadline);
    if (!hosts) {
        failed_at(hosts.error());
        co_return false;
    }
    std::size_t addresses = 0;
    for (const auto& host : hosts->hosts) {
        const auto patience = net::after(office_.settings().dns_patience);
        const auto stop =
            co_await find_stop(office_.guides(), office_.settings(), name, *hosts, host.name, patience);
        where_ = {.host = host.name.text()};
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
    using smtp_client::StartTls;
    for (const auto& address : stop.addresses) {
        auto result =
            co_await visit(stop, address, stop.must_encrypt ? StartTls::required : StartTls::if_offered);
        if (result == Visit::tls_failed && !stop.must_encrypt)
            result = co_await visit(stop, address, StartTls::never);
        if (result == Visit::served) co_return true;
        if (office_.is_closing()) break;
    }
    co_return false;
}

net::Task<Courier::Visit> Courier::visit(const Stop& stop, const dns::IpAddress& address,
                                         smtp_client::StartTls starttls) {
    const auto& settings = office_.settings();
    began_ = std::chrono::steady_clock::now();
    const auto endpoint = net::Endpoint::at(address, settings.port);
    where_ = {.host = stop.name, .address = endpoint.to_string(), .policy = stop.policy};
    smtp_client::Settings how;
    how.hostname = settings.hostname;
    how.starttls = starttls;
    how.peer_name = stop.name;
    auto connected = co_await net::connect(endpoint, settings.sources, net::after(settings.connect_patience));
    if (!connected) {
        failed_at(smtp_client::refused(Stage::connection, "4.4.1", connected.error().message));
        co_return Visit::failed;
    }
    Session session(std::make_shared<const smtp_client::Settings>(std::move(how)), {},
                    office_.guides().random);
    co_return co_await talk(*connected->stream, stop, session);
}

net::Task<Courier::Visit> Courier::talk(net::Stream& stream, const Stop& stop, Session& session) {
    carried_ = 0;
    served_ = false;
    tls_failed_ = false;
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
        } else if (const auto* const wanted = std::get_if<session::Read>(&action)) {
            if (session.takes_message() && carried_ > 0 && offer(session)) continue;
            co_await read(stream, session, net::after(wanted->patience));
        } else if (std::holds_alternative<session::StartTls>(action)) {
            if (!co_await secure(stream, stop, session)) tls_failed_ = true;
        } else if (const auto* const report = std::get_if<smtp_client::Report>(&action)) {
            take(*report);
        } else if (std::holds_alternative<smtp_client::Ready>(action)) {
            if (!offer(session)) co_await wait_for_more(stream, session);
        } else {
            co_await stream.close(net::after(goodbye_patience));
            break;
        }
    }
    if (served_) co_return Visit::served;
    if (session.problem()) failed_at(session.problem()->outcome);
    if (tls_failed_) co_return Visit::tls_failed;
    // Nobody had anything for it any more: that is no failure of the host.
    co_return session.problem() ? Visit::failed : Visit::served;
}

net::Task<bool> Courier::secure(net::Stream& stream, const Stop& stop, Session& session) {
    const auto secured =
        co_await stream.secure_outward(office_.tls(), stop.demand, net::after(handshake_patience));
    if (!secured) {
        session.lost(secured.error().text);
        co_return false;
    }
    where_.tls = fmt::format("{} {}", secured->version, secured->cipher);
    smtp_client::Security security;
    security.tls.description = where_.tls;
    security.tls.circumstances.encrypted = true;
    security.is_authenticated = secured->verified;
    session.secured(std::move(security));
    co_return true;
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
    const auto incoming = co_await stream.read(net::after(settings.idle));
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
    auto outgoing = outgoing_of(*load, settings.hostname, office_.world().clock.now());
    if (!outgoing) {
        const auto broken = smtp_client::refused(Stage::offer, "4.3.0", outgoing.error().message);
        const auto count = load->entry.recipients.size();
        office_.settle(*std::move(load), std::vector<Outcome>(count, broken), where_);
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
    office_.settle(std::move(load), report.outcomes, where);
}

void Courier::failed_at(const Outcome& said) {
    const auto why = is_about_us(said) ? put_off(said) : said;
    trouble_ = trouble_ ? better(*trouble_, why) : why;
    where_.duration =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
}

}  // namespace hongyan::outbound
