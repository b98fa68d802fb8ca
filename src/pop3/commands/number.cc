#include "pop3/commands/number.h"

#include <algorithm>

namespace hongyan::pop3::commands {

std::optional<Asked> read_message_number(Session& session, Scanner in) {
    const MessageNumber number(in.number());
    if (!in.complete()) {
        session.refuse("", "A message number was expected");
        return std::nullopt;
    }
    if (const auto* message = session.transaction().find(number)) return Asked{number, *message};
    session.refuse("", "There is no such message");
    return std::nullopt;
}

void note_access(Transaction& transaction, MessageNumber number) {
    transaction.highest_accessed = std::max(transaction.highest_accessed, number);
}

}  // namespace hongyan::pop3::commands
