// Who is shut out, and for how long.
#pragma once

#include <map>
#include <shared_mutex>
#include <vector>

#include "config/config.h"
#include "reputation/ban.h"
#include "reputation/notebook.h"

namespace hongyan::reputation {

struct BanOptions {
    std::chrono::milliseconds first = std::chrono::minutes(15);  // each further one is twice as long
    std::chrono::milliseconds longest = std::chrono::hours(24 * 7);
    std::size_t crowded = 8;       // sites banned in one neighbourhood (Site) that ban it all; 0: never
    config::Networks exempt = {};  // nobody there is banned but by hand
};

// All in memory, and in the notebook. How often somebody was banned is remembered for as long as `longest`
// after the end of his last ban. A hundred thousand at most: then those that end first are dropped. Any
// thread.
class Bans {
public:
    // `notebook` outlives this. What is damaged there is passed over.
    Bans(Notebook& notebook, BanOptions options);

    void apply(BanOptions options);

    // What shuts out that client, or that account's log-ins from there: a ban on his site, or a network
    // around it. Nothing if there is none.
    std::optional<Ban> on_site(std::string_view address, std::string_view account = {}) const;
    std::optional<Ban> on(const Subject& subject) const;
    // Unix sockets are.
    bool is_exempt(std::string_view address) const;

    // One that the program finds, for longer each time. Noted, not waited for. Perhaps the neighbourhood is
    // banned along. Nothing if it stays as it is: exempt, or banned already.
    std::optional<Ban> shut_out(const Subject& subject, std::string_view reason);

    // By a person: durable when they return. Nothing for `length`: until it is lifted.
    Result<Ban> add(const Subject& subject, std::string_view reason,
                    std::optional<std::chrono::milliseconds> length);
    // Errors: not_found. How often there were bans before is forgotten along.
    Result<void> lift(const Subject& subject);
    // Those that are on, by their subjects.
    std::vector<Ban> list() const;

private:
    using Lock = std::unique_lock<std::shared_mutex>;
    bool is_exempt(const std::shared_lock<std::shared_mutex>& lock, std::string_view address) const;
    bool is_exempt(const Site& site) const;
    void load();
    void remember(const Lock& lock, const Ban& ban);
    void make_room(const Lock& lock);
    void forget_past(const Lock& lock);
    Ban escalated(const Lock& lock, const Subject& subject, std::string_view reason) const;
    std::optional<Ban> crowd(const Lock& lock, const Site& site);
    std::optional<Instant> expiry_of(const Ban& ban) const;
    Instant now() const { return notebook_.clock().now(); }

    Notebook& notebook_;
    mutable std::shared_mutex mutex_;  // guards what follows
    BanOptions options_;
    std::map<Subject, Ban> bans_;
    std::map<unsigned, std::size_t> prefixes_;  // of the sites in bans_, counted
};

}  // namespace hongyan::reputation
