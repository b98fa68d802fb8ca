// Who is who among the accounts: for access control lists, and for the names of others' mailboxes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/types.h"

namespace hongyan::imap {

// Asked by workers of any thread; reads may block for the disk.
class People {
public:
    virtual ~People() = default;

    // The account that bears this name, however it is spelled; not_found where there is none.
    virtual Result<store::AccountId> account_of(std::string_view name) const = 0;
    // As account_of() would understand it; not_found for an account that is gone.
    virtual Result<std::string> name_of(store::AccountId account) const = 0;
};

}  // namespace hongyan::imap
