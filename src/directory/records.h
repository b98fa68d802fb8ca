// The directory's keys and records as they lie in the global scope: docs/formats/directory.md.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "directory/types.h"

namespace hongyan::directory {

// All keys begin with "d", which sets the directory apart from others in the scope.
inline constexpr std::string_view domain_prefix = "dd";
inline constexpr std::string_view name_prefix = "dn";
inline constexpr std::string_view account_prefix = "da";
inline constexpr std::string_view counter_key = "dc";
inline constexpr std::string_view certificate_prefix = "df";

std::string domain_key(const DomainName& domain);
// Names of a domain lie together, in the order of their local parts; the catch-all comes first.
std::string names_key(const DomainName& domain);
std::string name_key(const Name& name);
std::string account_key(AccountId id);
std::string certificate_key(std::string_view fingerprint);
// Corrupt if it is no key of that kind.
Result<Name> name_of_key(std::string_view key);
Result<AccountId> account_of_key(std::string_view key);

// What a name stands for.
using Entry = std::variant<AccountId, Alias>;

// What a sealed password belongs to (field 13 of an account).
std::string seal_context(const Name& name);

std::string encode(const Domain& domain);
std::string encode(const Account& account);
std::string encode(const Entry& entry);
std::string encode_counter(AccountId next);

// Each error is corrupt. What the key says is given beside the record.
Result<Domain> decode_domain(const DomainName& name, std::string_view record);
Result<Account> decode_account(AccountId id, std::string_view record);
Result<Entry> decode_entry(const Name& name, std::string_view record);
Result<AccountId> decode_counter(std::string_view record);

}  // namespace hongyan::directory
