#include "admin/accounts.h"
#include "admin/export.h"
#include "admin/import.h"
#include "admin/present.h"
#include "admin/search.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "message/encoded_word.h"
#include "message/summary.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

// The account and the mailbox that a call names.
struct Place {
    store::Account account;
    store::Mailbox mailbox;
};

Result<Place> place_of(const Call& call) {
    TRY(auto account, account_named(call, call.values.text("account")));
    TRY(auto mailbox, mailbox_named(account.view(), call.values.text_or("mailbox", "INBOX")));
    return Place{account, std::move(mailbox)};
}

// A view keeps the whole store from recovering after its disk has failed (Holder::close in
// engine/rocksdb_backend.cc). So nobody has one for longer than some messages take, and none while he writes:
// a person at a pager may take his time.
constexpr std::size_t most_of_page = 200;                         // messages
constexpr std::uint64_t bytes_of_page = std::uint64_t{4} << 20U;  // but for the last of them

// Those of `uids` that come first.
Result<std::vector<store::Entry>> first_page(const store::View& view, store::MailboxId mailbox,
                                             const store::UidSet& uids) {
    std::vector<store::Entry> page;
    std::uint64_t bytes = 0;
    const auto is_full = [&] { return page.size() == most_of_page || bytes >= bytes_of_page; };
    const auto walked = view.each_entry(mailbox, uids, [&](const store::Entry& entry) -> Result<void> {
        if (is_full()) return fail(Error::Kind::exists, "the page is full");
        bytes += entry.size;
        page.push_back(entry);
        return {};
    });
    if (!walked && !is_full()) return std::unexpected(walked.error());
    return page;
}

// `each` of a page, with a view of it; then `end_page`, without one.
template <typename Each, typename EndPage>
Result<void> in_pages(const Place& place, store::UidSet uids, const Call& call, const Each& each,
                      const EndPage& end_page) {
    while (!uids.empty()) {
        TRY(call.is_wanted());
        {
            const auto view = place.account.view();
            TRY(const auto page, first_page(view, place.mailbox.id, uids));
            if (page.empty()) return {};
            TRY(view.each_message(
                place.mailbox.id, page,
                [&](const store::Entry& entry, const store::MessageView& kept) -> Result<void> {
                    TRY(call.is_wanted());
                    return each(view, entry, kept);
                }));
            uids.remove(store::UidSet::of({store::Uid(1), page.back().uid}));
        }
        TRY(end_page());
    }
    return {};
}

// Gives `take` each message whole.
template <typename Take>
Result<void> read_each(const Place& place, const store::UidSet& uids, const Call& call, const Take& take) {
    std::vector<std::pair<store::Entry, std::string>> read;
    const auto keep = [&read](const store::View& view, const store::Entry& entry,
                              const store::MessageView& kept) -> Result<void> {
        TRY(auto raw, view.read(kept));
        read.emplace_back(entry, std::move(raw));
        return {};
    };
    return in_pages(place, uids, call, keep, [&]() -> Result<void> {
        for (auto& [entry, raw] : std::exchange(read, {})) {
            TRY(call.is_wanted());
            TRY(take(entry, std::move(raw)));
        }
        return {};
    });
}

Result<void> import(const Call& call) {
    TRY(const auto place, place_of(call));
    TRY(auto flags, parse_flags(call.values.texts("flag")));
    Importer importer(call.services.kept->store, place.account.id(), place.mailbox.id, std::move(flags),
                      call.services.clock);
    const auto done = [&]() -> Result<void> {
        for (const auto& name : call.values.texts("path")) {
            if (name == "-") {
                TRY(importer.add({.raw = call.console.input, .flags = {}, .internal_date = {}}));
            } else {
                TRY(message::read_mailbox(call.path(name), [&](const auto& found) -> Result<void> {
                    TRY(call.is_wanted());
                    return importer.add(found);
                }));
            }
        }
        return {};
    }();
    const auto finished = importer.finish();
    const auto& totals = importer.totals();
    call.say(fmt::format("imported {} messages ({}) into {} of {}", totals.messages, human_size(totals.bytes),
                         place.mailbox.name.text(), call.values.text("account")));
    return done ? finished : done;
}

