// Reports of how sessions went as to TLS, to the domains that ask for them (RFC 8460).
#pragma once

#include "flow/world.h"
#include "net/https_client.h"
#include "outbound/tls_counts.h"

namespace hongyan::outbound {

struct Settings;

// Once a day, at a moment after midnight (UTC) that chance chooses, every day that is over is reported on. By
// mail: an entry of the queue, put there in the commit that takes the counts away. By HTTPS: kept until it is
// posted, tried again for a day. Belongs to one loop; what it refers to outlives its tasks.
class TlsReports {
public:
    struct Parts {
        const flow::World& world;
        net::Resolver& resolver;
        const net::TlsClientContext& tls;
        Random& random;
        TlsCounts& counts;
        const net::Ourselves& ourselves;  // to whom nobody posts (reach.h)
    };

    TlsReports(Parts parts, const Settings& settings) : parts_(std::move(parts)), settings_(settings) {}

    // Counts are to be kept, or somebody asks for reports: then work() is to be run, one at a time. Reads one
    // key.
    bool has_work() const;
    net::Task<> work();

private:
    struct Counted {
        tls_keys::Day day;
        std::string value;  // a TlsDay's record
    };
    struct Post {
        std::string key, uri, body;
        Instant first{};
    };

    bool is_wanted() const;
    bool is_time();
    net::Task<> report(std::chrono::sys_days before);
    net::Task<> report(Counted counted);
    std::vector<Counted> page(const std::string& after, std::chrono::sys_days before) const;
    // Where the domain wants its report.
    struct Targets {
        bool is_unknown = false;  // that cannot be known now
        std::vector<std::string> uris = {};
    };
    net::Task<Targets> targets_of(const tls_keys::Day& day);
    // Its counts may stay until it can be reported.
    bool may_wait(const tls_keys::Day& day) const;
    // A copy of what the settings say, for a worker.
    struct Author {
        std::string hostname;
        std::string from;            // an address; empty: of the signing_domain()
        message::Address otherwise;  // if there is none
        std::uint16_t https_port = 0;
    };
    struct Made {
        std::vector<engine::Part> parts = {};
        std::vector<std::string> sent_to = {};  // targets
        std::vector<std::string> unsent = {};   // targets that are to get it by mail, which nobody signs
        std::string domain = {};                // that does not
        bool is_too_large = false;              // to be posted
        // There was somebody who was to get it, and nobody gets it.
        bool is_lost() const { return sent_to.empty() && (!unsent.empty() || is_too_large); }
    };
    Result<Made> make(const Counted& counted, const std::vector<std::string>& targets,
                      const Author& author) const;
    Result<message::Address> contact_of(const Author& author) const;
    void add_mail(Made& made, const tls_policy::TlsReport& report, const std::string& target,
                  const message::Address& whom) const;
    void add_post(Made& made, const tls_policy::TlsReport& report, const std::string& target) const;
    void tell(const Made& made, const tls_keys::Day& day) const;
    engine::Part loss() const;  // of one report, or of one post
    net::Task<> post_some();
    net::Task<bool> post(const Post& letter);
    std::vector<Post> posts(const std::string& after) const;
    net::Task<bool> commit(std::vector<engine::Part> parts, std::string_view what);

    Parts parts_;
    const Settings& settings_;
    net::Deadline next_work_{};
    net::Deadline next_posts_{};
    std::string posted_up_to_;       // the key of the last letter of this round; empty: a round begins
    std::chrono::sys_days last_{};   // the day on which all before it was reported
    std::optional<Instant> moment_;  // of the next reports
};

}  // namespace hongyan::outbound
