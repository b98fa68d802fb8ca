#include "engine/rocksdb_backend.h"

#include <condition_variable>

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <sys/file.h>

#include "base/file.h"
#include "engine/table_files.h"
#include "engine/without_waiting.h"

namespace hongyan::engine {

namespace {

using SharedDatabase = RocksdbBackend::SharedDatabase;

// Bounds what opening after a crash has to replay.
constexpr std::size_t max_log_size = std::size_t{96} << 20U;
constexpr std::size_t info_log_size = std::size_t{1} << 20U;
constexpr int background_jobs = 2;
constexpr double memtable_filter = 0.02;  // of a memtable's bytes
constexpr int max_open_tables = 512;
constexpr double bloom_bits = 10;  // 1 % of look-ups for what is not there read a block in vain
// A listing walks through blocks of this size in a fifth less time than through 8 KB; a record that is not in
// the cache takes 4 us longer (docs/decisions/0045).
constexpr std::size_t block_size = std::size_t{16} << 10U;
// Of the cache: for indexes and filters, and for what was used more than once. What lies there makes no room
// for anything that is read for the first time: with RocksDB's half, a mailbox larger than the other half is
// read from the disk each time it is listed.
constexpr double kept_longest = 0.15;
constexpr auto patience_with_readers = std::chrono::milliseconds(500);

Error::Kind kind_of(const rocksdb::Status& status) {
    if (status.IsNoSpace()) return Error::Kind::no_space;
    if (status.IsCorruption()) return Error::Kind::corrupt;
    if (status.IsBusy() || status.IsTryAgain() || status.IsTimedOut()) return Error::Kind::unavailable;
    return Error::Kind::io;
}

std::unexpected<Error> failed(std::string_view doing, const rocksdb::Status& status) {
    if (status.IsBusy() && WithoutWaiting::is_asked_for()) return WithoutWaiting::miss();
    // RocksDB repeats an error of its background threads without the detail that the disk was full.
    const auto text = status.ToString();
    const bool full =
        text.find("No space") != std::string::npos || text.find("File too large") != std::string::npos;
    return fail(full ? Error::Kind::no_space : kind_of(status), "cannot {}: {}", doing, text);
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

bool supports(rocksdb::CompressionType type) {
    const auto supported = rocksdb::GetSupportedCompressions();
    return std::ranges::find(supported, type) != supported.end();
}

// Mail comes, and flags change, in the order of the keys: new entries and messages of an account go beside
// those before them, and need not be searched for a place in the whole table in memory.
class AccountAndKind final : public rocksdb::SliceTransform {
public:
    const char* Name() const override { return "hongyan.account-and-kind"; }
    rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), size_}; }
    bool InDomain(const rocksdb::Slice& key) const override {
        return key.size() > size_ && key.starts_with(slice(first_));
    }

private:
    std::string first_ = Scope::account(AccountId()).prefix().substr(0, 1);
    std::size_t size_ = Scope::account(AccountId()).prefix().size() + 1;
};

rocksdb::BlockBasedTableOptions table_options(const EngineOptions& options) {
    rocksdb::BlockBasedTableOptions table;
    rocksdb::LRUCacheOptions cache;
    cache.capacity = options.block_cache;
    cache.high_pri_pool_ratio = kept_longest;
    table.block_cache = rocksdb::NewLRUCache(cache);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits));
    table.block_size = block_size;
    table.format_version = 5;
    // Index and filters live in the cache too, in pieces, so that memory does not grow with the store.
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    return table;
}

