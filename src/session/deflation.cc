#include "session/deflation.h"

#include <zlib.h>

namespace hongyan::session {
namespace {

constexpr int raw = -1;             // windowBits below zero: no header of zlib (RFC 4978 §4)
constexpr int largest_window = 15;  // of what the peer may send
constexpr int our_window = 13;      // of what we send; text repeats itself within 8 KB
constexpr int memory_level = 5;     // 16 KB of tables
constexpr int level = 3;            // RFC 4978 §4: quick is good enough
constexpr std::size_t piece_size = 64 * 1024;

Bytef* octets(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

class Deflation final : public Filter {
public:
    Deflation() = default;
    ~Deflation() override {
        if (reads_) inflateEnd(&in_);
        if (writes_) deflateEnd(&out_);
    }
    Deflation(const Deflation&) = delete;
    Deflation& operator=(const Deflation&) = delete;

    bool begin() {
        reads_ = inflateInit2(&in_, raw * largest_window) == Z_OK;
        writes_ = deflateInit2(&out_, level, Z_DEFLATED, raw * our_window, memory_level,
                               Z_DEFAULT_STRATEGY) == Z_OK;
        return reads_ && writes_;
    }

    // Flushed, so that nothing of it waits here while a client idles.
    std::string outgoing(std::string_view bytes) override {
        if (bytes.empty()) return {};
        std::string packed(deflateBound(&out_, bytes.size()) + flush_size, '\0');
        out_.next_in = octets(bytes.data());
        out_.avail_in = static_cast<uInt>(bytes.size());
        std::size_t size = 0;
        do {
            if (size == packed.size()) packed.resize(2 * packed.size());
            out_.next_out = octets(packed.data() + size);
            out_.avail_out = static_cast<uInt>(packed.size() - size);
            deflate(&out_, Z_SYNC_FLUSH);
            size = packed.size() - out_.avail_out;
        } while (out_.avail_out == 0);
        packed.resize(size);
        return packed;
    }

    void receive(std::string_view bytes) override {
        if (!is_broken_) packed_.append(bytes);
    }

    std::string next_piece() override {
        if (is_broken_ || (packed_.empty() && !has_more_)) return {};
        std::string piece(piece_size, '\0');
        in_.next_in = octets(packed_.data());
        in_.avail_in = static_cast<uInt>(packed_.size());
        in_.next_out = octets(piece.data());
        in_.avail_out = static_cast<uInt>(piece.size());
        const auto outcome = inflate(&in_, Z_SYNC_FLUSH);
        packed_.erase(0, packed_.size() - in_.avail_in);
        piece.resize(piece.size() - in_.avail_out);
        has_more_ = in_.avail_out == 0;
        // A stream that ends has an end of its own; the session goes on, so it does not.
        is_broken_ = outcome != Z_OK && outcome != Z_BUF_ERROR;
        if (packed_.empty()) std::string().swap(packed_);
        return piece;
    }

    bool is_broken() const override { return is_broken_; }

private:
    static constexpr std::size_t flush_size = 16;  // bytes of an empty block, more or less

    z_stream in_{};
    z_stream out_{};
    std::string packed_;  // received, and not yet understood
    bool reads_ = false;
    bool writes_ = false;
    bool has_more_ = false;  // than fitted into the last piece
    bool is_broken_ = false;
};

}  // namespace

std::unique_ptr<Filter> make_deflation() {
    auto deflation = std::make_unique<Deflation>();
    if (!deflation->begin()) return nullptr;
    return deflation;
}

}  // namespace hongyan::session
