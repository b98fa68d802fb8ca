// LIST, LSUB and NAMESPACE (RFC 3501 §6.3.8, §6.3.9; RFC 3348; RFC 6154; RFC 2342).
#include <map>

#include "imap/commands/commands.h"
#include "imap/commands/mailbox_pattern.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

void put_line(Desk& desk, std::string_view response, const wire::FlagNames& attributes,
              std::string_view name) {
    auto& out = desk.out;
    fmt::format_to(std::back_inserter(out), "* {} ", response);
    wire::put_flags(out, attributes);
    fmt::format_to(std::back_inserter(out), " \"{}\" ", store::hierarchy_separator);
    wire::put_mailbox(out, name, desk.here.names);
    out += "\r\n";
}

wire::FlagNames attributes_of(const store::Mailbox& mailbox) {
    wire::FlagNames attributes;
    if (!mailbox.selectable()) attributes.emplace_back("\\Noselect");
    attributes.emplace_back(mailbox.has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (const auto* row = store::row_of(mailbox.use)) attributes.emplace_back(row->attribute);
    return attributes;
}

// An empty pattern asks for the separator, and for the root of the reference (RFC 3501 §6.3.8).
void put_root(Desk& desk, const std::string& reference) {
    const auto separator = reference.find(store::hierarchy_separator);
    put_line(desk, "LIST", {"\\Noselect"},
             separator == std::string::npos ? std::string_view()
                                            : std::string_view(reference).substr(0, separator + 1));
}

// The part of the name down to which a pattern that ends in "%" would match; nothing if it would not.
std::optional<std::string> matching_ancestor(const MailboxPattern& pattern, const store::MailboxName& name) {
    const auto levels = name.levels();
    for (std::size_t depth = levels.size() - 1; depth > 0; --depth) {
        const auto above = levels.first(depth);
        auto text = store::MailboxName::of_levels({above.begin(), above.end()}).text();
        if (pattern.matches(text)) return text;
    }
    return std::nullopt;
}

// Subscribed names; where "%" stops above one, what is above it, as \Noselect (RFC 3501 §6.3.9).
class Subscriptions {
public:
    explicit Subscriptions(const MailboxPattern& pattern) : pattern_(pattern) {}

    void add(const store::MailboxName& name, wire::FlagNames attributes) {
        const auto text = name.text();
        if (pattern_.matches(text))
            found_.insert_or_assign(text, std::move(attributes));
        else if (const auto above = matching_ancestor(pattern_, name))
            found_.emplace(*above, wire::FlagNames{"\\Noselect"});
    }
    void put(Desk& desk) const {
        for (const auto& [name, attributes] : found_) put_line(desk, "LSUB", attributes, name);
    }

private:
    const MailboxPattern& pattern_;
    std::map<std::string, wire::FlagNames> found_;
};

}  // namespace

Reaction list(Session&, const Arguments& arguments) {
    auto wanted = arguments.in.list_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) -> Step {
        if (wanted.pattern.empty()) {
            put_root(desk, wanted.reference);
            return ok("Listed");
        }
        const MailboxPattern pattern(wanted.reference, wanted.pattern);
        TRY(const auto mailboxes, desk.account.view().mailboxes());
        for (const auto& mailbox : mailboxes)
            if (pattern.matches(mailbox.name.text()))
                put_line(desk, "LIST", attributes_of(mailbox), mailbox.name.text());
        return ok("Listed");
    });
}

Reaction lsub(Session&, const Arguments& arguments) {
    auto wanted = arguments.in.list_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) -> Step {
        const MailboxPattern pattern(wanted.reference, wanted.pattern);
        const auto mail = desk.account.view();
        TRY(const auto mailboxes, mail.mailboxes());
        TRY(const auto lost, mail.lost_subscriptions());
        Subscriptions subscriptions(pattern);
        for (const auto& mailbox : mailboxes)
            if (mailbox.subscribed) subscriptions.add(mailbox.name, attributes_of(mailbox));
        for (const auto& name : lost) subscriptions.add(name, {"\\Noselect"});
        subscriptions.put(desk);
        return ok("Listed");
    });
}

// Personal mailboxes only, at the root.
Reaction name_space(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    session.tell(fmt::format(R"(NAMESPACE (("" "{}")) NIL NIL)", store::hierarchy_separator));
    return ok("That is all");
}

}  // namespace hongyan::imap::commands
