// GETMETADATA and SETMETADATA (RFC 5464 §4.2, §4.3).
#include "imap/commands/metadata.h"

#include <algorithm>

#include "imap/annotations.h"
#include "imap/commands/commands.h"
#include "imap/commands/names.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

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

// What all users of the server share is not one user's to write (RFC 5464 §3.3).
Step set(const wire::SetMetadataArguments& wanted, Desk& desk) {
    TRY(const auto subject, find_subject(desk, wanted.mailbox));
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

}  // namespace

Result<std::size_t> put_metadata(Desk& desk, const store::View& mail, store::MailboxId mailbox,
                                 std::string_view name, const wire::GetMetadataArguments& wanted) {
    TRY(const auto present, read_entries(mail, mailbox, desk.here.account.value()));
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