rocksdb::Options rocksdb_options(const EngineOptions& options, rocksdb::Env& env) {
    rocksdb::Options out;
    out.env = &env;
    out.create_if_missing = true;
    out.write_buffer_size = options.memtable;
    out.max_write_buffer_number = 3;
    // Whether a blob or a delivery is there already is asked for each message, and mostly it is not.
    out.memtable_prefix_bloom_size_ratio = memtable_filter;
    out.memtable_whole_key_filtering = true;
    out.memtable_insert_with_hint_prefix_extractor = std::make_shared<AccountAndKind>();
    out.max_total_wal_size = max_log_size;
    out.max_background_jobs = background_jobs;
    out.max_open_files = max_open_tables;
    out.level_compaction_dynamic_level_bytes = true;
    out.bytes_per_sync = std::size_t{1} << 20U;
    if (supports(rocksdb::kLZ4Compression)) out.compression = rocksdb::kLZ4Compression;
    if (supports(rocksdb::kZSTD)) out.bottommost_compression = rocksdb::kZSTD;
    out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(options)));
    // What was acknowledged was synced, so all before the first damaged record of the log is all there was.
    out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    out.avoid_flush_during_shutdown = true;  // the log has it
    // Its own attempts to recover from errors would race with ours.
    out.max_bgerror_resume_count = 0;
    out.keep_log_file_num = 2;
    out.max_log_file_size = info_log_size;
    out.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    out.stats_dump_period_sec = 0;
    out.stats_persist_period_sec = 0;
    return out;
}

bool is_locked(const rocksdb::Status& status) {
    const auto text = status.ToString();
    return status.IsIOError() && text.find("LOCK") != std::string::npos &&
           (text.find("Resource temporarily unavailable") != std::string::npos ||
            text.find("lock hold by current process") != std::string::npos);
}

std::unexpected<Error> in_use(const std::filesystem::path& folder) {
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const Descriptor file(::open((folder / "LOCK").c_str(), O_RDWR | O_CLOEXEC));  // NOLINT(*-vararg)
    const bool known =
        file && ::fcntl(file.number(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;  // NOLINT
    return fail(Error::Kind::conflict, "the store in {} is in use by {}", folder.string(),
                known ? fmt::format("process {}", lock.l_pid) : "this process or another");
}

// Ours from before RocksDB touches anything until the end: RocksDB moves its logs before it takes a lock of
// its own, so that two processes that begin at once trip each other up, and gives that lock back whenever the
// database is opened again.
Result<Descriptor> take_lock(const std::filesystem::path& folder) {
    const auto path = folder.string() + ".lock";
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));  // NOLINT(*-vararg)
    if (!file) return std::unexpected(from_errno(errno, fmt::format("cannot open {}", path)));
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) return in_use(folder);
    return file;
}

enum class Purpose { read_and_write, read_only };

Result<std::unique_ptr<rocksdb::DB>> open_database(const rocksdb::Options& options,
                                                   const std::filesystem::path& folder, Purpose purpose) {
    rocksdb::DB* opened = nullptr;
    const auto status = purpose == Purpose::read_only
                            ? rocksdb::DB::OpenForReadOnly(options, folder.string(), &opened)
                            : rocksdb::DB::Open(options, folder.string(), &opened);
    std::unique_ptr<rocksdb::DB> database(opened);
    if (is_locked(status)) return in_use(folder);
    if (!status.ok()) return failed(fmt::format("open the store in {}", folder.string()), status);
    return database;
}

// Told when a database has been closed by whoever read in it last.
struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    int open = 0;          // databases not yet closed
    bool closing = false;  // who wants to read waits
};

SharedDatabase share(std::unique_ptr<rocksdb::DB> database, const std::shared_ptr<Gate>& gate,
                     const std::shared_ptr<rocksdb::Env>& env) {
    const std::lock_guard lock(gate->mutex);
    ++gate->open;
    return {database.release(), [gate, env](rocksdb::DB* last) {
                delete last;
                const std::lock_guard closed(gate->mutex);
                --gate->open;
                gate->changed.notify_all();
            }};
}

}  // namespace

// The database that is open now. Who reads holds on to it; opening it again waits until nobody does.
class RocksdbBackend::Holder {
public:
    // `lock` lasts as long as the holder.
    Holder(std::filesystem::path folder, const EngineOptions& options, Descriptor lock)
        : lock_(std::move(lock)),
          folder_(std::move(folder)),
          env_(make_env(options.env)),
          options_(rocksdb_options(options, *env_)) {}

    Result<void> open() { return publish(open_database(options_, folder_, Purpose::read_and_write)); }

    Result<SharedDatabase> get() const {
        std::unique_lock lock(gate_->mutex);
        if (gate_->closing && WithoutWaiting::is_asked_for()) return WithoutWaiting::miss();
        gate_->changed.wait(lock, [this] { return !gate_->closing; });
        return database_;
    }

