// Any bytes as a record or a key of the directory: refused as corrupt, or understood so that it goes round.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "directory/records.h"

namespace {

using namespace hongyan;
using namespace hongyan::directory;

const Name name{"ann", DomainName::stored("here.test")};

void try_records(std::string_view record) {
    if (const auto domain = decode_domain(name.domain, record))
        check(decode_domain(name.domain, encode(*domain)) == *domain, "a domain goes round");
    if (const auto account = decode_account(AccountId(1), record))
        check(decode_account(AccountId(1), encode(*account)) == *account, "an account goes round");
    if (const auto entry = decode_entry(name, record))
        check(decode_entry(name, encode(*entry)) == *entry, "a name's entry goes round");
    if (const auto next = decode_counter(record))
        check(decode_counter(encode_counter(*next)) == *next, "the counter goes round");
}

void try_names(std::string_view text) {
    if (const auto found = name_of_key(text)) check(name_key(*found) == text, "a name's key goes round");
    if (const auto found = account_of_key(text))
        check(account_key(*found) == text, "an account's key goes round");
    if (const auto found = Name::parse(text)) {
        check(name_of_key(name_key(*found)) == *found, "a name becomes a key and comes back");
        check(Name::parse(to_string(*found)) == *found, "what is shown is the same name");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try_records(bytes);
    try_names(bytes);
    return 0;
}
