// The judges that ask filters outside this program.
#pragma once

#include "server/judges.h"

namespace hongyan::server {

// Null: the settings name none.
Result<std::shared_ptr<spam::Judge>> make_milters(const JudgeParts& parts);
Result<std::shared_ptr<spam::Judge>> make_rspamd(const JudgeParts& parts);
Result<std::shared_ptr<spam::Judge>> make_clamd(const JudgeParts& parts);

}  // namespace hongyan::server
