// What is remembered of those who come: one for the program.
#pragma once

#include "reputation/bans.h"
#include "reputation/doorkeeper.h"
#include "reputation/greylist.h"
#include "reputation/log_in_history.h"
#include "reputation/sending.h"

namespace hongyan::reputation {

struct Options {
    BanOptions bans = {};
    DoorOptions door = {};
    GreylistOptions greylist = {};
    SendingOptions sending = {};
    std::chrono::milliseconds log_ins = std::chrono::hours(24 * 30);  // how long they are told of
};

// Any thread.
class Reputation {
public:
    // Both outlive this, and the engine what is on its way in it.
    Reputation(engine::Engine& engine, const Clock& clock, const Options& options = {});

    // What a reload may change.
    void apply(const Options& options);

    Notebook& notebook() { return notebook_; }
    Bans& bans() { return bans_; }
    Doorkeeper& door() { return door_; }
    LogInHistory& log_ins() { return log_ins_; }
    Greylist& greylist() { return greylist_; }
    Sending& sending() { return sending_; }

private:
    Notebook notebook_;
    Bans bans_;
    Doorkeeper door_;
    LogInHistory log_ins_;
    Greylist greylist_;
    Sending sending_;
};

}  // namespace hongyan::reputation
