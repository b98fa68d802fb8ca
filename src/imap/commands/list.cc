// LIST (RFC 3501 §6.3.8; RFC 5258; RFC 3348; RFC 6154; RFC 5819).
#include <algorithm>
#include <map>
#include <set>

#include "imap/commands/acl.h"
#include "imap/commands/commands.h"
#include "imap/commands/list_line.h"
#include "imap/commands/mailbox_pattern.h"
#include "imap/commands/metadata.h"
#include "imap/commands/status.h"
#include "imap/commands/tree.h"

namespace hongyan::imap::commands {
namespace {

// An empty pattern asks for the separator, and for the root of the reference (RFC 3501 §6.3.8).
void put_root(Desk& desk, const std::string& reference) {
    const auto separator = reference.find(store::hierarchy_separator);
    put_line(desk, "LIST", {"\\Noselect"},
             separator == std::string::npos ? std::string_view()
                                            : std::string_view(reference).substr(0, separator + 1));
}

// What is below a name and satisfies the selection (RFC 5258 §3.5).
struct Below {
    bool unmatched = false;  // some of it matches no pattern, so the client would not hear of it otherwise
};

// One LIST: which names there are, which of them are told, and what of them.
class Listing {
public:
    explicit Listing(const wire::ExtendedListArguments& asked) : asked_(asked) {
        for (const auto& pattern : asked.patterns)  // RFC 5258 §3: an empty one is ignored
            if (!pattern.empty()) patterns_.emplace_back(asked.reference, pattern);
    }

    Result<void> run(Desk& desk) {
        TRY(const auto tree, read_tree(desk));
        if (asked_.selection.recursive_match || selects_lost())
            for (const auto& visible : tree.mailboxes) existing_.insert(visible.mailbox.name.text());
        if (asked_.selection.recursive_match) look_below(tree);
        put_levels(desk, tree);
        for (const auto& mailbox : tree.mailboxes) TRY(put(desk, mailbox));
        put_lost(desk, tree.lost);
        return {};
    }

private:
    bool matches(const std::string& name) const {
        return std::ranges::any_of(patterns_, [&](const auto& pattern) { return pattern.matches(name); });
    }
    bool is_selected(const store::Mailbox& mailbox) const {
        return (!asked_.selection.subscribed || mailbox.subscribed) &&
               (!asked_.selection.special_use || mailbox.use != store::SpecialUse::none);
    }
    // A name that was subscribed to and is of no mailbox.
    bool selects_lost() const { return asked_.selection.subscribed && !asked_.selection.special_use; }

    void look_below(const Tree& tree) {
        for (const auto& [mailbox, rights, mail] : tree.mailboxes)
            if (is_selected(mailbox)) note_above(mailbox.name);
        if (!selects_lost()) return;
        for (const auto& name : tree.lost) note_above(name);
    }
    void note_above(const store::MailboxName& name) {
        const bool unmatched = !matches(name.text());
        const auto levels = name.levels();
        for (std::size_t depth = 1; depth < levels.size(); ++depth) {
            const auto above = levels.first(depth);
            below_[store::MailboxName::of_levels({above.begin(), above.end()}).text()].unmatched |= unmatched;
        }
    }

    // RFC 3501 §6.3.8: a pattern that ends in "%" brings them, of whatever is a mailbox below them. Where
    // names are selected (RFC 5258 §3.1) they are none of those. One may have been subscribed to when it was
    // shared (§3.2).
    void put_levels(Desk& desk, const Tree& tree) const {
        if (asked_.selection.subscribed || asked_.selection.special_use) return;
        for (const auto& level : tree.levels) {
            const auto name = level.text();
            const auto brings = [&name](const auto& pattern) {
                return pattern.ends_in_level() && pattern.matches(name);
            };
            if (std::ranges::none_of(patterns_, brings)) continue;
            wire::FlagNames attributes{"\\Noselect", "\\HasChildren"};
            if (asked_.wanted.subscribed && std::ranges::find(tree.lost, level) != tree.lost.end())
                attributes.emplace_back("\\Subscribed");
            put_line(desk, "LIST", attributes, name);
        }
    }

