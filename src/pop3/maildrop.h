// What POP3 calls a maildrop: the INBOX of an account, as it stood at log-in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace hongyan::pop3 {

struct Listed {
    store::Uid uid;
    store::MessageId message;
    // Octets, as RETR sends them without byte-stuffing; with the CRLF that a last line may lack (RFC 1939
    // §11, RFC 6856 §2.1).
    std::uint64_t size = 0;
    bool unended = false;  // the last line lacks it
    friend bool operator==(const Listed&, const Listed&) = default;
};

// Its messages have the numbers 1, 2, 3 and so on (RFC 1939 §5).
struct Maildrop {
    store::UidValidity uid_validity;
    std::vector<Listed> messages;
    friend bool operator==(const Maildrop&, const Maildrop&) = default;
};

// Header fields beyond ASCII as they stand, or a surrogate of the message for who has not said UTF8 (RFC 6856
// §2.1, RFC 6858).
enum class Headers { as_they_stand, ascii };

// The message as it is sent to a client.
std::string in_form(std::string text, Headers headers);

// These four block for the disk.
Result<Maildrop> open_maildrop(const store::Account& account);
// The sizes of the first of `messages` as they are where headers must be ASCII; of how many of them. Each is
// read, since nobody else knows how large its surrogate is: so this is to be repeated for the others when
// others have had their turn.
Result<std::size_t> measure(const store::Account& account, std::span<Listed> messages);
// Ends in CRLF, unless it is empty. not_found where somebody has removed it meanwhile from all mailboxes, say
// over IMAP.
Result<std::string> fetch_message(const store::Account& account, const Listed& listed,
                                  Headers headers = Headers::as_they_stand);
// What is no longer there needs no removing.
Result<void> remove_messages(const store::Account& account, const store::UidSet& uids);

}  // namespace hongyan::pop3
