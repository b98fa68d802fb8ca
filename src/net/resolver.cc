#include "net/resolver.h"

#include <array>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <fcntl.h>
#include <unbound.h>
#include <unistd.h>

#include "base/file.h"
#include "net/hand_over.h"
#include "net/plain_question.h"
#include "net/waiter.h"

namespace hongyan::net {

namespace {

using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

constexpr int internet = 1;                 // the class IN, RFC 1035 §3.2.4
constexpr int servfail = 2;                 // RFC 1035 §4.1.1
constexpr std::size_t most_records = 1000;  // of one answer; more nobody reads
constexpr std::string_view system_servers = "system";
constexpr auto patience_of_plain = std::chrono::seconds(2);

struct FreeContext {
    void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
using Context = std::unique_ptr<ub_ctx, FreeContext>;

struct FreeResult {
    void operator()(ub_result* result) const { ub_resolve_free(result); }
};
using Found = std::unique_ptr<ub_result, FreeResult>;

dns::RawAnswer failed(std::string why) {
    return {.status = dns::Status::failed,
            .secure = false,
            .records = {},
            .ttl = {},
            .canonical = {},
            .why = std::move(why)};
}

// Of a name that DNS does not know, but the file of hosts, which nobody has signed.
dns::RawAnswer there_is_nothing_else(dns::RawAnswer answer) {
    answer.status = dns::Status::no_data;
    answer.secure = false;
    return answer;
}

dns::Status status_of(const ub_result& result) {
    if (result.bogus != 0) return dns::Status::bogus;
    if (result.havedata != 0) return dns::Status::found;
    if (result.nxdomain != 0) return dns::Status::no_domain;
    return result.rcode == 0 ? dns::Status::no_data : dns::Status::failed;
}

std::string reason_of(const ub_result& result) {
    if (result.why_bogus != nullptr) return result.why_bogus;
    if (result.rcode == 0 || result.nxdomain != 0) return {};
    if (result.rcode == servfail) return "no name server gave an answer";
    return fmt::format("the name server answered with code {}", result.rcode);
}

std::vector<std::string> records_of(const ub_result& result) {
    std::vector<std::string> records;
    for (std::size_t i = 0; result.data != nullptr && result.data[i] != nullptr && i < most_records; ++i)
        records.emplace_back(result.data[i], static_cast<std::size_t>(result.len[i]));
    return records;
}

dns::RawAnswer answer_from(const ub_result& result) {
    dns::RawAnswer answer{.status = status_of(result),
                          .secure = result.secure != 0,
                          .records = {},
                          .ttl = std::chrono::seconds(std::max(result.ttl, 0)),
                          .canonical = {},
                          .why = reason_of(result)};
    if (answer.is_found()) answer.records = records_of(result);
    const char* const canonical = result.canonname != nullptr ? result.canonname : result.qname;
    if (auto name = dns::Name::parse(canonical)) answer.canonical = *std::move(name);
    return answer;
}

Result<void> accepted(int status, std::string_view what) {
    if (status == 0) return {};
    return fail(Error::Kind::invalid, "cannot use {} for DNS: {}", what, ub_strerror(status));
}

Result<void> readable(const std::filesystem::path& path) {
    if (::access(path.c_str(), R_OK) == 0) return {};
    return std::unexpected(from_errno(errno, fmt::format("cannot read {}", path.string())));
}

Result<void> set(ub_ctx* context, const char* option, const std::string& value) {
    return accepted(ub_ctx_set_option(context, option, value.c_str()), fmt::format("{} {}", option, value));
}

Result<void> use_servers(ub_ctx* context, const std::vector<std::string>& servers) {
    for (const auto& server : servers)
        TRY(server == system_servers
                ? accepted(ub_ctx_resolvconf(context, nullptr), "/etc/resolv.conf")
                : accepted(ub_ctx_set_fwd(context, server.c_str()), fmt::format("the server {}", server)));
    if (servers.empty()) return {};
    // The world knows nothing of the addresses of private networks (RFC 6303 §4), but such servers may.
    TRY(set(context, "unblock-lan-zones:", "yes"));
    TRY(set(context, "insecure-lan-zones:", "yes"));
    return {};
}

// A server of our own on loopback is asked too (libunbound avoids it otherwise), and errors are values, not
// lines on standard error.
Result<void> configure(ub_ctx* context, const ResolverSettings& settings) {
    TRY(accepted(ub_ctx_async(context, 1), "a thread"));
    TRY(accepted(ub_ctx_debugout(context, nullptr), "no output"));
    TRY(set(context, "do-not-query-localhost:", "no"));
    // As the server gave them: who looks at the first few looks at the same ones each time (RFC 7208 §4.6.4).
    TRY(set(context, "rrset-roundrobin:", "no"));
    TRY(set(context, "outgoing-range:", "256"));  // sockets; a library has 16 by default
    TRY(set(context, "num-queries-per-thread:", "256"));
    TRY(set(context, "msg-cache-size:", fmt::to_string(settings.cache / 3)));
    TRY(set(context, "rrset-cache-size:", fmt::to_string(settings.cache - settings.cache / 3)));
    TRY(use_servers(context, settings.servers));
    if (!settings.trust_anchor.empty()) {
        TRY(readable(settings.trust_anchor));
        TRY(accepted(ub_ctx_add_ta_file(context, settings.trust_anchor.c_str()),
                     settings.trust_anchor.string()));
    }
    return {};
}

// Zones that libunbound answers by itself, though a server that is named may know them: of names for trials
// (RFC 6761 §6.2, §6.4), of networks at home, whose servers do know them (RFC 8375 §4), and of the addresses
// of this machine (RFC 6303 §4.2, §4.3), which may be clients.
constexpr std::array zones_of_servers = {
    "test.", "invalid.", "home.arpa.", "127.in-addr.arpa.",
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."};

// Ends the configuration, so that what is wrong with it is known now.
Result<void> finish(ub_ctx* context, const ResolverSettings& settings) {
    const auto what = settings.trust_anchor.empty() ? "these settings" : settings.trust_anchor.string();
    if (settings.servers.empty()) return accepted(ub_ctx_data_remove(context, "nothing.invalid."), what);
    for (const auto* zone : zones_of_servers) TRY(accepted(ub_ctx_zone_remove(context, zone), what));
    return {};
}

// libunbound would answer for such a name that there is nothing else of it.
Result<dns::HostsFile> hosts_of(const ResolverSettings& settings) {
    if (settings.hosts.empty()) return dns::HostsFile();
    TRY(const auto text, read_file(settings.hosts));
    return dns::HostsFile::parse(text);
}

}  // namespace

// Shared by all threads; whoever ends last frees it, on whatever thread that is.
class UnboundResolver::State {
public:
    // Somebody who waits. The answer and the timer belong to the thread of the executor.
    struct Asked {
        State& state;
        Executor executor;
        Timer& timer;  // rings at the deadline, is cancelled by the answer
        std::optional<dns::RawAnswer> answer = {};
    };
    using Waiting = std::shared_ptr<Asked>;

