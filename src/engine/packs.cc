#include "engine/packs.h"

#include <charconv>

#include "base/check.h"
#include "engine/without_waiting.h"

namespace hongyan::engine {

namespace {

constexpr std::size_t max_open_files = 256;  // descriptors for reading; beyond, all are closed and start anew
constexpr std::string_view suffix = ".pack";

// NNNNNNNNNN.pack, so that names sort as numbers do.
std::string name_of(PackNumber number) { return fmt::format("{:010}{}", number, suffix); }

std::optional<PackNumber> number_of(std::string_view name) {
    if (!name.ends_with(suffix)) return std::nullopt;
    name.remove_suffix(suffix.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return PackNumber(number);
}

std::unexpected<Error> damaged(Error error, PackNumber number, std::uint64_t offset) {
    return fail(std::move(error), fmt::format("pack {} at {}", number, offset));
}

ReadAt reader_of(const File& file) {
    return [&file](std::uint64_t offset, std::size_t length) { return file.read(offset, length); };
}

}  // namespace

Result<PackRecords> load_pack_records(const Reader& stored) {
    PackRecords records;
    const auto cursor = stored.scan(Range::starting_with(pack_prefix));
    for (; cursor->valid(); cursor->next()) {
        auto key = cursor->key().substr(pack_prefix.size());
        const auto number = bytes::take_big_endian<std::uint32_t>(key);
        if (!number) return fail(Error::Kind::corrupt, "the key of a pack's record is damaged");
        TRY(auto record, PackRecord::decode(cursor->value()));
        if (*number != 0) records.emplace(PackNumber(*number), std::move(record));
    }
    TRY(cursor->status());
    return records;
}

std::filesystem::path Packs::path(PackNumber number) const { return folder_ / name_of(number); }

Result<std::map<PackNumber, std::string>> Packs::files() const {
    std::map<PackNumber, std::string> found;
    TRY(const auto names, disk_.list(folder_));
    for (const auto& name : names)
        if (const auto number = number_of(name)) found.emplace(*number, name);
    return found;
}

Result<void> Packs::load(const PackRecords& known) {
    current_.reset();
    staged_.clear();
    TRY(disk_.make_folder(folder_));
    TRY(const auto found, files());
    for (const auto& [number, name] : found) {
        next_number_ = std::max(next_number_, number.next());
        // Made for a batch that was never committed, or emptied by one that was.
        if (!known.contains(number)) TRY(remove(number));
    }
    for (const auto& [number, record] : known) {
        next_number_ = std::max(next_number_, number.next());
        if (!record.sealed && found.contains(number)) TRY(resume(number, record));
    }
    return {};
}

// A file that is shorter than its high-water mark is damaged; it is left for `store check`, and a new one
// begun.
Result<void> Packs::resume(PackNumber number, const PackRecord& record) {
    TRY(auto opened, file(number));
    TRY(const auto size, opened->size());
    if (size < record.length) return {};
    TRY(opened->truncate(record.length));
    opened->allocate(pack_size_);
    current_ = std::move(opened);
    current_number_ = number;
    written_ = record.length;
    return {};
}

Result<void> Packs::begin() {
    const auto number = next_number_;
    TRY(SharedFile fresh, disk_.open(path(number), Disk::Opening::fresh));
    next_number_ = number.next();
    fresh->allocate(pack_size_);
    TRY(fresh->write(0, pack_header(number)));
    TRY(fresh->sync());
    TRY(disk_.sync_folder(folder_));
    current_ = std::move(fresh);
    current_number_ = number;
    written_ = pack_header_size;
    const std::lock_guard lock(mutex_);
    open_[number] = current_;
    return {};
}

Result<std::optional<PackNumber>> Packs::seal_if_full() {
    if (!current_ || written_ < pack_size_) return std::nullopt;
    check(staged_.empty(), "a pack is sealed between two batches");
    TRY(const auto found, walk_records(reader_of(*current_), written_));
    const auto index = encode_index(found, written_);
    TRY(current_->write(written_, index));
    TRY(current_->truncate(written_ + index.size()));
    TRY(current_->sync());
    current_.reset();
    return current_number_;
}

Result<Location> Packs::stage(const BlobId& id, bool compressed, std::string_view frame) {
    if (!current_) TRY(begin());
    const Location location{current_number_, end(), static_cast<std::uint32_t>(frame.size())};
    append_record(staged_, id, compressed, frame);
    return location;
}

Result<void> Packs::sync() {
    if (staged_.empty()) return {};
    TRY(current_->write(written_, staged_));
    TRY(current_->sync());
    written_ += staged_.size();
    staged_.clear();
    return {};
}

Result<void> Packs::remove(PackNumber number) {
    {
        const std::lock_guard lock(mutex_);
        open_.erase(number);
    }
    TRY(disk_.remove(path(number)));
    return disk_.sync_folder(folder_);
}

Result<Packs::SharedFile> Packs::file(PackNumber number) const {
    {
        const std::lock_guard lock(mutex_);
        if (const auto at = open_.find(number); at != open_.end()) return at->second;
    }
    if (WithoutWaiting::is_asked_for()) return WithoutWaiting::miss();
    TRY(SharedFile opened, disk_.open(path(number), Disk::Opening::existing));
    TRY(const auto header, opened->read(0, pack_header_size));
    const auto named = parse_pack_header(header);
    if (!named) return damaged(named.error(), number, 0);
    if (*named != number)
        return fail(Error::Kind::corrupt, "the file of pack {} holds pack {}", number, *named);
    const std::lock_guard lock(mutex_);
    if (open_.size() >= max_open_files) open_.clear();  // who reads one keeps it until done
    return open_.emplace(number, std::move(opened)).first->second;
}

Result<std::string> Packs::read(const BlobId& id, const Location& location) const {
    std::string record;
    TRY(const auto frame, read(id, location, record));
    return std::string(frame);
}

Result<std::string_view> Packs::read(const BlobId& id, const Location& location, std::string& buffer) const {
    TRY(const auto opened, file(location.pack));
    const auto size = record_size(location.length);
    Result<std::size_t> count = 0;
    buffer.resize_and_overwrite(size,
                                [&](char* start, std::size_t) {  // libstdc++ 12 gives the capacity there
                                    count = opened->read(location.offset, std::span(start, size));
                                    return count.value_or(0);
                                });
    if (!count) return std::unexpected(std::move(count).error());
    auto frame = frame_of(buffer, id);
    if (!frame) return damaged(frame.error(), location.pack, location.offset);
    return frame;
}

Result<std::vector<IndexEntry>> Packs::entries(PackNumber number, std::uint64_t length) const {
    TRY(const auto opened, file(number));
    TRY(const auto size, opened->size());
    if (auto index = read_index(reader_of(*opened), size)) return index;
    auto walked = walk_records(reader_of(*opened), length);
    if (!walked) return fail(std::move(walked).error(), fmt::format("pack {}", number));
    return walked;
}

Result<std::uint64_t> Packs::size(PackNumber number) const {
    TRY(const auto opened, file(number));
    return opened->size();
}

Result<std::pair<std::uint64_t, std::uint64_t>> Packs::sizes() const {
    TRY(const auto found, files());
    std::uint64_t total = 0;
    for (const auto& [number, name] : found) {
        TRY(const auto opened, file(number));
        TRY(const auto size, opened->size());
        total += size;
    }
    return std::pair{total, std::uint64_t{found.size()}};
}

}  // namespace hongyan::engine
