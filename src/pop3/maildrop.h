// What POP3 calls a maildrop: the INBOX of an account, as it stood at log-in.
#pragma once

#include <cstdint>
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

// These three block for the disk.
// Where headers must be ASCII every message is read once: nobody else knows how large its surrogate is.
Result<Maildrop> open_maildrop(const store::Account& account, Headers headers = Headers::as_they_stand);
// Ends in CRLF, unless it is empty. not_found where somebody has removed it meanwhile from all mailboxes, say
// over IMAP.
Result<std::string> fetch_message(const store::Account& account, const Listed& listed,
                                  Headers headers = Headers::as_they_stand);
// What is no longer there needs no removing.
Result<void> remove_messages(const store::Account& account, const store::UidSet& uids);

}  // namespace hongyan::pop3
