// The judge who puts off who has not been here before (RFC 6647).
#pragma once

#include "directory/directory.h"
#include "net/resolver.h"
#include "net/workers.h"
#include "reputation/correspondents.h"
#include "reputation/greylist.h"
#include "reputation/trust.h"
#include "spam/dnsbl.h"
#include "spam/judge.h"

namespace hongyan::spam {

// Asked at each recipient. Lets pass who has logged in, to whom somebody whom the recipient's address leads
// to has written, whose network has sent good mail, whom a list of good clients names, and those for whom the
// SPF of a domain vouches from which good mail has come. Learns from what becomes of messages. A fault of
// ours puts nobody off.
class Greylisting final : public Judge {
public:
    // What is given by reference outlives this.
    struct Parts {
        reputation::Greylist& greylist;
        reputation::Trust trust;  // over the same notebook
        const reputation::Correspondents& correspondents;
        const directory::Directory& directory;
        net::Workers& workers;
        net::Resolver& resolver;
        const Clock& clock;
    };
    struct Settings {
        std::vector<ListRule> good_clients = {};  // lists of them: those with a weight below 0 are asked
        bool spf = true;
        std::chrono::milliseconds patience{10'000};  // for the answers of name servers about one sender
    };
    Greylisting(Settings settings, const Parts& parts);

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    class Waiting;
    Settings settings_;
    Parts parts_;
    std::vector<std::unique_ptr<List>> good_clients_;
};

}  // namespace hongyan::spam
