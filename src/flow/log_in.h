// Who somebody is: the questions of all log-ins, answered by the directory.
#pragma once

#include "directory/directory.h"
#include "flow/world.h"
#include "net/task.h"
#include "sasl/question.h"

namespace hongyan::flow {

// Who judges tokens, and when it is.
struct TokenJudge {
    const oauth::Verifier* verifier = nullptr;  // null: none is believed
    Instant now{};
};

// Granted names the account as the directory does: "ann@example.org". Whoever acts for another must be that
// other: nobody has the right to act for somebody else yet. Blocks for the disk, and for a password some tens
// of milliseconds.
sasl::Answer answer_log_in(directory::Directory& directory, const sasl::Question& question,
                           const TokenJudge& judge = {});

TokenJudge token_judge(const World& world);

// On what conditions somebody may log in, and what came of them.
struct LogInTerms {
    std::string_view protocol = {};  // for app passwords: "imap"; empty: none fits
    bool account_password = true;    // else only app passwords and certificates, which cannot be guessed
    std::string app_password = {};   // set to the name of the one that fitted
};
sasl::Answer answer_log_in(directory::Directory& directory, const sasl::Question& question,
                           const TokenJudge& judge, LogInTerms& terms);

// The same for a session, which does not wait for it on its thread. Refused as unavailable where too many log
// in at once.
net::Task<sasl::Answer> log_in(const World& world, sasl::Question question);

}  // namespace hongyan::flow
