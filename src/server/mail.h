// The mail behind the protocols: what is kept, and who may do what with it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/random.h"
#include "config/config.h"
#include "flow/policy.h"
#include "flow/world.h"
#include "forward/srs.h"
#include "imap/message_keys.h"
#include "pop3/maildrop_locks.h"
#include "sasl/circumstances.h"
#include "server/account_sessions.h"
#include "server/watchers.h"
#include "spam/report_intake.h"

namespace hongyan::server {

// What the server serves; it belongs to whoever opened the data folder.
struct Kept {
    store::Store& store;
    directory::Directory& directory;
    queue::Queue& queue;
    reputation::Reputation* reputation = nullptr;  // null: nobody is counted or shut out
    // Gives them settings that have changed; a reload calls it in the main thread.
    std::function<void(const config::Config&)> apply = {};
};

// Made once, when the data folder is open; sessions of all threads use it.
class Mail {
public:
    // `pretence_key` is for log-ins of nobody: sasl::Settings. `memory` is limits.memory, `srs`
    // what aliases need that pass mail on.
    Mail(const Kept& kept, std::size_t workers, const Clock& clock, log::Log log, std::string pretence_key,
         std::uint64_t memory, std::shared_ptr<const forward::Srs> srs);

    // Workers finish what they have, and do nothing from then on.
    void finish_work() {
        workers_.finish();
        log_in_workers_.finish();
    }

    const flow::World& world() const { return world_; }
    Budget& memory() const { return *world_.memory; }
    const std::string& pretence_key() const { return pretence_key_; }
    oauth::Verifier& tokens() const { return *world_.tokens; }
    Random& random() const { return random_; }
    spam::ReportIntake& report_intake() const { return report_intake_; }
    const AccountSessions& account_sessions() const { return account_sessions_; }
    Watchers& watchers() const { return watchers_; }
    const pop3::MaildropLocks& maildrop_locks() const { return maildrop_locks_; }
    const std::shared_ptr<imap::KeyCache>& message_keys() const { return message_keys_; }

private:
    mutable SystemRandom random_;
    std::string pretence_key_;
    AccountSessions account_sessions_;  // before the workers, who may have places of it until they end
    net::Workers workers_;
    net::Workers log_in_workers_;
    mutable spam::ReportIntake report_intake_;  // beyond the judges, who are made anew
    flow::World world_;
    mutable Watchers watchers_;
    pop3::MaildropLocks maildrop_locks_;
    std::shared_ptr<imap::KeyCache> message_keys_ = std::make_shared<imap::KeyCache>();
};

// A secret of this data folder, made at its first start and kept in a file that nobody else may read.
Result<std::string> lasting_secret(const std::filesystem::path& folder);

// The keys of this data folder for reverse-paths of ours: forward.key, made at the first start, and
// forward.key.old, if somebody has put one there, which still checks.
Result<std::shared_ptr<const forward::Srs>> open_srs(const std::filesystem::path& folder);

// Whose tokens are believed; null: nobody's. An error if the keys cannot be read or half of the settings are
// missing.
Result<std::shared_ptr<const oauth::Trust>> load_trust(const config::Config& config);

// What the settings permit.
flow::Policy policy_of(const config::Config& config, const std::string& hostname);

// How many threads do what may block.
std::size_t workers_for(const config::Config& config);

// What log-ins are to do, for a client at `address`: empty for one on a unix socket.
sasl::Settings log_in_settings(const config::Config& config, const std::string& hostname, const Mail& mail,
                               const std::string& address);

}  // namespace hongyan::server
