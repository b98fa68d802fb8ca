// The judge of how clients behave before they have said anything of a message.
#pragma once

#include "config/config.h"
#include "directory/directory.h"
#include "dns/ip_address.h"
#include "net/resolver.h"
#include "net/workers.h"
#include "spam/judge.h"

namespace hongyan::spam {

// Who we are.
struct OwnNames {
    std::string hostname = {};
    std::vector<dns::IpAddress> addresses = {};
    // Where our own machines are. Behind our NAT one of them may well go by the address that all of us have
    // outside.
    config::Networks inside = {};
};

// What the name that a client gives itself says for or against it, domains of ours not looked at. `address`
// is the client's. RFC 5321 §4.1.4 forbids to refuse a client because its name does not fit its address; so
// these have scores, and only who claims to be us may be refused.
std::vector<Finding> look_at_hello(std::string_view said_name, std::string_view address, const OwnNames& own);

// Asked about strangers only.
class Manners final : public Judge {
public:
    // What is given by reference outlives the judge.
    struct Parts {
        const directory::Directory& directory;
        net::Workers& workers;
        net::Resolver& resolver;  // knows the addresses under which we are seen
    };
    Manners(OwnNames own, config::HelloHandling handling, const Parts& parts)
        : own_(std::move(own)), handling_(handling), parts_(parts) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    class Seen;
    OwnNames own_;
    config::HelloHandling handling_;
    Parts parts_;
};

}  // namespace hongyan::spam