    explicit State(Context context) : context_(std::move(context)) {}

    // False if libunbound says no; `answer` tells why then.
    bool begin(const Waiting& asked, const dns::Question& question, int& id) {
        {
            const std::lock_guard lock(mutex_);
            waiting_.emplace(asked.get(), asked);
        }
        const auto name = question.name.text() + ".";
        const int status = ub_resolve_async(context_.get(), name.c_str(), static_cast<int>(question.type),
                                            internet, asked.get(), &State::take_result, &id);
        if (status == 0) return true;
        forget(asked.get());
        asked->answer = failed(ub_strerror(status));
        return false;
    }

    void give_up(const Waiting& asked, int id) {
        // If it fails, the answer is on its way, and take_result forgets him.
        if (ub_cancel(context_.get(), id) == 0) forget(asked.get());
    }

    // On the thread of the loop that looks after the descriptor.
    Task<> deliver(std::shared_ptr<State> self) {
        Waiter answers(co_await asio::this_coro::executor,
                       Descriptor(::fcntl(ub_fd(context_.get()), F_DUPFD_CLOEXEC, 0)));  // NOLINT(*-vararg)
        answers_ = &answers;
        while (!self->stopped_) {
            co_await answers.wait(Direction::read, never);
            if (!stopped_) ub_process(context_.get());
        }
        answers_ = nullptr;
    }

