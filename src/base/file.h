// Files and folders with errors as values.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace hongyan {

// Owns a file descriptor and closes it.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }

    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }
    void close();

private:
    int number_ = -1;
};

inline constexpr std::size_t default_file_limit = std::size_t{64} << 20U;  // no text file of ours is larger

// The whole file; too_large beyond `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = default_file_limit);

enum class Mode : unsigned { secret = 0600, ordinary = 0644 };

// Replaces the file so that after a crash either the old or the new content is there, whole: written beside
// it, synced, renamed, folder synced.
Result<void> write_file(const std::filesystem::path& path, std::string_view content,
                        Mode mode = Mode::ordinary);

// Makes new names and removals in the folder durable.
Result<void> sync_folder(const std::filesystem::path& folder);

// A file looked at in place: import reads a whole mbox this way. The file must not be shortened meanwhile.
class MappedFile {
public:
    static Result<MappedFile> open(const std::filesystem::path& path);
    MappedFile(MappedFile&& other) noexcept : data_(std::exchange(other.data_, {})) {}
    MappedFile& operator=(MappedFile&& other) noexcept {
        std::swap(data_, other.data_);
        return *this;
    }
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::string_view bytes() const { return data_; }

private:
    explicit MappedFile(std::string_view data) : data_(data) {}
    std::string_view data_;
};

}  // namespace hongyan
