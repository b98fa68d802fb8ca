#include "imap/wire/multi_search.h"

#include "imap/wire/limits.h"
#include "imap/wire/names.h"
#include "imap/wire/print.h"
#include "imap/wire/search_parser.h"
#include "imap/wire/search_writer.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::wire {
namespace {

using Which = MailboxFilter::Which;

constexpr std::array filters{
    Word{"SELECTED", Which::selected},   Word{"INBOXES", Which::inboxes},
    Word{"PERSONAL", Which::personal},   Word{"SUBSCRIBED", Which::subscribed},
    Word{"SUBTREE", Which::subtree},     Word{"SUBTREE-ONE", Which::subtree_one},
    Word{"MAILBOXES", Which::mailboxes},
};

bool has_names(Which which) {
    return which == Which::subtree || which == Which::subtree_one || which == Which::mailboxes;
}

// one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")"
std::vector<std::string> one_or_more_mailboxes(Parser& in) {
    if (!in.present("(")) return {in.mailbox()};
    std::vector<std::string> names;
    do {
        names.push_back(in.mailbox());
        if (names.size() > max_searched_names) in.fail("fewer mailboxes");
    } while (!in.failed() && in.present(" "));
    in.expect(")");
    return names;
}

// "IN" SP "(" source-mbox ")": no scope-options are defined
std::vector<MailboxFilter> sources(Parser& in) {
    std::vector<MailboxFilter> sources;
    in.expect("(");
    do {
        sources.push_back(read_mailbox_filter(in));
        if (sources.size() > max_searched_names) in.fail("fewer mailboxes");
    } while (!in.failed() && in.present(" "));
    in.expect(")");
    return sources;
}

}  // namespace

MailboxFilter read_mailbox_filter(Parser& in) {
    MailboxFilter filter;
    const auto* row = find_word(filters, in.keyword());
    if (row == nullptr) {
        in.fail("which mailboxes");
        return filter;
    }
    filter.which = row->value;
    if (!has_names(filter.which)) return filter;
    in.space();
    filter.names = one_or_more_mailboxes(in);
    return filter;
}

// [SP esearch-source-opts] [SP search-return-opts] SP search-program   RFC 7377 §4
MultiSearchArguments read_multi_search(Parser& in) {
    SearchParser search(in);
    MultiSearchArguments arguments;
    if (in.present(" IN ")) arguments.sources = sources(in);
    arguments.wanted = search.result_options();
    in.space();
    arguments.program = search.program();
    return arguments;
}

void put(std::string& out, const MailboxFilter& filter) {
    out += word_of(filters, filter.which);
    if (!has_names(filter.which)) return;
    out += ' ';
    put_list(out, filter.names, [&out](const std::string& name) { put_mailbox(out, name); });
}

void put(std::string& out, const MultiSearchArguments& arguments) {
    if (!arguments.sources.empty()) {
        out += " IN ";
        put_list(out, arguments.sources, [&out](const MailboxFilter& filter) { put(out, filter); });
    }
    if (arguments.wanted) {
        out += " RETURN ";
        put(out, *arguments.wanted);
    }
    out += ' ';
    put(out, arguments.program);
}

}  // namespace hongyan::imap::wire
