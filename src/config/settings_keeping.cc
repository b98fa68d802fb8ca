// Settings: what is kept.
#include "config/settings_sections.h"
#include "config/units.h"

namespace hongyan::config {

namespace {

using namespace std::chrono_literals;
using kind::Boolean, kind::Bytes, kind::Duration, kind::DurationList, kind::Integer, kind::Path, kind::Text;
using enum Reload;

constexpr std::chrono::milliseconds retries[] = {5min, 10min, 20min, 40min, 1h, 2h, 4h};

constexpr Setting store_rows[] = {
    {"store.block_cache", Bytes{at<&Config::store, &Store::block_cache>, 64 * MiB, 1 * MiB, 64 * GiB},
     needs_restart, "Memory for the parts of the metadata that are read most."},
    {"store.pack_size", Bytes{at<&Config::store, &Store::pack_size>, 128 * MiB, 1 * MiB, 256 * MiB},
     needs_restart, "How large a pack of messages becomes before the next is begun."},
    {"store.wal_size", Bytes{at<&Config::store, &Store::wal_size>, 128 * MiB, 4 * MiB, 4 * GiB},
     needs_restart, "How much metadata is read again at most when the store opens after a crash."},
    {"store.reserve", Bytes{at<&Config::store, &Store::reserve>, 128 * MiB, 0, 16 * TiB}, needs_restart,
     "How much of the disk stays free: with less, new mail is refused for the time being (452 4.3.1, NO "
     "[UNAVAILABLE]), while all that is there can be read and removed. It is taken again as soon as there is "
     "room."},
    {"store.history", Integer{at<&Config::store, &Store::history>, 100'000, 1'000, 100'000'000},
     needs_restart,
     "How many changes of an account are remembered; a client that was away for more synchronises anew."},
};

constexpr Setting directory_rows[] = {
    {"directory.separator", Text{at<&Config::directory, &Directory::separator>, "+", 1}, applies,
     "What divides a local part into account and detail: user+detail@example.org (RFC 5233). Empty: "
     "nothing does."},
    {"directory.quota_bytes", Bytes{at<&Config::directory, &Directory::quota_bytes>, 0, 0, 1024 * TiB},
     applies, "The size of the mail of an account that has no limit of its own. 0: no limit."},
    {"directory.quota_messages",
     Integer{at<&Config::directory, &Directory::quota_messages>, 0, 0, 1'000'000'000}, applies,
     "The number of messages of an account that has no limit of its own. 0: no limit."},
    {"directory.postmaster", Text{at<&Config::directory, &Directory::postmaster>, ""}, applies,
     "The account that gets mail to postmaster of a domain that says nothing else (RFC 5321 §4.5.1). Empty: "
     "the domain's first account."},
};

constexpr Setting queue_rows[] = {
    {"queue.retry", DurationList{at<&Config::queue, &Queue::retry>, retries, 1s, 24h * 7, 50}, applies,
     "How long after each attempt that another server put off the next one is made; the last time stands for "
     "all further ones. Each is varied by a tenth, so that not all come back together."},
    {"queue.lifetime", Duration{at<&Config::queue, &Queue::lifetime>, 24h * 5, 1s, 24h * 365}, applies,
     "After how long a message is given up and its sender told. RFC 5321 §4.5.4.1 asks for 4 to 5 days."},
    {"queue.notification_lifetime",
     Duration{at<&Config::queue, &Queue::notification_lifetime>, 24h, 1s, 24h * 365}, applies,
     "The same for notifications, of which nobody is told."},
    {"queue.delay_warning", Duration{at<&Config::queue, &Queue::delay_warning>, 4h, 0s, 24h * 365}, applies,
     "After how long the sender is told that a message is still waiting. 0: never."},
    {"queue.history", Duration{at<&Config::queue, &Queue::history>, 24h * 30, 0s, 24h * 3650}, applies,
     "How long what became of messages is remembered, for `hongyan trace`. 0: not at all."},
    {"queue.messages", Integer{at<&Config::queue, &Queue::messages>, 0, 0, 1'000'000'000}, applies,
     "How many messages the queue may hold; more are refused for the time being (452 4.3.1). 0: no limit."},
    {"queue.bytes", Bytes{at<&Config::queue, &Queue::bytes>, 0, 0, 1024 * TiB}, applies,
     "The same for the size of all of them."},
    {"queue.account_messages", Integer{at<&Config::queue, &Queue::account_messages>, 0, 0, 1'000'000'000},
     applies,
     "How many messages of one account the queue may hold; more are refused for the time being (452 4.2.2). "
     "0: no limit."},
    {"queue.account_bytes", Bytes{at<&Config::queue, &Queue::account_bytes>, 0, 0, 1024 * TiB}, applies,
     "The same for their size."},
};

constexpr Setting drop_rows[] = {
    {"drop.folder", Path{at<&Config::drop, &Drop::folder>, ""}, needs_restart,
     "Where `hongyan sendmail` leaves mail for the server, which takes it from there at once or when it next "
     "runs. Empty: the folder drop in the data folder, where only the server's user and root can leave any. "
     "For all programs of the machine (cron, PHP) name a folder that they can reach, say "
     "/var/spool/hongyan/drop, and say drop.everybody."},
    {"drop.everybody", Boolean{at<&Config::drop, &Drop::everybody>, false}, needs_restart,
     "Whether every user of this machine may leave mail there, to anybody (mode 1733 instead of 0700: to "
     "leave mail, not to see that of others)."},
};

}  // namespace

std::span<const Setting> sections::store() { return store_rows; }
std::span<const Setting> sections::directory() { return directory_rows; }
std::span<const Setting> sections::queue() { return queue_rows; }
std::span<const Setting> sections::drop() { return drop_rows; }

}  // namespace hongyan::config
