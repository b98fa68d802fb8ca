#include "outbound/courier.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Outcome;
using smtp_client::Session;
using smtp_client::Stage;

constexpr std::chrono::milliseconds goodbye_patience = std::chrono::seconds(1);

// Of several hosts the one that may serve later decides: who may come back is not lost because another has
// refused for ever. And who has said something tells more than who could not be called.
bool is_better(const Outcome& one, const Outcome& other) {
    const bool may_serve = other.fate != smtp_client::Fate::failed;
    if (one.fate == smtp_client::Fate::failed) return may_serve;
    return may_serve && one.reply.code == 0 && other.reply.code != 0;
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

net::Task<> Courier::read(net::Stream& stream, Session& session, net::Deadline deadline) {
    using Kind = net::Incoming::Kind;
    const auto incoming = co_await stream.read(deadline);
    if (incoming.kind == Kind::bytes) session.receive(incoming.bytes);
    if (incoming.kind == Kind::timed_out) session.timed_out();
    if (incoming.kind == Kind::closed) session.lost("the connection was closed");
    if (incoming.kind == Kind::failed) session.lost("the connection was broken");
}

// Somebody's next message may come in a moment, and a connection costs more than waiting for it. Where one is
// there that may not go yet, who waits looks again as soon as it may.
net::Task<> Courier::wait_for_more(net::Stream& stream, Session& session) {
    const auto& parcels = destination_->parcels;
    const bool is_in_the_way = destination_->must_yield() && (carried_ > 0 || parcels.empty());
    if (!may_offer() || is_in_the_way) {
        session.quit();
        co_return;
    }
    const auto deadline =
        parcels.empty() ? net::after(office_.settings().idle) : destination_->bearing->meter.next();
    destination_->idle.insert(&stream);
    const auto incoming = co_await stream.read(deadline);
    destination_->idle.erase(&stream);
    using Kind = net::Incoming::Kind;
    if (incoming.kind == Kind::bytes) session.receive(incoming.bytes);
    if (incoming.kind == Kind::timed_out && parcels.empty()) session.quit();
    if (incoming.kind == Kind::closed || incoming.kind == Kind::failed)
        session.lost("the connection was closed");
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
