// One connection to a host of a destination, from looking for the way to the last message.
#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include "outbound/office.h"
#include "smtp_client/session.h"

namespace hongyan::outbound {

// Lives as long as its run().
class Courier {
public:
    Courier(Office& office, std::shared_ptr<Destination> destination)
        : office_(office), destination_(std::move(destination)) {}

    // What it had on its way when it broke.
    std::vector<Load> take_unfinished();

    // Tries the hosts one after the other until one takes messages, and carries what there is to carry. What
    // a host will not have for reasons of its own is offered to the next.
    net::Task<> run();

private:
    enum class Visit { served, failed, tls_failed };
    // A message that the courier has in its hands.
    struct Errand {
        Load load;
        std::size_t sessions = 0;                     // in which it was offered
        std::vector<smtp_client::Outcome> said = {};  // the last time
        Circumstances where = {};
    };
    // The number of a host -> what is known of it.
    using Finder = std::function<net::Task<std::expected<Stop, Detour>>(std::size_t)>;

    net::Task<bool> visit_hosts();
    net::Task<bool> visit_hosts_of(const Way& way);
    net::Task<bool> visit_hop(const config::NextHop& hop);
    net::Task<bool> visit_hop_hosts(const config::NextHop& hop);
    net::Task<bool> visit_each(std::vector<std::string> hosts, Finder find);
    net::Task<bool> visit_all(std::vector<Stop> stops, Itinerary& itinerary, bool are_last);
    net::Task<bool> visit_host(const Stop& stop, Itinerary& itinerary, bool is_last);
    void pass_by(const std::string& host, const Detour& detour);
    net::Task<Visit> visit(const Stop& stop, const net::Endpoint& endpoint, smtp_client::StartTls starttls);
    net::Task<Visit> talk(net::Stream& stream, const Stop& stop, smtp_client::Session& session);
    net::Task<std::expected<smtp_client::Security, std::string>> secure(net::Stream& stream,
                                                                        const Stop& stop);
    net::Task<> read(net::Stream& stream, smtp_client::Session& session, net::Deadline deadline);
    net::Task<> wait_for_more(net::Stream& stream, smtp_client::Session& session);
    bool may_offer() const;
    net::Task<bool> offer(smtp_client::Session& session);
    net::Task<std::optional<Errand>> next_errand();
    void refuse(Errand errand, const smtp_client::Outcome& why);
    void take(const smtp_client::Report& report);
    void heed(const std::vector<smtp_client::Outcome>& outcomes, const Circumstances& where);
    void keep_for_next_host(Errand errand, std::vector<smtp_client::Outcome> outcomes,
                            const Circumstances& where);
    void settle_unserved();
    void remember(const smtp_client::Session& session);
    std::optional<std::string> complaint_about(const smtp_client::Outgoing& outgoing) const;
    smtp_client::Outcome explained(smtp_client::Outcome outcome) const;
    void failed_at(const smtp_client::Outcome& said);
    void explain_problem(const Stop& stop, const smtp_client::Problem& problem);
    bool refuses_wish(const Stop& stop, const smtp_client::Session& session);
    void count_tls(const Stop& stop, const std::expected<net::OutwardTls, net::TlsFailure>& secured);
    void count_plain(const Stop& stop);
    void count(const tls_policy::ReportedPolicy& policy, const tls_policy::TlsTrouble& trouble);

    Office& office_;
    std::shared_ptr<Destination> destination_;
    std::deque<Errand> on_the_way_;  // given to the session, no report yet
    std::deque<Errand> unserved_;    // for the next host
    bool has_others_ = false;        // hosts or addresses that may be called after this one
    bool leaves_something_ = false;  // this session has not had what it was offered
    bool was_heard_ = false;         // a message was given to some session
    bool has_answered_ = false;      // this session: a message was taken, or refused for good
    std::optional<sasl::Credentials> credentials_;
    bool hop_is_sure_ = true;        // HopHosts::secure
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
