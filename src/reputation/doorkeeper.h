// Who guesses passwords, or whom mail is for, is slowed down and then shut out.
#pragma once

#include "reputation/bans.h"
#include "reputation/log_in_history.h"
#include "reputation/meter.h"
#include "reputation/slots.h"
#include "reputation/tally.h"
#include "reputation/under_way.h"

namespace hongyan::reputation {

struct DoorOptions {
    // Of one account's log-ins from one site: then that account cannot log in from there for a while.
    Rate lock{10, std::chrono::minutes(10)};
    // Of all log-ins from one site: then it is banned. Times five where somebody has logged in well of late.
    Rate ban{30, std::chrono::hours(1)};
    // Of one account's log-ins from all sites: then it logs in from where it has of late, and not otherwise.
    Rate account{200, std::chrono::hours(1)};
    // Recipients that there are not, less those that there are, from one site: then it is banned.
    Rate unknown_recipients{50, std::chrono::hours(1)};
    std::chrono::milliseconds known_for = std::chrono::hours(24 * 30);  // what "of late" means
    std::chrono::milliseconds longest_delay = std::chrono::seconds(8);  // of an attempt after others failed
};

// One attempt to log in.
struct Attempt {
    std::string account = {};  // the name as the directory has it, or else as it was said
    std::string address = {};  // the client's; empty for a unix socket
};

// What is said before a password is looked at.
struct Entry {
    enum class Way { open, app_password_only, crowded, closed };  // crowded: when he is called, and not now
    Way way = Way::open;
    std::string why = {};  // not open: a sentence
    std::chrono::milliseconds delay{};
    // From begin(), who may try: until it is known how it ended, and counted.
    UnderWay::Place place = {};
};

// All protocols ask the same one, and it counts for all of them together. Sites that are exempt from bans
// (Bans) are neither slowed down nor shut out. Counts outlive the program, but not which guesses were the
// same. Any thread.
class Doorkeeper {
public:
    // `bans` and `notebook` outlive this.
    Doorkeeper(Bans& bans, Notebook& notebook, DoorOptions options);

    void apply(const DoorOptions& options);

    // Blocks for the disk.
    Entry may_try(const Attempt& attempt) const;
    // The same for whoever tries then. As guesses count only when they have failed, no more are under way at
    // once than may fail; further ones wait to be called. Blocks for the disk.
    Entry begin(const Attempt& attempt, UnderWay::Waiter& waiter);
    UnderWay& under_way() { return under_way_; }
    // `guess` tells what was tried from other attempts, without telling it: who has an old password in his
    // telephone tries the same again and again, which counts once. Empty: each counts. The ban that comes of
    // it, if any.
    std::optional<Ban> failed(const Attempt& attempt, std::string_view guess);
    void succeeded(const Attempt& attempt);

    // Somebody asked for a mailbox that there is not, or (well) for one that there is.
    enum class Recipient { unknown, known };
    std::optional<Ban> asked_for(std::string_view address, Recipient recipient);
    // Somebody has done what only those do who mean no good; `weight` of a ban's limit of 1.
    std::optional<Ban> offended(std::string_view address, double weight, std::string_view reason);

private:
    DoorOptions options() const;
    // Whence somebody, and this account, logged in of late.
    struct Known {
        bool site = false, pair = false;
    };
    Known known(const Attempt& attempt, const Site& site) const;
    bool is_known(std::string_view name) const;
    Entry look(const Attempt& attempt, const Site& site, const Known& known) const;
    std::vector<UnderWay::Room> rooms(const Attempt& attempt, const Site& site, const Known& known) const;
    bool is_repeated(const Site& site, std::string_view account, std::string_view guess, Instant now);
    std::optional<Ban> shut_out_site(const Site& site, double failures, const DoorOptions& options);

    Bans& bans_;
    Notebook& notebook_;
    Slots known_;  // sites, and accounts at sites, whence somebody logged in
    Tally at_site_, of_account_, of_pair_, strangers_, offences_;
    Meter guesses_;
    UnderWay under_way_;
    mutable std::mutex mutex_;  // guards options_
    DoorOptions options_;
};

}  // namespace hongyan::reputation