    // As after a crash. Where that fails, reading at least goes on.
    Result<void> reopen() {
        TRY(close());
        auto opened = open_database(options_, folder_, Purpose::read_and_write);
        if (opened) return publish(std::move(opened));
        (void)publish(open_database(options_, folder_, Purpose::read_only));
        return std::unexpected(std::move(opened).error());
    }

private:
    Result<void> publish(Result<std::unique_ptr<rocksdb::DB>> opened) {
        auto shared = opened ? Result<SharedDatabase>(share(*std::move(opened), gate_, env_))
                             : std::unexpected(std::move(opened).error());
        const std::lock_guard lock(gate_->mutex);
        database_ = std::move(shared);
        gate_->closing = false;
        gate_->changed.notify_all();
        return database_ ? Result<void>{} : std::unexpected(database_.error());
    }

    // unavailable if somebody goes on reading for too long; then all is as before.
    Result<void> close() {
        std::unique_lock lock(gate_->mutex);
        gate_->closing = true;
        auto last = std::exchange(database_, fail(Error::Kind::unavailable, "the store is closed"));
        if (!last) return {};
        const std::weak_ptr<rocksdb::DB> watched = *last;
        lock.unlock();
        *last = nullptr;
        lock.lock();
        const auto is_closed = [this] { return gate_->open == 0; };
        if (gate_->changed.wait_for(lock, patience_with_readers, is_closed)) return {};
        if (auto still = watched.lock()) {
            database_ = std::move(still);
            gate_->closing = false;
            gate_->changed.notify_all();
            return fail(Error::Kind::unavailable, "the store waits for readers before it can recover");
        }
        gate_->changed.wait(lock, is_closed);
        return {};
    }

    Descriptor lock_;
    std::filesystem::path folder_;
    std::shared_ptr<rocksdb::Env> env_;
    rocksdb::Options options_;
    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    Result<SharedDatabase> database_ = fail(Error::Kind::unavailable, "the store is not open");
};

namespace {

class RocksdbCursor final : public Cursor {
public:
    RocksdbCursor(SharedDatabase database, const rocksdb::ReadOptions& like, const Range& range)
        : database_(std::move(database)),
          first_(range.first),
          end_(range.end),
          forward_(range.direction == Direction::forward) {
        auto options = like;
        first_slice_ = first_;
        end_slice_ = end_;
        options.iterate_lower_bound = &first_slice_;
        if (!end_.empty()) options.iterate_upper_bound = &end_slice_;
        iterator_.reset(database_->NewIterator(options));
        if (forward_)
            iterator_->SeekToFirst();
        else
            iterator_->SeekToLast();
    }

