// The judge who asks lists in DNS about the client and about the links of its messages.
#pragma once

#include <memory>

#include "net/workers.h"
#include "spam/dnsbl.h"
#include "spam/judge.h"

namespace hongyan::spam {

struct ListsSettings {
    std::vector<ListRule> addresses = {};  // of clients
    std::vector<ListRule> links = {};      // of domains in links
    bool outgoing = false;                 // links in what accounts send, too
};

// Clients are asked about at the first sender, all lists at once; not about people who have logged in. Links
// in what they send only add to the score: what comes of that others decide.
class Lists final : public Judge {
public:
    // `resolver` and `workers` outlive this; those look for the links of large messages.
    Lists(const ListsSettings& settings, net::Resolver& resolver, net::Workers& workers);

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    class Asking;
    std::vector<std::unique_ptr<List>> addresses_, links_;
    bool outgoing_;
    net::Resolver& resolver_;
    net::Workers& workers_;
};

}  // namespace hongyan::spam
