// LSUB and NAMESPACE (RFC 3501 §6.3.9; RFC 2342).
#include <map>

#include "imap/commands/commands.h"
#include "imap/commands/list_line.h"
#include "imap/commands/mailbox_pattern.h"
#include "imap/commands/names.h"
#include "imap/commands/tree.h"
#include "imap/wire/mailbox_text.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

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

Reaction lsub(Session&, const Arguments& arguments) {
    auto wanted = arguments.in.list_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) -> Step {
        const MailboxPattern pattern(wanted.reference, wanted.pattern);
        TRY(const auto tree, read_tree(desk));
        Subscriptions subscriptions(pattern);
        for (const auto& [mailbox, rights, mail] : tree.mailboxes)
            if (mailbox.subscribed) subscriptions.add(mailbox.name, attributes_of(mailbox));
        for (const auto& name : tree.lost) subscriptions.add(name, {"\\Noselect"});
        subscriptions.put(desk);
        return ok("Listed");
    });
}

// In the client's language beside the name (RFC 5255 §3.4).
std::string namespaces(const Standing& standing) {
    constexpr auto separator = store::hierarchy_separator;
    std::string translation;
    if (standing.language == Language::chinese) {
        wire::put_string(translation, wire::to_modified_utf7(fmt::format("其他用户{}", separator)));
        translation = fmt::format(R"( "TRANSLATION" ({}))", translation);
    }
    const auto others = fmt::format(R"((("{}{}" "{}"{})))", others_level, separator, separator, translation);
    return fmt::format(R"(NAMESPACE (("" "{}")) {} NIL)", separator, standing.people ? others : "NIL");
}

// One's own mailboxes at the root, and those of others where people share.
Reaction name_space(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    session.tell(namespaces(session.standing()));
    return ok("That is all");
}

}  // namespace hongyan::imap::commands