    // A walk that ends because the rest is not in memory is a miss, though its reader may take the end for
    // the end of what there is.
    bool valid() const override {
        const bool is_there = iterator_->Valid();
        if (!is_there) (void)status();
        return is_there;
    }
    std::string_view key() const override { return view(iterator_->key()); }
    std::string_view value() const override { return view(iterator_->value()); }
    void next() override {
        if (forward_)
            iterator_->Next();
        else
            iterator_->Prev();
    }
    void seek(std::string_view key) override {
        if (forward_)
            iterator_->Seek(slice(key));
        else
            iterator_->SeekForPrev(slice(key));
    }
    Result<void> status() const override {
        if (!iterator_->status().ok()) return failed("read on in the store", iterator_->status());
        return {};
    }

private:
    SharedDatabase database_;
    std::string first_;
    std::string end_;
    bool forward_;
    rocksdb::Slice first_slice_;
    rocksdb::Slice end_slice_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

// Where there was nothing to read from.
class FailedCursor final : public Cursor {
public:
    explicit FailedCursor(Error error) : error_(std::move(error)) {}
    bool valid() const override { return false; }
    std::string_view key() const override { return {}; }
    std::string_view value() const override { return {}; }
    void next() override {}
    void seek(std::string_view) override {}
    Result<void> status() const override { return std::unexpected(error_); }

private:
    Error error_;
};

Result<std::optional<std::string>> get_from(rocksdb::DB& database, const rocksdb::ReadOptions& options,
                                            std::string_view key) {
    std::string value;
    const auto status = database.Get(options, slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return failed("read from the store", status);
    return value;
}

Result<std::vector<std::optional<std::string>>> get_many_from(rocksdb::DB& database,
                                                              const rocksdb::ReadOptions& options,
                                                              std::span<const std::string> keys) {
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<std::string> found;
    const auto statuses = database.MultiGet(options, slices, &found);
    std::vector<std::optional<std::string>> values(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (statuses[i].ok())
            values[i] = std::move(found[i]);
        else if (!statuses[i].IsNotFound())
            return failed("read from the store", statuses[i]);
    }
    return values;
}

// Reads what is there at each call.
class LatestReader final : public Reader {
public:
    explicit LatestReader(const RocksdbBackend::Holder& holder) : holder_(holder) {}

    Result<std::optional<std::string>> get(std::string_view key) const override {
        TRY(const auto database, holder_.get());
        return get_from(*database, {}, key);
    }
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override {
        TRY(const auto database, holder_.get());
        return get_many_from(*database, {}, keys);
    }
    std::unique_ptr<Cursor> scan(const Range& range) const override {
        auto database = holder_.get();
        if (!database) return std::make_unique<FailedCursor>(database.error());
        return std::make_unique<RocksdbCursor>(*std::move(database), rocksdb::ReadOptions{}, range);
    }

private:
    const RocksdbBackend::Holder& holder_;
};

class RocksdbSnapshot final : public Snapshot {
public:
    explicit RocksdbSnapshot(Result<SharedDatabase> database) : database_(std::move(database)) {
        if (database_) options_.snapshot = (*database_)->GetSnapshot();
    }
    ~RocksdbSnapshot() override {
        if (database_) (*database_)->ReleaseSnapshot(options_.snapshot);
    }
    RocksdbSnapshot(const RocksdbSnapshot&) = delete;
    RocksdbSnapshot& operator=(const RocksdbSnapshot&) = delete;

    Result<std::optional<std::string>> get(std::string_view key) const override {
        if (!database_) return std::unexpected(database_.error());
        return get_from(**database_, options_, key);
    }
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override {
        if (!database_) return std::unexpected(database_.error());
        return get_many_from(**database_, options_, keys);
    }
    std::unique_ptr<Cursor> scan(const Range& range) const override {
        if (!database_) return std::make_unique<FailedCursor>(database_.error());
        return std::make_unique<RocksdbCursor>(*database_, options_, range);
    }

private:
    Result<SharedDatabase> database_;
    rocksdb::ReadOptions options_;
};

}  // namespace

Result<std::unique_ptr<RocksdbBackend>> RocksdbBackend::open(const std::filesystem::path& folder,
                                                             const EngineOptions& options) {
    Descriptor lock;
    if (options.env == nullptr) {
        TRY(lock, take_lock(folder));
    }
    auto holder = std::make_unique<Holder>(folder, options, std::move(lock));
    TRY(holder->open());
    return std::unique_ptr<RocksdbBackend>(new RocksdbBackend(std::move(holder)));
}

RocksdbBackend::RocksdbBackend(std::unique_ptr<Holder> holder)
    : holder_(std::move(holder)), latest_(std::make_unique<LatestReader>(*holder_)) {}

RocksdbBackend::~RocksdbBackend() = default;

std::unique_ptr<Snapshot> RocksdbBackend::snapshot() const {
    return std::make_unique<RocksdbSnapshot>(holder_->get());
}

Result<void> RocksdbBackend::write(const Writes& writes) {
    rocksdb::WriteBatch batch;
    for (const auto& [key, value] : writes) {
        if (value)
            batch.Put(slice(key), slice(*value));
        else
            batch.Delete(slice(key));
    }
    rocksdb::WriteOptions durably;
    durably.sync = true;
    TRY(const auto database, holder_->get());
    const auto status = database->Write(durably, &batch);
    wounded_ = !status.ok();
    if (!status.ok()) return failed("write to the store", status);
    return {};
}

Result<void> RocksdbBackend::recover() {
    if (!wounded_) return {};
    TRY(holder_->reopen());
    wounded_ = false;
    return {};
}

std::uint64_t RocksdbBackend::disk_bytes() const {
    const auto database = holder_->get();
    std::uint64_t tables = 0;
    if (database) (*database)->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &tables);
    return tables;
}

}  // namespace hongyan::engine