Result<ExportFormat> parse_format(const std::string& word) {
    if (word == "eml") return ExportFormat::eml;
    if (word == "mbox") return ExportFormat::mbox;
    if (word == "maildir") return ExportFormat::maildir;
    return fail(Error::Kind::invalid, "--format takes eml, mbox or maildir, not \"{}\"", word);
}

Result<message::LineEnds> parse_line_ends(const std::string& word) {
    if (word == "lf") return message::LineEnds::lf;
    if (word == "crlf") return message::LineEnds::crlf;
    return fail(Error::Kind::invalid, "--line-ends takes lf or crlf, not \"{}\"", word);
}

Result<std::vector<store::Mailbox>> mailboxes_to_export(const Call& call, const store::View& view) {
    if (!call.values.given("mailbox")) return view.mailboxes();
    std::vector<store::Mailbox> wanted;
    for (const auto& name : call.values.texts("mailbox")) {
        TRY(auto mailbox, mailbox_named(view, name));
        wanted.push_back(std::move(mailbox));
    }
    return wanted;
}

Result<void> export_messages(const Call& call) {
    TRY(const auto account, account_named(call, call.values.text("account")));
    TRY(const auto format, parse_format(call.values.text_or("format", "mbox")));
    TRY(const auto ends, parse_line_ends(call.values.text_or("line-ends", "lf")));
    TRY(const auto mailboxes, mailboxes_to_export(call, account.view()));
    const auto& to = call.values.text("to");
    const auto exporter =
        to == "-" ? make_mbox_stream(call.console.out) : make_exporter(format, call.path(to));
    std::uint64_t count = 0;
    for (const auto& mailbox : mailboxes) {
        TRY(exporter->begin(mailbox.name));
        const auto write = [&](const store::Entry& entry, std::string raw) {
            ++count;
            return exporter->add(entry, with_line_ends(std::move(raw), ends));
        };
        TRY(read_each({account, mailbox}, store::UidSet::all(), call, write));
    }
    TRY(exporter->finish());
    if (to != "-") call.say(fmt::format("exported {} messages to {}", count, to));
    return {};
}

Listing message_listing() {
    return Listing({{"uid"}, {"date"}, {"from", 30}, {"subject", 60}, {"size"}, {"flags"}});
}

Result<void> add_to(Listing& listing, const store::Entry& entry, const store::MessageView& kept) {
    TRY(const auto summary, message::SummaryView::of(kept.summary));
    listing.add({std::uint64_t{entry.uid.value()}, shown(summary.date().value_or(entry.received)),
                 message::decode_header_text(summary.from()), message::decode_header_text(summary.subject()),
                 entry.size, flag_words(entry.flags)});
    return {};
}

Result<void> list(const Call& call) {
    TRY(const auto place, place_of(call));
    TRY(const auto uids, call.values.given("uid") ? parse_uids(call.values.texts("uid"))
                                                  : Result<store::UidSet>(store::UidSet::all()));
    auto listing = message_listing();
    const auto add = [&](const store::View&, const auto& entry, const auto& kept) {
        return add_to(listing, entry, kept);
    };
    TRY(in_pages(place, uids, call, add, [] { return Result<void>(); }));
    call.show(listing);
    return {};
}

Result<void> search(const Call& call) {
    TRY(const auto place, place_of(call));
    TRY(const auto criteria, parse_criteria(call.values));
    TRY(const auto uids, possible_matches(place.account.view(), place.mailbox.id, criteria));
    auto listing = message_listing();
    const auto look = [&](const store::View& view, const store::Entry& entry,
                          const store::MessageView& kept) -> Result<void> {
        TRY(const bool wanted, matches(criteria, entry, kept, [&] { return view.read(kept); }));
        return wanted ? add_to(listing, entry, kept) : Result<void>();
    };
    TRY(in_pages(place, uids, call, look, [] { return Result<void>(); }));
    call.show(listing);
    return {};
}

Result<void> show_one(const Call& call, const std::string& raw) {
    if (call.values.given("raw")) {
        call.console.out(raw);
    } else if (call.values.given("part")) {
        TRY(const auto content, part_content(raw, call.values.text("part")));
        call.console.out(content);
    } else if (call.values.given("structure")) {
        call.show(structure_listing(raw));
    } else {
        call.console.out(readable(raw));
    }
    return {};
}

