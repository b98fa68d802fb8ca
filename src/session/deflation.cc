#include "session/deflation.h"

#include <algorithm>
#include <utility>

#include <zlib.h>

namespace hongyan::session {
namespace {

constexpr int raw = -1;             // windowBits below zero: no header of zlib (RFC 4978 §4)
constexpr int largest_window = 15;  // of what the peer may send
constexpr int our_window = 13;      // of what we send; text repeats itself within 8 KB
constexpr int memory_level = 5;     // 16 KB of tables
constexpr int level = 3;            // RFC 4978 §4: quick is good enough
constexpr std::size_t piece_size = 64 * 1024;

// zlib says so of what it has just read (inflate(), Z_BLOCK).
constexpr int at_end_of_block = 128;

// A command begins with its tag, which is of printable octets (RFC 9051 §9). Of an empty block, with which a
// side that flushes or ends its stream does so, none is: 00 00 FF FF, or a few bits that are octets below 04
// (RFC 1951 §3.2.3).
bool can_begin_command(char octet) { return octet > ' ' && octet < '\x7f'; }

Bytef* octets(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

class Deflation final : public Filter {
public:
    explicit Deflation(Share memory) : memory_(std::move(memory)) {}
    ~Deflation() override {
        if (is_reading_) inflateEnd(&in_);
        if (is_writing_) deflateEnd(&out_);
    }
    Deflation(const Deflation&) = delete;
    Deflation& operator=(const Deflation&) = delete;

    bool begin() {
        is_reading_ = inflateInit2(&in_, raw * largest_window) == Z_OK;
        is_writing_ = deflateInit2(&out_, level, Z_DEFLATED, raw * our_window, memory_level,
                                   Z_DEFAULT_STRATEGY) == Z_OK;
        return is_reading_ && is_writing_;
    }

    // Flushed, so that nothing of it waits here while a client idles.
    std::string outgoing(std::string_view bytes) override {
        return bytes.empty() ? std::string() : pack(bytes, Z_SYNC_FLUSH);
    }
    std::string last(std::string_view bytes) override { return pack(bytes, Z_FINISH); }

    void receive(std::string_view bytes) override {
        if (is_broken_) return;
        packed_.erase(0, std::exchange(read_, 0));
        packed_.append(bytes);
    }

    std::string next_piece() override { return can_read() ? read(Until::line_ends) : std::string(); }

    bool is_broken() const override { return is_broken_; }

    std::optional<std::string> behind_end() override {
        pass_over_block();
        if (!is_between_blocks_ || is_broken_) return std::nullopt;
        const auto rest = std::string_view(packed_).substr(read_);
        auto behind = std::string(std::ranges::find_if(rest, can_begin_command), rest.end());
        packed_.clear();
        read_ = 0;
        if (behind.empty()) return std::nullopt;
        return behind;
    }

private:
    static constexpr std::size_t flush_size = 16;  // bytes of an empty block, more or less

    std::string pack(std::string_view bytes, int flush) {
        std::string packed(deflateBound(&out_, bytes.size()) + flush_size, '\0');
        out_.next_in = octets(bytes.data());
        out_.avail_in = static_cast<uInt>(bytes.size());
        std::size_t size = 0;
        do {
            if (size == packed.size()) packed.resize(2 * packed.size());
            out_.next_out = octets(packed.data() + size);
            out_.avail_out = static_cast<uInt>(packed.size() - size);
            deflate(&out_, flush);
            size = packed.size() - out_.avail_out;
        } while (out_.avail_out == 0);
        packed.resize(size);
        return packed;
    }

    // What stands behind a line may be no block any more (RFC 8437 §4.1).
    enum class Until { line_ends, block_ends };

    bool can_read() const { return !is_broken_ && (read_ < packed_.size() || has_more_); }

    // Of what fills a piece nobody has meant the last line to be the last; it is not unpacked to see.
    void pass_over_block() {
        while (!is_between_blocks_ && can_read()) {
            read(Until::block_ends);
            is_broken_ = is_broken_ || has_more_;
        }
    }

    // To the end of what has come or of a piece, or before that to the end of a block: of any, or of one that
    // ends a line.
    std::string read(Until until) {
        std::string piece;
        piece.resize_and_overwrite(piece_size, [&](char* to, std::size_t room) {
            in_.next_in = octets(packed_.data() + read_);
            in_.avail_in = static_cast<uInt>(packed_.size() - read_);
            in_.next_out = octets(to);
            in_.avail_out = static_cast<uInt>(room);
            do read_block();
            while (!is_broken_ && in_.avail_in > 0 && in_.avail_out > 0 && until == Until::line_ends &&
                   !std::string_view(to, room - in_.avail_out).ends_with('\n'));
            return room - in_.avail_out;
        });
        has_more_ = in_.avail_out == 0;
        read_ = packed_.size() - in_.avail_in;
        if (in_.avail_in == 0) std::string().swap(packed_), read_ = 0;
        return piece;
    }

    // Behind the end of the stream there is nothing.
    void read_block() {
        const auto outcome = has_ended_ ? Z_DATA_ERROR : inflate(&in_, Z_BLOCK);
        has_ended_ = has_ended_ || outcome == Z_STREAM_END;
        is_between_blocks_ = has_ended_ || (in_.data_type & at_end_of_block) != 0;
        is_broken_ = outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR;
    }

    Share memory_;
    z_stream in_{};
    z_stream out_{};
    std::string packed_;    // received
    std::size_t read_ = 0;  // of that
    bool is_reading_ = false;
    bool is_writing_ = false;
    bool has_more_ = false;  // than fitted into the last piece
    bool is_between_blocks_ = true;
    bool has_ended_ = false;  // the peer's stream
    bool is_broken_ = false;
};

}  // namespace

std::unique_ptr<Filter> make_deflation(Share memory) {
    auto deflation = std::make_unique<Deflation>(std::move(memory));
    if (!deflation->begin()) return nullptr;
    return deflation;
}

}  // namespace hongyan::session
