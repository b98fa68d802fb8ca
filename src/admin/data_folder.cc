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

DataFolder::DataFolder(std::unique_ptr<engine::Engine> engine, crypto::Seal seal,
                       const config::Config& config, const Clock& clock, Random& random)
    : engine_(std::move(engine)),
      store_(*engine_, clock, store_limits(config)),
      directory_(*engine_, clock, random, directory_options(config), std::move(seal)),
      queue_(*engine_, clock, queue_options(config)),
      kept_{*engine_, store_, directory_, queue_} {}

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
