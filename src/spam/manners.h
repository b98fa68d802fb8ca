// The judge of how clients behave before they have said anything of a message.
#pragma once

#include "spam/judge.h"

namespace hongyan::spam {

// What the name that a client gives itself says for or against it. `address` is the client's, `hostname`
// ours. RFC 5321 §4.1.4 forbids to refuse a client because its name does not fit its address; so these only
// have scores.
std::vector<Finding> look_at_hello(std::string_view said_name, std::string_view address,
                                   std::string_view hostname);

// Asked about strangers only.
class Manners final : public Judge {
public:
    explicit Manners(std::string hostname) : hostname_(std::move(hostname)) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    std::string hostname_;
};

}  // namespace hongyan::spam
