#include "admin/data_folder.h"

#include "base/folder.h"
#include "engine/open_engine.h"

namespace hongyan::admin {

namespace {

store::Limits store_limits(const config::Config& config) {
    store::Limits limits;
    limits.history = config.store.history;
    return limits;
}

}  // namespace

directory::Options directory_options(const config::Config& config) {
    return {.separator = config.directory.separator,
            .quota = {.bytes = config.directory.quota_bytes, .messages = config.directory.quota_messages},
            .postmaster = config.directory.postmaster,
            .remembered = {.time = config.login.memory_time,
                           .most = static_cast<std::size_t>(config.login.memory_size)}};
}

queue::Options queue_options(const config::Config& config) {
    const auto& queue = config.queue;
    return {.limits = {.messages = queue.messages,
                       .bytes = queue.bytes,
                       .account_messages = queue.account_messages,
                       .account_bytes = queue.account_bytes},
            .history = queue.history};
}

// Whoever relays or passes connections on stands for many others.
reputation::Options reputation_options(const config::Config& config) {
    const auto& ban = config.ban;
    const auto rate = [](std::uint64_t most, std::chrono::milliseconds time) {
        return reputation::Rate{static_cast<double>(most), time};
    };
    reputation::Options options;
    options.bans = {.first = ban.length,
                    .longest = std::max(ban.length, ban.longest),
                    .crowded = static_cast<std::size_t>(ban.neighbours),
                    .exempt = ban.exempt_networks};
    for (const auto* networks : {&config.smtp.relay_networks, &config.proxy.networks})
        options.bans.exempt.insert(options.bans.exempt.end(), networks->begin(), networks->end());
    constexpr auto hour = std::chrono::hours(1);
    options.door = {.lock = rate(config.login.failures, config.login.failure_time),
                    .ban = rate(ban.failures, hour),
                    .account = rate(config.login.failures_from_everywhere, hour),
                    .unknown_recipients = rate(ban.unknown_recipients, hour),
                    .known_for = config.login.known_for};
    options.log_ins = config.login.history;
    options.greylist.delay = config.spam.greylisting_delay;
    options.greylist.trusted_after = config.spam.greylisting_trust;
    const auto& sending = config.sending;
    options.sending = {.messages = rate(sending.messages, hour),
                       .recipients = rate(sending.recipients, hour),
                       .recipients_of_a_day = rate(sending.recipients_of_a_day, 24 * hour),
                       .strangers = rate(sending.strangers_of_a_day, 24 * hour)};
    return options;
}

DataFolder::DataFolder(std::unique_ptr<engine::Engine> engine, crypto::Seal seal,
                       const config::Config& config, const Clock& clock, Random& random)
    : engine_(std::move(engine)),
      store_(*engine_, clock, store_limits(config)),
      directory_(*engine_, clock, random, directory_options(config), std::move(seal)),
      queue_(*engine_, clock, queue_options(config)),
      reputation_(*engine_, clock, reputation_options(config)),
      kept_{*engine_, store_, directory_, queue_, reputation_} {}

Result<std::unique_ptr<DataFolder>> DataFolder::open(const config::Config& config, const Clock& clock,
                                                     Random& random, const Complain& complain) {
    TRY(make_private_folder(config.data));
    TRY(auto engine, engine::open_engine(config.data / "store", {.block_cache = config.store.block_cache,
                                                                 .pack_size = config.store.pack_size,
                                                                 .reserve = config.store.reserve,
                                                                 .complain = complain}));
    // Only now is the folder ours alone.
    TRY(auto key, crypto::ensure_key(config.data / "password.key", random));
    return std::unique_ptr<DataFolder>(
        new DataFolder(std::move(engine), crypto::Seal(std::move(key)), config, clock, random));
}

}  // namespace hongyan::admin
