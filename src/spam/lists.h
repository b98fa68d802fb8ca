// The judge who asks lists in DNS about the client and about the links of its messages.
#pragma once

#include <memory>

#include "spam/dnsbl.h"
#include "spam/judge.h"

namespace hongyan::spam {

struct ListsSettings {
    std::vector<ListRule> addresses = {};  // of clients
    std::vector<ListRule> links = {};      // of domains in links
};

// Clients are asked about at the first sender, all lists at once. Nobody is asked about people who have
// logged in.
class Lists final : public Judge {
public:
    // `resolver` outlives this.
    Lists(const ListsSettings& settings, net::Resolver& resolver);

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    class Asking;
    std::vector<std::unique_ptr<List>> addresses_, links_;
    net::Resolver& resolver_;
};

}  // namespace hongyan::spam
