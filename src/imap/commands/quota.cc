// GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208 §4.1).
#include <iterator>

#include "imap/commands/commands.h"
#include "imap/commands/names.h"
#include "imap/wire/quota_parser.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

constexpr std::uint64_t unit = 1024;  // octets of STORAGE (RFC 9208 §5.1)

std::uint64_t units(std::uint64_t octets) { return octets / unit + (octets % unit != 0 ? 1 : 0); }

// An account has one quota root, for all that is in it, where anything is limited: the grammar knows none
// that limits nothing (RFC 9208 §7).
std::string root_of(const Standing& here) { return fmt::format("#user/{}", here.user); }

// "* QUOTA root (…)": what is not limited is left out (RFC 9208 §4.2.1).
void put_quota(Desk& desk, const store::AccountState& state) {
    std::string limits;
    const auto add = [&limits](std::string_view resource, std::uint64_t used, std::uint64_t limit) {
        if (limit == 0) return;
        fmt::format_to(std::back_inserter(limits), "{}{} {} {}", limits.empty() ? "" : " ", resource, used,
                       limit);
    };
    add("STORAGE", units(state.usage.bytes), units(state.quota.bytes));
    add("MESSAGE", state.usage.messages, state.quota.messages);
    desk.out += "* QUOTA ";
    wire::put_astring(desk.out, root_of(desk.here));
    fmt::format_to(std::back_inserter(desk.out), " ({})\r\n", limits);
}

bool has_limits(const store::AccountState& state) {
    return state.quota.bytes != 0 || state.quota.messages != 0;
}

Completion no_such_root() { return no(wire::Code::nonexistent, "There is no such quota root"); }

}  // namespace

// SP quota-root-name
Reaction get_quota(Session&, const Arguments& arguments) {
    arguments.in.space();
    auto root = arguments.in.astring();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([root = std::move(root)](Desk& desk) -> Step {
        TRY(const auto state, desk.home().view().state());
        if (root != root_of(desk.here) || !has_limits(state)) return no_such_root();
        put_quota(desk, state);
        return ok("That is all");
    });
}

// SP mailbox, which need not exist (RFC 9208 §4.1.2).
Reaction get_quota_root(Session&, const Arguments& arguments) {
    arguments.in.space();
    auto name = arguments.in.mailbox();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([name = std::move(name)](Desk& desk) -> Step {
        TRY(const auto spot, locate(desk, name));
        if (!spot.is_own) return no(wire::Code::no_permission, "What others use is theirs to know");
        TRY(const auto state, desk.home().view().state());
        desk.out += "* QUOTAROOT ";
        wire::put_mailbox(desk.out, name, desk.here.names);
        if (has_limits(state)) {
            desk.out += ' ';
            wire::put_astring(desk.out, root_of(desk.here));
        }
        desk.out += "\r\n";
        if (has_limits(state)) put_quota(desk, state);
        return ok("That is all");
    });
}

// Limits are the administrators' business, who have `hongyan account` for them: no QUOTASET (RFC 9208
// §4.1.3).
Reaction set_quota(Session&, const Arguments& arguments) {
    const auto wanted = wire::set_quota_arguments(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([root = wanted.root](Desk& desk) -> Step {
        if (root != root_of(desk.here)) return no_such_root();
        return no(wire::Code::no_permission, "Only administrators of this server set limits");
    });
}

}  // namespace hongyan::imap::commands