    // On that thread.
    void stop() {
        stopped_ = true;
        if (answers_ != nullptr) answers_->interrupt();
    }

private:
    Waiting forget(Asked* asked) {
        const std::lock_guard lock(mutex_);
        const auto found = waiting_.find(asked);
        if (found == waiting_.end()) return nullptr;
        auto owned = std::move(found->second);
        waiting_.erase(found);
        return owned;
    }

    // Within ub_process.
    static void take_result(void* data, int error, ub_result* result) {
        const Found found(result);
        auto* const who = static_cast<Asked*>(data);
        auto asked = who->state.forget(who);
        if (!asked) return;
        auto answer = error != 0 || !found ? failed(ub_strerror(error)) : answer_from(*found);
        auto guard = asio::make_work_guard(asked->executor);
        hand_over(std::move(guard), [asked = std::move(asked), answer = std::move(answer)]() mutable {
            if (asked.use_count() == 1) return;  // he has gone
            asked->answer = std::move(answer);
            asked->timer.cancel();
        });
    }

    Context context_;   // has a lock of its own
    std::mutex mutex_;  // guards waiting_
    std::unordered_map<Asked*, Waiting> waiting_;
    Waiter* answers_ = nullptr;  // of the loop's thread, as stopped_
    bool stopped_ = false;
};

Result<std::unique_ptr<UnboundResolver>> UnboundResolver::make(Loop& loop, const ResolverSettings& settings) {
    Context context(ub_ctx_create());
    if (!context) return fail(Error::Kind::unavailable, "cannot begin with DNS");
    TRY(configure(context.get(), settings));
    TRY(finish(context.get(), settings));
    TRY(auto hosts, hosts_of(settings));
    auto state = std::make_shared<State>(std::move(context));
    start(loop, state->deliver(state));
    auto plain = settings.trust_anchor.empty() ? settings.servers : std::vector<std::string>();
    return std::unique_ptr<UnboundResolver>(
        new UnboundResolver(loop, std::move(state), std::move(plain), std::move(hosts)));
}

UnboundResolver::~UnboundResolver() {
    loop_.post([state = std::move(state_)] { state->stop(); });
}

std::optional<dns::RawAnswer> UnboundResolver::known(const dns::Question& question) {
    return hosts_.answer(question);
}

Task<dns::RawAnswer> UnboundResolver::ask(dns::Question question, Deadline deadline) {
    if (auto here = known(question)) co_return *std::move(here);
    const auto plain_servers = plain_servers_;  // it may go while we wait
    const bool exists = hosts_.has(question.name);
    auto answer = co_await ask_unbound(question, deadline);
    if (exists && answer.status == dns::Status::no_domain) co_return there_is_nothing_else(std::move(answer));
    const bool may_be_unreadable = answer.status == dns::Status::failed && question.type == dns::Type::txt;
    if (!may_be_unreadable || plain_servers.empty()) co_return answer;
    auto plainly =
        co_await ask_plainly(plain_servers, question, std::min(deadline, after(patience_of_plain)));
    // That there is nothing is no news from somebody who could not say it before.
    co_return plainly.is_found() ? std::move(plainly) : std::move(answer);
}

Task<dns::RawAnswer> UnboundResolver::ask_unbound(dns::Question question, Deadline deadline) {
    const auto state = state_;
    const auto executor = co_await asio::this_coro::executor;
    Timer timer(executor, deadline);
    const auto asked = std::make_shared<State::Asked>(*state, executor, timer);
    int id = 0;
    if (!state->begin(asked, question, id)) co_return *std::move(asked->answer);
    co_await timer.async_wait(as_values);
    if (asked->answer) co_return *std::move(asked->answer);
    state->give_up(asked, id);
    co_return failed("no name server answered in time");
}

}  // namespace hongyan::net
