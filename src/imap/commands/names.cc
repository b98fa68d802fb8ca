#include "imap/commands/names.h"

namespace hongyan::imap::commands {
namespace {

using enum Error::Kind;

// "Other Users/OWNER/NAME", where people share at all.
struct OfOthers {
    std::string_view owner;
    std::string_view name;
};
std::optional<OfOthers> of_others(const Desk& desk, std::string_view text) {
    const auto begin = others_level.size();
    if (!desk.here.people || !text.starts_with(others_level)) return std::nullopt;
    if (text.size() <= begin || text[begin] != store::hierarchy_separator) return std::nullopt;
    const auto rest = text.substr(begin + 1);
    const auto end = std::min(rest.find(store::hierarchy_separator), rest.size());
    return OfOthers{rest.substr(0, end), rest.substr(std::min(end + 1, rest.size()))};
}

Result<Rights> require(const Place& place, std::string_view name, Rights needed) {
    if (place.rights.contains(needed)) return place.rights;
    if (!place.rights.contains(Right::lookup)) return fail(not_found, "there is no mailbox \"{}\"", name);
    return fail(denied, "this needs the right \"{}\" for \"{}\"", to_text(needed), name);
}

}  // namespace

std::string_view without_separator(std::string_view text) {
    if (text.size() > 1 && text.ends_with(store::hierarchy_separator)) text.remove_suffix(1);
    return text;
}

store::MailboxName name_of_others(const std::string& owner, const store::MailboxName& name) {
    std::vector<std::string> levels{std::string(others_level), owner};
    levels.insert(levels.end(), name.levels().begin(), name.levels().end());
    return store::MailboxName::of_levels(std::move(levels));
}

Result<Spot> locate(Desk& desk, std::string_view text) {
    text = without_separator(text);
    const auto others = of_others(desk, text);
    if (!others) {
        TRY(auto name, store::MailboxName::parse(text));
        return Spot{desk.home(), std::move(name), true};
    }
    const auto owner = desk.here.people->account_of(others->owner);
    if (!owner || *owner == desk.here.account) return fail(not_found, "nobody shares \"{}\"", text);
    TRY(auto name, store::MailboxName::parse(others->name));
    return Spot{desk.store.account(*owner), std::move(name), false};
}

Result<Place> find_place(Desk& desk, std::string_view name, Rights needed) {
    auto spot = locate(desk, name);
    if (!spot) return fail(not_found, "there is no mailbox \"{}\"", name);
    const auto mail = spot->account.view();
    auto mailbox = mail.find(spot->name);
    if (!mailbox && mailbox.error().kind == not_found)
        return fail(not_found, "there is no mailbox \"{}\"", name);
    TRY(mailbox);
    TRY(const auto rights, mail.rights(mailbox->id, desk.here.account.value()));
    Place place{spot->account, *std::move(mailbox), rights};
    TRY(require(place, name, needed));
    return place;
}

Result<Place> find_selectable(Desk& desk, std::string_view name, Rights needed) {
    TRY(auto place, find_place(desk, name, needed));
    if (!place.mailbox.selectable()) return fail(not_found, "\"{}\" is only a name", name);
    return place;
}

Result<void> permit_creation(Desk& desk, const Spot& spot) {
    if (spot.is_own) {
        const bool is_reserved = desk.here.people && spot.name.levels().front() == others_level;
        if (is_reserved) return fail(denied, "\"{}\" is for the mailboxes of others", others_level);
        return {};
    }
    const auto mail = spot.account.view();
    for (auto depth = spot.name.levels().size() - 1; depth > 0; --depth) {
        const auto above = spot.name.levels().first(depth);
        const auto mailbox = mail.find(store::MailboxName::of_levels({above.begin(), above.end()}));
        if (!mailbox) continue;
        TRY(const auto rights, mail.rights(mailbox->id, desk.here.account.value()));
        if (rights.contains(Right::create)) return {};
        break;
    }
    return fail(denied, "only its owner may create that");
}

void leave(Desk& desk) {
    if (!desk.here.mailbox) return;
    wire::put_status(desk.out, wire::untagged, wire::Condition::ok,
                     {wire::Code::closed, {}, "The previous mailbox is closed"});
    desk.here.mailbox.reset();
}

}  // namespace hongyan::imap::commands
