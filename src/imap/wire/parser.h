// Reads a command: one function per production of RFC 3501 §9 and its extensions. The first failure sticks,
// so a command is read straight through and asked once at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/scanner.h"
#include "imap/wire/values.h"

namespace hongyan::imap::wire {

// How mailbox names come: modified UTF-7 in IMAP4rev1, UTF-8 once a client has enabled it (RFC 6855 §3).
enum class MailboxNames { modified_utf7, utf8 };

// Looks at a command as CommandReader gives it, which the caller keeps.
class Parser {
public:
    explicit Parser(std::string_view command, MailboxNames names = MailboxNames::modified_utf7)
        : in_(command), names_(names) {}

    bool failed() const { return in_.failed(); }
    // Well formed, and nothing left over; if not, what would have been expected where.
    bool complete();
    const std::string& complaint() const { return complaint_; }

    bool present(std::string_view token) { return in_.present(token); }
    // The same, and nothing is taken.
    bool present_next(std::string_view token) const { return Scanner(in_).present(token); }
    void expect(std::string_view token);
    void space() { expect(" "); }
    bool at_end() const { return in_.at_end(); }

    // For the productions that are read elsewhere.
    void fail(std::string_view expected);
    // The next byte; NUL at the end and after a failure.
    char peek() const { return in_.peek(); }
    // Letters, digits, "." and "-", as names of items and options have them; may be empty.
    std::string_view keyword();

    std::string_view tag();
    std::string_view atom();
    std::string string();
    std::string quoted();
    std::string astring();
    std::optional<std::string> nstring();
    std::string literal();
    std::string literal8();
    std::uint32_t number();
    std::uint32_t nz_number();
    std::uint64_t number64();
    std::uint64_t mod_sequence_value();

    std::string mailbox();
    std::string list_mailbox();
    SequenceSet sequence_set();
    std::string flag();
    FlagNames flag_list();
    Date date();
    DateTime date_time();
    Section section();
    FetchItem fetch_item();

    // What stands behind a verb or a set, its leading space included.
    FetchArguments fetch_arguments();
    StoreArguments store_arguments();
    StatusArguments status_arguments();
    ListArguments list_arguments();
    ExtendedListArguments extended_list_arguments();
    SelectArguments select_arguments();
    AppendArguments append_arguments();
    AppendMessage append_message();
    CreateArguments create_arguments();
    IdPairs id_arguments();
    // One or more atoms, each after a space.
    std::vector<std::string> atoms();

private:
    std::string mailbox_text(std::string text);
    SetNumber seq_number();
    std::uint32_t digits(std::size_t count);
    std::uint32_t month();
    Section section_spec();
    void section_text(Section& section);
    std::vector<std::uint32_t> section_binary();
    AppendText append_text();
    AppendPart catenated_part();
    std::vector<std::string> header_list();
    std::optional<Partial> partial();
    std::optional<std::uint64_t> modifier(std::string_view name);
    void fetch_modifiers(FetchArguments& arguments);
    SequenceSet known_set();
    std::vector<StatusItem> status_items();
    ListSelection list_selection();
    std::vector<std::string> patterns();
    ListReturn list_return();
    void sequence_match_data(Resynchronisation& known);
    Resynchronisation resynchronisation();

    Scanner in_;
    MailboxNames names_;
    std::string complaint_;
};

}  // namespace hongyan::imap::wire
