// The data folder, opened: what a server and the commands work on.
#pragma once

#include <memory>

#include "admin/services.h"
#include "base/random.h"
#include "config/config.h"
#include "engine/engine.h"

namespace hongyan::admin {

// Owns what is kept; parts in the order in which they depend on each other.
class DataFolder {
public:
    // Makes the folder if need be (0700). conflict if another process has it open.
    static Result<std::unique_ptr<DataFolder>> open(const config::Config& config, const Clock& clock,
                                                    Random& random);

    const Kept& kept() const { return kept_; }

private:
    DataFolder(std::unique_ptr<engine::Engine> engine, crypto::Seal seal, const config::Config& config,
               const Clock& clock, Random& random);

    std::unique_ptr<engine::Engine> engine_;
    store::Store store_;
    directory::Directory directory_;
    queue::Queue queue_;
    Kept kept_;
};

directory::Options directory_options(const config::Config& config);

}  // namespace hongyan::admin
