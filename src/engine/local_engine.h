// The engine of one machine: a committer above a backend.
#pragma once

#include "engine/committer.h"

namespace hongyan::engine {

class LocalEngine final : public Engine {
public:
    explicit LocalEngine(std::unique_ptr<Backend> backend)
        : backend_(std::move(backend)), committer_(*backend_) {}

    std::unique_ptr<Snapshot> snapshot(const Scope& scope) override;
    void submit(std::vector<Part> parts, Together together,
                std::function<void(std::vector<Result<void>>)> done) override;
    using Engine::transact;
    Result<std::string> read_blob(const BlobId& id) const override;
    Statistics statistics() const override;

private:
    Result<std::string> read_frame(const BlobId& id, const BlobRecord& record) const;

    std::unique_ptr<Backend> backend_;
    Committer committer_;
};

}  // namespace hongyan::engine
