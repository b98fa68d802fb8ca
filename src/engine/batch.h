// One commit: the transactions that were waiting, run one after another, written together.
#pragma once

#include "engine/backend.h"
#include "engine/draft.h"
#include "engine/packs.h"
#include "engine/recent_reader.h"
#include "engine/room.h"

namespace hongyan::engine {

// What a batch writes to.
struct Storage {
    Backend& backend;
    Packs* packs = nullptr;        // none: all frames stay in the backend
    std::size_t inline_limit = 0;  // bytes; a frame below it stays there too
    const Room& room;
};

// Lives on the committer's thread from the first transaction to the commit.
class Batch {
public:
    // `recent` reads the same backend.
    Batch(const Storage& storage, RecentReader& recent)
        : storage_(storage), recent_(&recent), draft_(recent) {}

    // Runs the parts on what those before them have written. Nothing is durable before commit(). Those that
    // bring blobs are no_space where there is no room for more.
    std::vector<Result<void>> run(const std::vector<Part>& parts, Together together);

    // Has the bytes of a blob lie in the pack that is being filled, if they still lie where `from` says.
    Result<void> move(const BlobId& id, const Location& from, std::string frame);
    // Forgets a pack in which no blob lives; its file may be removed after the commit. conflict if one does.
    Result<void> forget_pack(PackNumber number);
    // Sets a record of the engine itself, while nothing else is in use: a repair.
    void repair(std::string key, const std::optional<std::string>& value);

    // So large that what still waits had better wait for the next one.
    bool is_full() const;

    // Writes everything, durably. After an error nothing of the batch is there (see Backend::write).
    Result<void> commit();

private:
    struct Move {
        Location from;
        std::string frame;
    };

    Result<void> run(const Part& part, Draft& draft);
    Result<void> settle_blobs();
    Result<void> settle(const BlobId& id, const BlobState& state);
    Result<void> settle_move(const BlobId& id, const Move& move);
    Result<void> place(const BlobId& id, const BlobState& state);
    Result<Location> place_frame(const BlobId& id, bool compressed, std::string_view frame);
    Result<void> discard(const BlobId& id, const BlobRecord& stored);
    Result<void> prepare_pack();
    Result<void> count(const Location& location, int blobs);
    Result<PackRecord*> pack(PackNumber number);

    Storage storage_;
    RecentReader* recent_;
    Draft draft_;
    std::map<BlobId, Move> moves_;
    std::map<PackNumber, PackRecord> packs_;  // those that change
    bool has_pack_ = false;                   // the pack that is being filled has room
};

}  // namespace hongyan::engine
