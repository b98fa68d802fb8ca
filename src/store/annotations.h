// Notes on mailboxes and on accounts (RFC 5464).
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "store/types.h"

namespace hongyan::store {

// Whose note it is: of one account ("/private"), or of all who use the mailbox ("/shared").
inline constexpr AccountId shared_notes{0};

// On one mailbox, or on no_mailbox: on the account itself.
struct Annotation {
    AccountId of = shared_notes;
    std::string entry;                 // as "/comment": lower case, without its scope
    std::optional<std::string> value;  // nothing: it has been removed, which is remembered for a while
    ModSeq modseq;                     // of its last change

    friend bool operator==(const Annotation&, const Annotation&) = default;
};

// The value that an entry is to have; nothing removes it.
struct Note {
    AccountId of = shared_notes;
    std::string entry;
    std::optional<std::string> value;
};

// Entries of one mailbox for each to whom notes belong; RFC 5464 §4.1 asks for 10 entries of 1,024 octets.
inline constexpr std::size_t max_annotations = 100;
inline constexpr std::size_t max_annotation_size = 16'384;  // octets of a value
inline constexpr std::size_t max_entry_size = 500;          // octets of a name

}  // namespace hongyan::store