Result<void> show(const Call& call) {
    TRY(const auto place, place_of(call));
    TRY(const auto uids, parse_uids({call.values.text("uid")}));
    bool some = false;
    TRY(read_each(place, uids, call, [&](const store::Entry&, const std::string& raw) {
        some = true;
        return show_one(call, raw);
    }));
    return some ? Result<void>()
                : fail(Error::Kind::not_found, "no message {} in {}", call.values.text("uid"),
                       place.mailbox.name.text());
}

Result<void> remove(const Call& call) {
    TRY(const auto place, place_of(call));
    TRY(const auto uids, parse_uids(call.values.texts("uid")));
    TRY(const auto removed, place.account.expunge(place.mailbox.id, uids, store::Which::all));
    call.say(fmt::format("removed {} messages from {}", removed.uids.size(), place.mailbox.name.text()));
    return removed.uids.empty() ? fail(Error::Kind::not_found, "none of these messages is there")
                                : Result<void>();
}

constexpr Argument account{"account", Kind::required, "The account's login name, as ann@example.test"};
constexpr Argument mailbox{"mailbox", Kind::option, "The mailbox; INBOX if not said"};

constexpr Argument import_arguments[] = {
    account,
    {"path", Kind::one_or_more,
     "An mbox, a Maildir, a message in a file, a folder of these, or - for a message on standard input"},
    mailbox,
    {"flag", Kind::repeated, "A flag or keyword that all of them get, as Seen"},
};
constexpr Argument export_arguments[] = {
    account,
    {"to", Kind::required, "The folder to write to, or - for one mbox on standard output"},
    {"mailbox", Kind::repeated, "A mailbox; all if not said"},
    {"format", Kind::option, "eml (a file a message), mbox (a file a mailbox, the default) or maildir"},
    {"line-ends", Kind::option, "lf, as files of Unix have them (the default), or crlf, as mail travels"},
};
constexpr Argument list_arguments[] = {
    account, mailbox, {"uid", Kind::repeated, "Only these: 7, 1-5, 12-*"}, json_flag};
constexpr Argument search_arguments[] = {
    account,
    {"word", Kind::any_number,
     "A text that header or body hold, compared as people do: case, width and form are the same"},
    mailbox,
    {"from", Kind::repeated, "A text in From"},
    {"to", Kind::repeated, "A text in To, Cc or Bcc"},
    {"subject", Kind::repeated, "A text in the subject"},
    {"since", Kind::option, "Received on this day (YYYY-MM-DD, UTC) or later"},
    {"before", Kind::option, "Received before this day"},
    {"flag", Kind::repeated, "A flag or keyword it has"},
    {"without-flag", Kind::repeated, "A flag or keyword it has not"},
    json_flag,
};
constexpr Argument show_arguments[] = {
    account,
    {"uid", Kind::required, "Its UID, or several: 1-5"},
    mailbox,
    {"raw", Kind::flag, "The message byte by byte"},
    {"structure", Kind::flag, "Its MIME parts"},
    {"part", Kind::option, "The content of one part as --structure numbers it, decoded"},
    json_flag,
};
constexpr Argument remove_arguments[] = {account, {"uid", Kind::one_or_more, "UIDs: 7, 1-5, 12-*"}, mailbox};

constexpr Command rows[] = {
    {"message", "import", "Import messages from files", import_arguments, Needs::services, &import,
     Reads::where_dash},
    {"message", "export", "Export messages to files", export_arguments, Needs::services, &export_messages},
    {"message", "list", "List the messages of a mailbox", list_arguments, Needs::services, &list},
    {"message", "search", "List the messages that have all that is asked for", search_arguments,
     Needs::services, &search},
    {"message", "show", "Show a message for reading", show_arguments, Needs::services, &show},
    {"message", "remove", "Remove messages for good", remove_arguments, Needs::services, &remove},
};

}  // namespace

std::span<const Command> message_commands() { return rows; }

}  // namespace hongyan::admin
