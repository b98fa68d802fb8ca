// Who answers questions about names.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dns/answer.h"
#include "dns/hosts_file.h"
#include "net/loops.h"

namespace hongyan::net {

// May be asked on any loop; the answer comes on the loop that asked. Must outlive the tasks that ask it.
class Resolver {
public:
    virtual ~Resolver() = default;
    // `failed` at the deadline. CNAMEs are followed.
    virtual Task<dns::RawAnswer> ask(dns::Question question, Deadline deadline) = 0;
    // The answer, if it is here already: so that nobody waits for what need not be waited for. Any thread.
    virtual std::optional<dns::RawAnswer> known(const dns::Question& /*question*/) { return std::nullopt; }
};

// The same with the records read: co_await look_up<dns::Mx>(resolver, name, deadline).
template <typename Record>
Task<dns::Answer<Record>> look_up(Resolver& resolver, dns::Name name, Deadline deadline) {
    dns::Question question{.name = std::move(name), .type = Record::type};
    if (const auto known = resolver.known(question)) co_return dns::read<Record>(*known);
    const auto raw = co_await resolver.ask(std::move(question), deadline);
    co_return dns::read<Record>(raw);
}

struct ResolverSettings {
    // Whom to ask, "192.0.2.53" or "127.0.0.1@5353"; "system" for those of /etc/resolv.conf. Empty: nobody
    // but the name servers of the domains themselves, from the root on.
    std::vector<std::string> servers;
    // Keys as DS or DNSKEY records, from which signatures are checked. Empty: nothing is checked, and no
    // answer is secure.
    std::filesystem::path trust_anchor;
    std::filesystem::path hosts;                     // as /etc/hosts; empty: none
    std::uint64_t cache = std::uint64_t{16} << 20U;  // bytes
};

// libunbound: recursion, validation and a cache, in a thread of its own that begins with the first question.
// One for the whole program. Its answers come in through a descriptor that `loop` watches; from there each
// goes to the loop of who asked.
// It refuses an answer as a whole for one TXT record that holds no string, which no name server may send (RFC
// 1035 §3.3.14). Where servers are named and believed without signatures, texts are then asked for once more,
// plainly.
class UnboundResolver final : public Resolver {
public:
    // Not found or invalid if the trust anchor, the file of hosts or a server cannot be used.
    static Result<std::unique_ptr<UnboundResolver>> make(Loop& loop, const ResolverSettings& settings);
    // On any thread, before `loop` is destroyed. Questions that wait are answered no more, but end at their
    // deadlines.
    ~UnboundResolver() override;
    UnboundResolver(const UnboundResolver&) = delete;
    UnboundResolver& operator=(const UnboundResolver&) = delete;

    Task<dns::RawAnswer> ask(dns::Question question, Deadline deadline) override;
    // What the file of hosts knows.
    std::optional<dns::RawAnswer> known(const dns::Question& question) override;

private:
    class State;
    UnboundResolver(Loop& loop, std::shared_ptr<State> state, std::vector<std::string> plain_servers,
                    dns::HostsFile hosts)
        : loop_(loop),
          state_(std::move(state)),
          plain_servers_(std::move(plain_servers)),
          hosts_(std::move(hosts)) {}
    Task<dns::RawAnswer> ask_unbound(dns::Question question, Deadline deadline);
    Loop& loop_;
    std::shared_ptr<State> state_;
    const std::vector<std::string> plain_servers_;  // that are believed without signatures
    const dns::HostsFile hosts_;
};

}  // namespace hongyan::net
