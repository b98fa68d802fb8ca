#include "engine/testing/simulated_disk.h"

#include <rocksdb/env.h>

#include "engine/testing/simulated_file_system.h"

namespace hongyan::engine {

namespace {

class SimulatedFile final : public File {
public:
    SimulatedFile(SimulatedDisk& disk, SimulatedDisk::SharedInode inode)
        : disk_(disk), inode_(std::move(inode)) {}

    Result<std::size_t> read(std::uint64_t offset, std::span<char> into) const override {
        TRY(const auto bytes, disk_.read(*inode_, offset, into.size()));
        std::ranges::copy(bytes, into.begin());
        return bytes.size();
    }
    Result<void> write(std::uint64_t offset, std::string_view bytes) override {
        return disk_.write(*inode_, offset, bytes);
    }
    Result<void> sync() override { return disk_.sync(*inode_); }
    Result<void> truncate(std::uint64_t size) override { return disk_.truncate(*inode_, size); }
    void allocate(std::uint64_t) override {}
    Result<std::uint64_t> size() const override { return disk_.size(*inode_); }

private:
    SimulatedDisk& disk_;
    SimulatedDisk::SharedInode inode_;
};

std::string folder_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

using Names = std::map<std::string, SimulatedDisk::SharedInode>;

void apply(const Names& change, Names& names) {
    for (const auto& [path, inode] : change) {
        if (inode)
            names[path] = inode;
        else
            names.erase(path);
    }
}

}  // namespace

SimulatedDisk::SimulatedDisk(std::uint64_t seed) : random_(seed), env_(simulated_env(*this)) {}

SimulatedDisk::~SimulatedDisk() = default;

void SimulatedDisk::plan(const FaultPlan& plan) {
    const std::lock_guard lock(mutex_);
    plan_ = plan;
    operations_ = 0;
}

std::uint64_t SimulatedDisk::operations() const {
    const std::lock_guard lock(mutex_);
    return operations_;
}

void SimulatedDisk::lose_power() {
    const std::lock_guard lock(mutex_);
    has_power_ = false;
}

void SimulatedDisk::restore_power() {
    const std::lock_guard lock(mutex_);
    // Of the changes of folders that were not synced the first few may have reached the disk.
    not_synced_.resize(random_() % (not_synced_.size() + 1));
    for (const auto& change : not_synced_) apply(change, synced_names_);
    not_synced_.clear();
    names_ = synced_names_;
    for (const auto& [path, inode] : names_) keep_some_of(*inode);
    locks_.clear();
    plan_ = {};
    has_power_ = true;
}

// Of the bytes appended since the last sync some may have reached the disk, and the last of them as rubbish.
void SimulatedDisk::keep_some_of(Inode& inode) {
    const bool appended = inode.bytes.size() > inode.synced.size() && inode.bytes.starts_with(inode.synced);
    if (appended && random_() % 2 == 0) {
        const auto more = random_() % (inode.bytes.size() - inode.synced.size() + 1);
        inode.synced = inode.bytes.substr(0, inode.synced.size() + more);
        if (more > 0 && random_() % 2 == 0) inode.synced.back() = static_cast<char>(~inode.synced.back());
    }
    inode.bytes = inode.synced;
}

void SimulatedDisk::change(const NameChange& change) {
    apply(change, names_);
    not_synced_.push_back(change);
}

// Whether the operation may happen. Called with the lock held.
Result<void> SimulatedDisk::attempt(Operation operation) {
    if (has_power_ && plan_.operations.contains(operation)) {
        ++operations_;
        const bool hit =
            plan_.first > 0 && operations_ >= plan_.first && operations_ < plan_.first + plan_.count;
        if (hit && plan_.fault == FaultPlan::Fault::disk_full && operation != Operation::sync)
            return fail(Error::Kind::no_space, "the simulated disk is full");
        if (hit && plan_.fault == FaultPlan::Fault::io_error)
            return fail(Error::Kind::io, "the simulated disk refuses");
        if (hit && plan_.fault == FaultPlan::Fault::power_lost) has_power_ = false;
    }
    if (!has_power_) return fail(Error::Kind::io, "the simulated disk has no power");
    return {};
}

Result<std::unique_ptr<File>> SimulatedDisk::open(const std::filesystem::path& path, Opening opening) {
    if (opening == Opening::fresh) {
        if (find(path.string())) return fail(Error::Kind::exists, "{} is there", path.string());
        TRY(auto inode, create(path.string()));
        return std::make_unique<SimulatedFile>(*this, std::move(inode));
    }
    auto inode = find(path.string());
    if (!inode) return fail(Error::Kind::not_found, "there is no {}", path.string());
    return std::make_unique<SimulatedFile>(*this, std::move(inode));
}

// Folders are durable at once: their loss is nothing an engine could do about.
Result<void> SimulatedDisk::make_folder(const std::filesystem::path& folder) {
    const std::lock_guard lock(mutex_);
    if (!has_power_) return fail(Error::Kind::io, "the simulated disk has no power");
    for (auto path = folder; path.has_relative_path(); path = path.parent_path())
        folders_.insert(path.string());
    return {};
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::filesystem::path& folder) {
    const std::lock_guard lock(mutex_);
    if (!folders_.contains(folder.string()))
        return fail(Error::Kind::not_found, "there is no folder {}", folder.string());
    std::vector<std::string> found;
    for (const auto& [path, inode] : names_)
        if (folder_of(path) == folder.string()) found.push_back(path.substr(folder.string().size() + 1));
    return found;
}

Result<void> SimulatedDisk::remove(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    TRY(attempt(Operation::name));
    if (!names_.contains(path.string())) return fail(Error::Kind::not_found, "there is no {}", path.string());
    change({{path.string(), nullptr}});
    return {};
}

Result<void> SimulatedDisk::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
    const std::lock_guard lock(mutex_);
    TRY(attempt(Operation::name));
    const auto at = names_.find(from.string());
    if (at == names_.end()) return fail(Error::Kind::not_found, "there is no {}", from.string());
    change({{from.string(), nullptr}, {to.string(), at->second}});
    return {};
}

