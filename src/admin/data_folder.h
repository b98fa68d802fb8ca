// The data folder, opened: what a server and the commands work on.
#pragma once

#include <functional>
#include <memory>

#include "admin/services.h"
#include "base/random.h"
#include "config/config.h"
#include "engine/engine.h"

namespace hongyan::admin {

// Owns what is kept; parts in the order in which they depend on each other.
class DataFolder {
public:
    // Makes the folder if need be (0700). conflict if another process has it open. `complain` hears what goes
    // wrong in the background, on any thread.
    using Complain = std::function<void(const Error&)>;
    static Result<std::unique_ptr<DataFolder>> open(const config::Config& config, const Clock& clock,
                                                    Random& random, const Complain& complain = {});

    const Kept& kept() const { return kept_; }

private:
    DataFolder(std::unique_ptr<engine::Engine> engine, crypto::Seal seal, const config::Config& config,
               const Clock& clock, Random& random);

    std::unique_ptr<engine::Engine> engine_;
    store::Store store_;
    directory::Directory directory_;
    queue::Queue queue_;
    reputation::Reputation reputation_;
    Kept kept_;
};

directory::Options directory_options(const config::Config& config);
queue::Options queue_options(const config::Config& config);
reputation::Options reputation_options(const config::Config& config);

}  // namespace hongyan::admin
