// The engine under everything that is kept: an ordered key-value store with durable transactions, and blobs
// that are shared by content. It knows nothing about mail. The limits are those of FoundationDB, so that
// other engines stay possible: RocksDB with packs on one machine, a map in memory for tests, PostgreSQL for
// many machines.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/named.h"
#include "base/result.h"

namespace hongyan::engine {

using AccountId = Named<std::uint32_t, struct AccountIdTag>;

inline constexpr std::size_t max_key_size = 1'000;        // bytes, the scope's prefix included
inline constexpr std::size_t max_value_size = 64 * 1024;  // bytes; what is larger is a blob
inline constexpr std::size_t max_transaction_size =
    1'000'000;  // bytes of keys and values written, blobs not counted
// Of parts that are committed all or none: a message for tens of thousands. Other commits wait meanwhile, so
// whoever can do with several commits does.
inline constexpr std::size_t max_group_size = 32'000'000;

// What a transaction or a snapshot can see: one account, or the one subspace that belongs to all. Keys are
// relative to it, so no code can reach into another account by mistake.
class Scope {
public:
    static Scope global();
    static Scope account(AccountId id);

    // The bytes before every key of this scope.
    const std::string& prefix() const { return prefix_; }
    friend auto operator<=>(const Scope&, const Scope&) = default;

private:
    explicit Scope(std::string prefix) : prefix_(std::move(prefix)) {}
    std::string prefix_;
};

// Names a blob by its content: SHA-256.
struct BlobId {
    std::array<std::uint8_t, 32> hash{};

    static BlobId of(std::string_view content);
    static std::optional<BlobId> from_bytes(std::string_view bytes);
    std::string_view bytes() const { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }
    std::string hex() const;
    friend auto operator<=>(const BlobId&, const BlobId&) = default;
};

// Content made ready to be kept: hashed and compressed in the caller's thread, before any transaction begins.
// May be given to many transactions.
struct Blob {
    BlobId id;
    std::uint64_t size = 0;  // bytes of the content
    std::string frame;       // a zstd frame, or the content itself where that is no smaller
    bool compressed = false;
};
using SharedBlob = std::shared_ptr<const Blob>;
// Compressing takes four fifths of the time that hashing and compressing take.
enum class Packing { compress, leave };
SharedBlob prepare_blob(std::string_view content, Packing packing = Packing::compress);

enum class Direction { forward, backward };

// Keys in [first, end); an empty `end` means the end of the scope.
struct Range {
    std::string first;
    std::string end;
    Direction direction = Direction::forward;

    // All keys that begin with `prefix`.
    static Range starting_with(std::string_view prefix, Direction direction = Direction::forward);
};

// Walks a range in its direction. Key and value are valid until the next call. Must not outlive what it came
// from.
class Cursor {
public:
    virtual ~Cursor() = default;
    virtual bool valid() const = 0;
    virtual std::string_view key() const = 0;  // without the scope's prefix
    virtual std::string_view value() const = 0;
    virtual void next() = 0;
    // Goes on at the first key at or after `key` (backward: at or before), within the range.
    virtual void seek(std::string_view key) = 0;
    // Why the walk ended, if not because the range did.
    virtual Result<void> status() const = 0;
};

class Reader {
public:
    virtual ~Reader() = default;
    virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
    // In the order of `keys`.
    virtual Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const = 0;
    virtual std::unique_ptr<Cursor> scan(const Range& range) const = 0;
};

// The scope as it was at one moment, whatever is written later. May be used by one thread at a time.
class Snapshot : public Reader {
public:
    // Two snapshots of a scope with the same version see the same. Nothing where that is not known: the scope
    // was being written when the snapshot was taken, or others than this process write to it (what one
    // process counts says nothing of them; such an engine answers with what its database counts, or with
    // nothing).
    virtual std::optional<std::uint64_t> version() const { return std::nullopt; }
};

// Reads see what the transaction itself has written. Writes that break a limit above make the transaction
// fail when its work ends.
class Transaction : public Reader {
public:
    virtual void put(std::string_view key, std::string_view value) = 0;
    virtual void erase(std::string_view key) = 0;

    // One more reference to the blob from this scope; its bytes are written if they are not there yet.
    virtual void keep(SharedBlob blob) = 0;
    // One more reference to a blob that is known to be there: a copy of a message. not_found if it is not.
    virtual Result<void> keep(const BlobId& id) = 0;
    // One reference less; the last one makes its bytes garbage in the same commit.
    virtual Result<void> release(const BlobId& id) = 0;
};

// What a transaction does. It may be run more than once, so it changes nothing but the transaction, and
// results that it sets anew each time. An error undoes all that it wrote.
using Work = std::function<Result<void>(Transaction&)>;

struct Part {
    Scope scope;
    Work work;
};

enum class Together {
    each_by_itself,  // a part that fails leaves the others standing: recipients of one LMTP message
    all_or_none,     // one failure undoes all parts: a message for the queue and for a mailbox
};

struct Statistics {
    std::uint64_t transactions = 0;
    std::uint64_t batches = 0;
    std::uint64_t blobs = 0;          // distinct
    std::uint64_t blob_bytes = 0;     // as kept, compressed
    std::uint64_t garbage_bytes = 0;  // in packs, to be reclaimed
    std::uint64_t pack_files = 0;
    std::uint64_t disk_bytes = 0;  // all files together
};

struct CheckRequest;  // check.h
struct CheckReport;

// May be used from any thread.
class Engine {
public:
    virtual ~Engine() = default;

    virtual std::unique_ptr<Snapshot> snapshot(const Scope& scope) = 0;

    // Runs the parts one after another; what succeeds is durable, in one batch, when `done` is called with an
    // outcome for each part. Transactions of a scope run in the order of submission, and each sees those
    // before it. `done` is called exactly once and must neither block nor throw: on the engine's thread, or
    // on this one, before the return, where the engine has too much to do or is closing (unavailable). The
    // engine has let go of the parts by then, so nothing that their work keeps outlives them by chance.
    //
    // no_space or io for all parts means that the batch could not be written: nothing of it can be seen, but
    // where the disk failed at the last step all of it may be there once the engine has recovered. Whoever
    // tries again writes a key by which the work can tell that it was done already.
    virtual void submit(std::vector<Part> parts, Together together,
                        std::function<void(std::vector<Result<void>>)> done) = 0;

    // The same for a caller that may wait.
    std::vector<Result<void>> transact(std::vector<Part> parts, Together together);
    Result<void> transact(const Scope& scope, Work work);

    // The content of a blob, put after `before`. not_found once its last reference is gone, corrupt where the
    // disk has damaged it.
    virtual Result<std::string> read_blob_after(std::string_view before, const BlobId& id) const = 0;
    Result<std::string> read_blob(const BlobId& id) const { return read_blob_after({}, id); }

    // no_space if new blobs of so many bytes would be refused at present: the disk is nearly full.
    virtual Result<void> room_for(std::uint64_t bytes) const = 0;

    virtual Statistics statistics() const = 0;

    // Verifies all blobs and the books about them (check.h). Nothing else may use the engine meanwhile.
    virtual Result<CheckReport> check(const CheckRequest& request) = 0;

    // Rewrites the packs that are mostly garbage; a server's engine does so by itself from time to time.
    virtual Result<void> reclaim() = 0;
};

}  // namespace hongyan::engine
