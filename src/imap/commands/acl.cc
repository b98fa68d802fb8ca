// SETACL, DELETEACL, GETACL, LISTRIGHTS, MYRIGHTS (RFC 4314 §3).
#include "imap/commands/acl.h"

#include <iterator>

#include "imap/commands/commands.h"
#include "imap/commands/names.h"
#include "imap/wire/acl_parser.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

using How = store::RightsChange::How;

constexpr std::string_view everybody = "anyone";

// Nobody gets here without having logged in, so these are the same.
bool means_everybody(std::string_view identifier) {
    return identifier == everybody || identifier == "authenticated";
}

// Preparing an identifier is the directory's business, which compares names in one form only.
Result<store::AccountId> grantee_of(const Desk& desk, const std::string& identifier) {
    if (means_everybody(identifier)) return store::anyone;
    if (identifier.starts_with('-'))
        return fail(Error::Kind::unsupported, "there are no negative rights here");
    if (!desk.here.people) return fail(Error::Kind::unsupported, "nothing can be shared here");
    return desk.here.people->account_of(identifier);
}

// An account that is gone is not spoken of: nobody has its rights.
std::optional<std::string> identifier_of(const Desk& desk, store::AccountId grantee) {
    if (grantee == store::anyone) return std::string(everybody);
    auto name = desk.here.people ? desk.here.people->name_of(grantee) : desk.here.user;
    if (!name) return std::nullopt;
    return *std::move(name);
}

void put_pair(std::string& out, std::string_view identifier, Rights rights) {
    out += ' ';
    wire::put_astring(out, identifier);
    out += ' ';
    wire::put_astring(out, to_text(rights));
}

// The owner first, who has all rights always.
Step get(Desk& desk, const std::string& name) {
    TRY(const auto place, find_place(desk, name, {Right::administer}));
    TRY(const auto grants, place.account.view().grants(place.mailbox.id));
    std::string list;
    if (const auto owner = owner_of(desk, place)) put_pair(list, *owner, Rights::all());
    for (const auto& grant : grants)
        if (const auto identifier = identifier_of(desk, grant.grantee))
            put_pair(list, *identifier, grant.rights);
    desk.out += "* ACL ";
    wire::put_mailbox(desk.out, name, desk.here.names);
    desk.out += list;
    desk.out += "\r\n";
    return ok("That is all");
}

Step change(Desk& desk, const wire::AclArguments& wanted, const store::RightsChange& change) {
    TRY(const auto place, find_place(desk, wanted.mailbox, {Right::administer}));
    TRY(const auto grantee, grantee_of(desk, wanted.identifier));
    if (grantee == place.account.id()) {
        if (change.applied_to(Rights::all()) == Rights::all()) return ok("The owner has all rights");
        return no(wire::Code::cannot, "The owner keeps all rights");
    }
    TRY(place.account.change_rights(place.mailbox.id, grantee, change));
    desk.note_own_name(place.account.id(), place.mailbox.id);
    return ok("Done");
}

// Each right can be given by itself; the owner has all of them whatever the list says.
Step list(Desk& desk, const wire::AclArguments& wanted) {
    TRY(const auto place, find_place(desk, wanted.mailbox, {Right::administer}));
    TRY(const auto grantee, grantee_of(desk, wanted.identifier));
    const bool is_owner = grantee == place.account.id();
    desk.out += "* LISTRIGHTS ";
    wire::put_mailbox(desk.out, wanted.mailbox, desk.here.names);
    desk.out += ' ';
    wire::put_astring(desk.out, wanted.identifier);
    desk.out += ' ';
    wire::put_astring(desk.out, is_owner ? to_text(Rights::all()) : std::string_view());
    if (!is_owner)
        for (const auto letter : to_text(Rights::all()))
            fmt::format_to(std::back_inserter(desk.out), " {}", letter);
    desk.out += "\r\n";
    return ok("That is all");
}

Step my_rights_of(Desk& desk, const std::string& name) {
    TRY(const auto place, find_place(desk, name, {}));
    constexpr Rights telling{Right::lookup, Right::read,   Right::insert,
                             Right::create, Right::remove, Right::administer};
    if (!place.rights.contains_any(telling))
        return fail(Error::Kind::not_found, "there is no mailbox \"{}\"", name);
    put_my_rights(desk, name, place.rights);
    return ok("That is all");
}

template <typename Work>
Reaction with_mailbox(const Arguments& arguments, Work work) {
    arguments.in.space();
    auto name = arguments.in.mailbox();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([name = std::move(name), work](Desk& desk) { return work(desk, name); });
}

std::optional<store::RightsChange> change_of(const wire::AclArguments& wanted) {
    const auto how = wanted.how == '+' ? How::add : wanted.how == '-' ? How::remove : How::replace;
    const auto rights = parse_rights(wanted.rights);
    if (!rights) return std::nullopt;
    return store::RightsChange{how, *rights};
}

}  // namespace

std::optional<std::string> owner_of(const Desk& desk, const Place& place) {
    return place.account.id() == desk.here.account ? std::optional(desk.here.user)
                                                   : identifier_of(desk, place.account.id());
}

void put_my_rights(Desk& desk, std::string_view name, Rights rights) {
    desk.out += "* MYRIGHTS ";
    wire::put_mailbox(desk.out, name, desk.here.names);
    desk.out += ' ';
    wire::put_astring(desk.out, to_text(rights));
    desk.out += "\r\n";
}

Reaction set_acl(Session&, const Arguments& arguments) {
    auto wanted = wire::set_acl_arguments(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    const auto wanted_change = change_of(wanted);
    if (!wanted_change) return bad("There is no such right");  // RFC 4314 §3.1: never passed over
    return Job([wanted = std::move(wanted), wanted_change = *wanted_change](Desk& desk) {
        return change(desk, wanted, wanted_change);
    });
}

Reaction delete_acl(Session&, const Arguments& arguments) {
    auto wanted = wire::acl_arguments(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) { return change(desk, wanted, {}); });
}

Reaction list_rights(Session&, const Arguments& arguments) {
    auto wanted = wire::acl_arguments(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) { return list(desk, wanted); });
}

Reaction get_acl(Session&, const Arguments& arguments) { return with_mailbox(arguments, &get); }
Reaction my_rights(Session&, const Arguments& arguments) { return with_mailbox(arguments, &my_rights_of); }

}  // namespace hongyan::imap::commands
