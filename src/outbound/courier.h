// One connection to a host of a destination, from looking for the way to the last message.
#pragma once

#include <deque>
#include <memory>

#include "outbound/office.h"
#include "smtp_client/session.h"

namespace hongyan::outbound {

// Lives as long as its run().
class Courier {
public:
    Courier(Office& office, std::shared_ptr<Destination> destination)
        : office_(office), destination_(std::move(destination)) {}

    // What it had on its way when it broke.
    std::deque<Load> take_unfinished() { return std::exchange(on_the_way_, {}); }

    // Tries the hosts one after the other until one takes messages, and carries what there is to carry.
    net::Task<> run();

private:
    enum class Visit { served, failed, tls_failed };

    net::Task<bool> visit_hosts();
    net::Task<bool> visit_hosts_of(const Way& way);
    net::Task<bool> visit_hop(const config::NextHop& hop);
    net::Task<bool> visit_hop_hosts(const config::NextHop& hop);
    net::Task<bool> visit_host(const Stop& stop);
    void pass_by(const std::string& host, const Detour& detour);
    net::Task<Visit> visit(const Stop& stop, const net::Endpoint& endpoint, smtp_client::StartTls starttls);
    net::Task<Visit> talk(net::Stream& stream, const Stop& stop, smtp_client::Session& session);
    net::Task<std::expected<smtp_client::Security, std::string>> secure(net::Stream& stream,
                                                                        const Stop& stop);
    net::Task<> read(net::Stream& stream, smtp_client::Session& session, net::Deadline deadline);
    net::Task<> wait_for_more(net::Stream& stream, smtp_client::Session& session);
    bool offer(smtp_client::Session& session);
    void take(const smtp_client::Report& report);
    std::optional<std::string> complaint_about(const smtp_client::Outgoing& outgoing) const;
    smtp_client::Outcome explained(smtp_client::Outcome outcome) const;
    std::chrono::milliseconds idle_patience() const;
    void failed_at(const smtp_client::Outcome& said);
    void explain_problem(const Stop& stop, const smtp_client::Problem& problem);
    bool refuses_wish(const Stop& stop, const smtp_client::Session& session);
    void count_tls(const Stop& stop, const std::expected<net::OutwardTls, net::TlsFailure>& secured);
    void count_plain(const Stop& stop);
    void count(const tls_policy::ReportedPolicy& policy, const tls_policy::TlsTrouble& trouble);

    Office& office_;
    std::shared_ptr<Destination> destination_;
    std::deque<Load> on_the_way_;  // given to the session, no report yet
    std::optional<sasl::Credentials> credentials_;
    std::size_t carried_ = 0;        // messages, on this connection
    bool served_ = false;            // a message was given to the session
    bool was_refused_ = false;       // the host does not offer what the sender wished
    std::string source_, receiver_;  // addresses of the connection
    bool is_counted_ = false;        // for reports: how this session went as to TLS
    std::optional<net::TlsFailure> tls_failure_;
    Circumstances where_;
    std::chrono::steady_clock::time_point began_;
    // What kept us from being served, and where.
    std::optional<smtp_client::Outcome> trouble_;
    Circumstances trouble_at_;
};

}  // namespace hongyan::outbound