Result<void> SimulatedDisk::sync_folder(const std::filesystem::path& folder) {
    const std::lock_guard lock(mutex_);
    TRY(attempt(Operation::name));
    const auto inside = [&](const auto& entry) { return folder_of(entry.first) == folder.string(); };
    std::erase_if(synced_names_, inside);
    std::ranges::copy_if(names_, std::inserter(synced_names_, synced_names_.end()), inside);
    std::erase_if(not_synced_, [&](const auto& change) { return inside(*change.begin()); });
    return {};
}

Result<std::uint64_t> SimulatedDisk::free_space(const std::filesystem::path& /*folder*/) {
    const std::lock_guard lock(mutex_);
    return free_space_;
}

void SimulatedDisk::set_free_space(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    free_space_ = bytes;
}

SimulatedDisk::SharedInode SimulatedDisk::find(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto at = names_.find(path);
    return at == names_.end() ? nullptr : at->second;
}

Result<SimulatedDisk::SharedInode> SimulatedDisk::create(const std::string& path) {
    const std::lock_guard lock(mutex_);
    TRY(attempt(Operation::name));
    auto inode = std::make_shared<Inode>();
    change({{path, inode}});
    return inode;
}

Result<std::string> SimulatedDisk::read(const Inode& inode, std::uint64_t offset, std::size_t length) const {
    const std::lock_guard lock(mutex_);
    if (!has_power_) return fail(Error::Kind::io, "the simulated disk has no power");
    return offset < inode.bytes.size() ? inode.bytes.substr(offset, length) : std::string();
}

// A write that finds the disk full has written half of its bytes.
Result<void> SimulatedDisk::write(Inode& inode, std::uint64_t offset, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    const auto may = attempt(Operation::write);
    if (!has_power_) return may;
    if (!may) bytes = bytes.substr(0, bytes.size() / 2);
    if (inode.bytes.size() < offset + bytes.size()) inode.bytes.resize(offset + bytes.size());
    inode.bytes.replace(offset, bytes.size(), bytes);
    return may;
}

Result<void> SimulatedDisk::sync(Inode& inode) {
    const std::lock_guard lock(mutex_);
    TRY(attempt(Operation::sync));
    inode.synced = inode.bytes;
    return {};
}

Result<void> SimulatedDisk::truncate(Inode& inode, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    TRY(attempt(Operation::write));
    inode.bytes.resize(size);
    return {};
}

std::uint64_t SimulatedDisk::size(const Inode& inode) const {
    const std::lock_guard lock(mutex_);
    return inode.bytes.size();
}

bool SimulatedDisk::is_folder(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return folders_.contains(path);
}

bool SimulatedDisk::lock(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return locks_.insert(path).second;
}

void SimulatedDisk::unlock(const std::string& path) {
    const std::lock_guard lock(mutex_);
    locks_.erase(path);
}

}  // namespace hongyan::engine
