#include "imap/wire/notify_parser.h"

#include <array>
#include <utility>

#include "imap/wire/limits.h"
#include "imap/wire/names.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::wire {
namespace {

constexpr std::array scopes{
    Word{"SELECTED", NotifyScope::selected},     Word{"SELECTED-DELAYED", NotifyScope::selected_delayed},
    Word{"INBOXES", NotifyScope::inboxes},       Word{"PERSONAL", NotifyScope::personal},
    Word{"SUBSCRIBED", NotifyScope::subscribed}, Word{"SUBTREE", NotifyScope::subtree},
    Word{"MAILBOXES", NotifyScope::mailboxes},
};

constexpr std::string_view message_new = "MessageNew";
constexpr std::string_view message_expunge = "MessageExpunge";
constexpr std::string_view flag_change = "FlagChange";
constexpr std::array other_events{
    Word{"MailboxName", &NotifyEvents::mailbox_name},
    Word{"SubscriptionChange", &NotifyEvents::subscription},
    Word{"MailboxMetadataChange", &NotifyEvents::mailbox_metadata},
    Word{"ServerMetadataChange", &NotifyEvents::server_metadata},
};

bool is_of_selected(NotifyScope scope) {
    return scope == NotifyScope::selected || scope == NotifyScope::selected_delayed;
}

// The events of one group as they are read.
class Events {
public:
    Events(Parser& in, NotifyScope scope, NotifyArguments& whole) : in_(in), scope_(scope), whole_(whole) {}

    // events = ( "(" event *(SP event) ")" ) / "NONE". The examples have one event without parentheses too.
    NotifyEvents read() {
        if (in_.present("NONE")) return events_;
        const bool is_list = in_.present("(");
        do {
            read_one();
        } while (is_list && !in_.failed() && in_.present(" "));
        if (is_list) in_.expect(")");
        check();
        return events_;
    }

private:
    void read_one() {
        const auto name = in_.atom();
        const auto is = [name](std::string_view word) { return ascii::iequals(name, word); };
        if (is(message_new)) {
            is_new_ = true;
            if (in_.present_next(" (")) read_fetched();
        } else if (is(message_expunge)) {
            is_expunge_ = true;
        } else if (is(flag_change)) {
            events_.flags = true;
        } else if (const auto* const word = find_word(other_events, name)) {
            events_.*word->value = true;
            if (is_of_selected(scope_)) in_.fail("events of messages");
        } else {
            whole_.has_unknown_event = true;
        }
        if (++count_ > max_notify_events) in_.fail("fewer events");
    }

    // SP "(" fetch-att *(SP fetch-att) ")", for the selected mailbox only
    void read_fetched() {
        if (!is_of_selected(scope_)) in_.fail("no items to fetch");
        in_.expect(" (");
        do {
            events_.fetched.push_back(in_.fetch_item());
            if (events_.fetched.size() > max_fetch_items) in_.fail("fewer items to fetch");
        } while (!in_.failed() && in_.present(" "));
        in_.expect(")");
    }

    // RFC 5465 §5
    void check() {
        const bool is_whole = is_new_ == is_expunge_ && (is_new_ || !events_.flags);
        if (!is_whole && !whole_.has_unknown_event) in_.fail("MessageNew and MessageExpunge together");
        events_.messages = is_new_;
    }

    Parser& in_;
    NotifyScope scope_;
    NotifyArguments& whole_;
    NotifyEvents events_;
    bool is_new_ = false;
    bool is_expunge_ = false;
    std::size_t count_ = 0;
};

// one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")"
std::vector<std::string> one_or_more_mailboxes(Parser& in) {
    std::vector<std::string> names;
    const bool is_list = in.present("(");
    do {
        names.push_back(in.mailbox());
        if (names.size() > max_notify_mailboxes) in.fail("fewer mailboxes");
    } while (is_list && !in.failed() && in.present(" "));
    if (is_list) in.expect(")");
    return names;
}

// event-group = "(" filter-mailboxes SP events ")"
NotifyGroup event_group(Parser& in, NotifyArguments& whole) {
    NotifyGroup group;
    in.expect("(");
    const auto* const scope = find_word(scopes, in.atom());
    if (scope == nullptr) return in.fail("which mailboxes"), group;
    group.scope = scope->value;
    in.space();
    if (group.scope == NotifyScope::subtree || group.scope == NotifyScope::mailboxes) {
        group.mailboxes = one_or_more_mailboxes(in);
        in.space();
    }
    group.events = Events(in, group.scope, whole).read();
    in.expect(")");
    return group;
}

// An event that we do not know has left no name; AnnotationChange is one such.
void put(std::string& out, const NotifyEvents& events, bool with_unknown) {
    if (!events.any() && !with_unknown) {
        out += "NONE";
        return;
    }
    const auto add = [&out](std::string_view word) {
        if (!out.ends_with('(')) out += ' ';
        out += word;
    };
    out += '(';
    if (events.messages) add(message_new);
    if (!events.fetched.empty()) {
        out += " (";
        for (bool is_first = true; const auto& item : events.fetched) {
            if (!std::exchange(is_first, false)) out += ' ';
            put(out, item);
        }
        out += ')';
    }
    if (events.messages) add(message_expunge);
    if (events.flags) add(flag_change);
    for (const auto& row : other_events)
        if (events.*row.value) add(row.text);
    if (with_unknown) add("AnnotationChange");
    out += ')';
}

}  // namespace

// SP ("SET" [SP "STATUS"] SP event-group *(SP event-group) / "NONE")
NotifyArguments notify_arguments(Parser& in) {
    NotifyArguments arguments;
    in.space();
    if (in.present("NONE")) {
        arguments.none = true;
        return arguments;
    }
    in.expect("SET");
    arguments.status = in.present(" STATUS");
    std::size_t selecting = 0;
    do {
        in.space();
        arguments.groups.push_back(event_group(in, arguments));
        selecting += is_of_selected(arguments.groups.back().scope) ? 1 : 0;
        if (arguments.groups.size() > max_notify_groups) in.fail("fewer groups");
    } while (!in.failed() && !in.at_end());
    if (selecting > 1) in.fail("one of SELECTED and SELECTED-DELAYED, once");  // RFC 5465 §6.1
    return arguments;
}

void put(std::string& out, const NotifyArguments& arguments) {
    out += arguments.none ? " NONE" : arguments.status ? " SET STATUS" : " SET";
    for (const auto& group : arguments.groups) {
        out += fmt::format(" ({}", word_of(scopes, group.scope));
        if (!group.mailboxes.empty()) {
            out += " (";
            for (bool is_first = true; const auto& name : group.mailboxes) {
                if (!std::exchange(is_first, false)) out += ' ';
                put_mailbox(out, name);
            }
            out += ')';
        }
        out += ' ';
        put(out, group.events, arguments.has_unknown_event && &group == &arguments.groups.front());
        out += ')';
    }
}

std::string known_events() {
    auto names = fmt::format("({} {} {}", message_new, message_expunge, flag_change);
    for (const auto& row : other_events) names += fmt::format(" {}", row.text);
    return names + ")";
}

}  // namespace hongyan::imap::wire
