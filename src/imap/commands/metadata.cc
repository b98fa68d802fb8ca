// GETMETADATA and SETMETADATA (RFC 5464 §4.2, §4.3).
#include "imap/commands/metadata.h"

#include <algorithm>
#include <map>
#include <ranges>

#include "imap/annotations.h"
#include "imap/commands/commands.h"
#include "imap/commands/names.h"
#include "imap/commands/special_use.h"
#include "imap/wire/writer.h"
#include "store/use_entry.h"

namespace hongyan::imap::commands {
namespace {

// The use of one's own mailbox, as LIST tells it (RFC 6154 §4).
constexpr std::string_view use_entry = "/private/specialuse";

// Is `entry` what was asked for, or as far below it as was asked for?
bool is_meant(std::string_view entry, std::string_view asked, wire::EntryDepth depth) {
    if (entry == asked) return true;
    if (depth == wire::EntryDepth::itself || !entry.starts_with(asked) || entry[asked.size()] != '/')
        return false;
    return depth == wire::EntryDepth::all || !entry.substr(asked.size() + 1).contains('/');
}

// Where annotations are: on a mailbox, or, for those of the server, on the user's own account.
struct Subjects {
    store::Account account;
    store::MailboxId mailbox = store::no_mailbox;
    Rights rights = Rights::all();
    bool is_server() const { return mailbox == store::no_mailbox; }
};

Result<Subjects> find_subject(Desk& desk, const std::string& name) {
    if (name.empty()) return Subjects{desk.home()};
    TRY(auto place, find_place(desk, name, {Right::lookup}));
    if (!place.rights.contains_any(noting))
        return fail(Error::Kind::denied, "this needs one of the rights \"{}\"", to_text(noting));
    return Subjects{place.account, place.mailbox.id, place.rights};
}

Step get(const wire::GetMetadataArguments& wanted, Desk& desk) {
    TRY(const auto subject, find_subject(desk, wanted.mailbox));
    TRY(const auto left_out,
        put_metadata(desk, subject.account.view(), subject.mailbox, wanted.mailbox, wanted));
    if (left_out == 0) return ok("That is all");
    return ok(wire::Code::metadata, fmt::format("LONGENTRIES {}", left_out), "Some are longer");
}

Completion limited(const Error& error) {
    const auto arguments = error.kind == Error::Kind::over_quota
                               ? std::string("TOOMANY")
                               : fmt::format("MAXSIZE {}", store::max_annotation_size);
    return {wire::Condition::no, {wire::Code::metadata, arguments, "Not possible: " + error.message}};
}

// "\\Sent \\Junk"; nothing, or NIL, for none.
wire::FlagNames uses_in(std::string_view value) {
    wire::FlagNames uses;
    for (const auto word : std::views::split(value, ' '))
        if (!word.empty()) uses.emplace_back(std::string_view(word));
    return uses;
}

// Its client knows what it has done itself.
Result<void> note_own_use(const Desk& desk, const Subjects& subject) {
    TRY(const auto annotations, subject.account.view().annotations(subject.mailbox, subject.account.id()));
    for (const auto& annotation : annotations) {
        if (annotation.entry != store::use_entry) continue;
        desk.note_own_metadata(subject.account.id(), annotation.modseq);
        desk.here.annotations.has_made(subject.account.id(), annotation.modseq);
    }
    return {};
}

// Checked as for CREATE (RFC 6154 §4).
Step set_use(const Subjects& subject, const wire::SetMetadataArguments& wanted, Desk& desk) {
    if (subject.account.id() != desk.here.account) return not_the_owner();
    if (wanted.values.size() > 1) return no(wire::Code::cannot, "The use of a mailbox is set by itself");
    const auto uses = uses_in(wanted.values.front().value.value_or(""));
    TRY(const auto use, use_for(subject.account.view(), subject.mailbox, uses));
    if (!use) return no(wire::Code::use_attribute, "No mailbox can be given that use");
    TRY(subject.account.set_special_use(subject.mailbox, *use));
    TRY(note_own_use(desk, subject));
    return ok("Set");
}

// What all users of the server share is not one user's to write (RFC 5464 §3.3).
Step set(const wire::SetMetadataArguments& wanted, Desk& desk) {
    TRY(const auto subject, find_subject(desk, wanted.mailbox));
    const auto is_use = [](const auto& value) { return value.entry == use_entry; };
    if (!subject.is_server() && std::ranges::any_of(wanted.values, is_use))
        return set_use(subject, wanted, desk);
    std::vector<store::Note> notes;
    for (const auto& [entry, value] : wanted.values) {
        const auto [of, name] = divide_entry(entry, desk.here.account.value());
        const bool may_not =
            of == store::shared_notes && (subject.is_server() || !subject.rights.contains(Right::write));
        if (may_not) return no(wire::Code::no_permission, "You may not change " + entry);
        notes.push_back({of, name, value});
    }
    const auto modseq = subject.account.annotate(subject.mailbox, notes);
    if (modseq) {
        desk.note_own_metadata(subject.account.id(), *modseq);
        desk.here.annotations.has_made(subject.account.id(), *modseq);
        return ok("Set");
    }
    const auto kind = modseq.error().kind;
    if (kind == Error::Kind::over_quota || kind == Error::Kind::too_large) return limited(modseq.error());
    return std::unexpected(modseq.error());
}

// In the place of what was kept under its name before it had a meaning.
Result<void> read_use(const Desk& desk, const store::View& mail, store::MailboxId mailbox,
                      std::map<std::string, std::string>& entries) {
    entries.erase(std::string(use_entry));
    if (mail.account() != desk.here.account) return {};
    TRY(const auto state, mail.mailbox(mailbox));
    if (const auto* row = store::row_of(state.use)) entries.emplace(use_entry, row->attribute);
    return {};
}

}  // namespace

Result<std::size_t> put_metadata(Desk& desk, const store::View& mail, store::MailboxId mailbox,
                                 std::string_view name, const wire::GetMetadataArguments& wanted) {
    TRY(auto present, read_entries(mail, mailbox, desk.here.account.value()));
    if (mailbox != store::no_mailbox) TRY(read_use(desk, mail, mailbox, present));
    std::string values;
    std::size_t left_out = 0;
    const auto put = [&](std::string_view entry, const std::optional<std::string>& value) {
        if (!values.empty()) values += ' ';
        wire::put_entry_value(values, entry, value);
    };
    for (const auto& [entry, value] : present) {
        const auto asks = [&](const auto& asked) { return is_meant(entry, asked, wanted.depth); };
        if (std::ranges::none_of(wanted.entries, asks)) continue;
        if (wanted.max_size && value.size() > *wanted.max_size)
            left_out = std::max(left_out, value.size());
        else
            put(entry, value);
    }
    if (wanted.depth == wire::EntryDepth::itself)
        for (const auto& asked : wanted.entries)
            if (!present.contains(asked)) put(asked, {});
    if (values.empty()) return left_out;
    desk.out += "* METADATA ";
    wire::put_mailbox(desk.out, name, desk.here.names);
    desk.out += " (" + values + ")\r\n";
    return left_out;
}

Reaction get_metadata(Session&, const Arguments& arguments) {
    auto wanted = wire::get_metadata_arguments(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) { return get(wanted, desk); });
}

Reaction set_metadata(Session&, const Arguments& arguments) {
    auto wanted = wire::set_metadata_arguments(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) { return set(wanted, desk); });
}

}  // namespace hongyan::imap::commands
