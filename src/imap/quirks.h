// What we do for the sake of clients as they are. Each row has its conversation in
// tests/transcripts/imap/quirks.txt, which begins with its name.
#pragma once

#include <array>
#include <string_view>

namespace hongyan::imap {

struct Quirk {
    std::string_view name;
    std::string_view clients;
    std::string_view they;    // do or expect
    std::string_view we;      // do
    std::string_view where;   // in this folder
    std::string_view source;  // where it is told
};

inline constexpr std::array quirks{
    Quirk{"extra-separator", "Thunderbird",
          "end a name with the hierarchy separator where they subscribe to it or rename it", "take it off",
          "commands/names.h", "Dovecot, imap_client_workarounds: tb-extra-mailbox-sep"},
    Quirk{"lsub-flags", "Thunderbird", "expect attributes of LIST, \\Noselect above all, in LSUB",
          "tell the same in both", "commands/lsub.cc", "Dovecot, imap_client_workarounds: tb-lsub-flags"},
    Quirk{"literal-last", "imaplib, Mail::IMAPClient",
          "take what follows a literal for the end of the response",
          "put what they have not asked for before what they have", "commands/fetch.cc",
          "our scenarios with both"},
    Quirk{
        "id-whenever", "all that talk to NetEase (163, 126, yeah.net)",
        "send ID behind LOGIN, with fields of their own, since NetEase answers SELECT with Unsafe Login else",
        "take it in every state, with any fields", "commands/id.cc",
        "github.com/OfflineIMAP/offlineimap3 issue 71, github.com/jonhoo/rust-imap issue 296"},
    Quirk{"single-spaces", "imap_tools, Laminas Mail",
          "read a space at the end of SEARCH as one more number, "
          "and stop at two spaces in FETCH",
          "send none that the grammar does not have", "commands/search.cc, message_data.cc",
          "github.com/ikvk/imap_tools issue 97, github.com/mguessan/davmail issue 454"},
    Quirk{"short-last-chunk", "Thunderbird, Apple Mail",
          "fetch large messages in chunks of one size, the last beyond the end",
          "give what there is and repeat the origin only", "wire/section.h",
          "github.com/Progressiverobot/hmailserver issue 26"},
    Quirk{"quotes-in-ids", "libetpan, MailCore2, Mailspring",
          "stop for ever at a Message-ID with quotes in it that are not escaped", "escape them",
          "wire/writer.h", "github.com/MailCore/mailcore2 issue 1967"},
    Quirk{
        "raw-headers", "programs that keep copies of mail or carry it, as mbsync, OfflineIMAP and imapsync",
        "bring and want header fields beyond ASCII octet for octet, and enable nothing (against RFC 6855 §4)",
        "take them and tell them as they stand, unless the setting imap.raw_headers says no",
        "commands/arriving.cc, message_data.h", "our scenarios with them"},
};

}  // namespace hongyan::imap