    // RFC 5258 §3.3: it is selected itself, or has something below that would not be told otherwise.
    Result<void> put(Desk& desk, const Visible& visible) const {
        const auto& [mailbox, rights, mail] = visible;
        const auto name = mailbox.name.text();
        const bool selected = is_selected(mailbox);
        if (!matches(name) || !(selected || leads_to_unmatched(name))) return {};
        auto attributes = attributes_of(mailbox);
        const bool wants_status = !asked_.wanted.status.empty();
        const bool may_read = rights.contains(Right::read);
        // RFC 5819 §2: what has no STATUS is told so.
        if (wants_status && mailbox.selectable() && !may_read)
            attributes.insert(attributes.begin(), "\\Noselect");
        const bool tells_subscription = asked_.selection.subscribed || asked_.wanted.subscribed;
        if (tells_subscription && mailbox.subscribed) attributes.emplace_back("\\Subscribed");
        put_line(desk, "LIST", attributes, name, child_info(name));
        if (!selected || !mailbox.selectable()) return {};
        if (asked_.wanted.my_rights) put_my_rights(desk, name, rights);
        if (!asked_.wanted.metadata.empty() && rights.contains_any(noting))
            TRY(put_metadata(desk, *mail, mailbox.id, name,
                             {.mailbox = name, .max_size = {}, .entries = asked_.wanted.metadata}));
        if (!wants_status || !may_read) return {};
        return put_status(desk, *mail, mailbox, name, asked_.wanted.status);
    }

    void put_lost(Desk& desk, const std::vector<store::MailboxName>& lost) const {
        std::set<std::string> told;
        for (const auto& name : lost)
            if (selects_lost() && matches(name.text()))
                put_missing(desk, *told.insert(name.text()).first, {"\\Subscribed"});
        for (const auto& [name, below] : below_)
            if (below.unmatched && !existing_.contains(name) && !told.contains(name) && matches(name))
                put_missing(desk, name);
    }
    void put_missing(Desk& desk, const std::string& name, const wire::FlagNames& more = {}) const {
        wire::FlagNames attributes{"\\NonExistent", has_below(name) ? "\\HasChildren" : "\\HasNoChildren"};
        attributes.insert(attributes.end(), more.begin(), more.end());
        put_line(desk, "LIST", attributes, name, child_info(name));
    }
    bool has_below(const std::string& name) const {
        const auto top = name + store::hierarchy_separator;
        const auto first = existing_.lower_bound(top);
        return first != existing_.end() && first->starts_with(top);
    }

    bool leads_to_unmatched(const std::string& name) const {
        const auto found = below_.find(name);
        return found != below_.end() && found->second.unmatched;
    }
    // RFC 5258 §3.5: which selection what is below satisfies.
    std::string child_info(const std::string& name) const {
        if (!below_.contains(name)) return "";
        const auto& by = asked_.selection;
        return fmt::format(R"(("CHILDINFO" ({}{}{})))", by.subscribed ? R"("SUBSCRIBED")" : "",
                           by.subscribed && by.special_use ? " " : "",
                           by.special_use ? R"("SPECIAL-USE")" : "");
    }

    const wire::ExtendedListArguments& asked_;
    std::vector<MailboxPattern> patterns_;
    std::map<std::string, Below> below_;
    std::set<std::string> existing_;  // where names are told that are not there
};

}  // namespace

Reaction list(Session&, const Arguments& arguments) {
    auto wanted = arguments.in.extended_list_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) -> Step {
        if (!wanted.is_extended && wanted.patterns.front().empty())
            put_root(desk, wanted.reference);
        else
            TRY(Listing(wanted).run(desk));
        return ok("Listed");
    });
}

}  // namespace hongyan::imap::commands
