#include "reports/unpack.h"

#include <algorithm>
#include <optional>

#include <zlib.h>

namespace hongyan::reports {

namespace {

constexpr int gzip_window = 15 + 16;  // inflateInit2: 16 asks for gzip's frame
constexpr int bare_window = -15;      // deflate's bits without a frame (RFC 1951)
constexpr std::size_t step = std::size_t{256} << 10U;

Result<std::string> inflated(std::string_view octets, int window, std::size_t most) {
    z_stream stream{};
    if (inflateInit2(&stream, window) != Z_OK) return fail(Error::Kind::internal, "zlib does not begin");
    std::string in(octets);
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    std::string out;
    int state = Z_OK;
    while (state == Z_OK && out.size() <= most) {
        const auto before = out.size();
        out.resize(before + std::min(step, most + 1 - before));
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream.avail_out = static_cast<uInt>(out.size() - before);
        state = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (out.size() > most) return fail(Error::Kind::too_large, "unpacked it has more than {} bytes", most);
    if (state != Z_STREAM_END)
        return fail(Error::Kind::invalid, "what is compressed is damaged or cut short");
    return out;
}

// --- ZIP: "APPNOTE.TXT - .ZIP File Format Specification" of PKWARE, 4.3

// Numbers with the least significant octet first, from one place on. What lies outside is a failure.
class Octets {
public:
    explicit Octets(std::string_view octets) : octets_(octets) {}
    std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
        if (at > octets_.size() || octets_.size() - at < size) return std::nullopt;
        std::uint32_t value = 0;
        for (std::size_t i = size; i > 0; --i)
            value = value << 8U | static_cast<unsigned char>(octets_[at + i - 1]);
        return value;
    }
    std::uint32_t number_or_zero(std::size_t at, std::size_t size) const {
        return number(at, size).value_or(0);
    }
    bool has(std::size_t at, std::string_view mark) const {
        return at <= octets_.size() && octets_.substr(at).starts_with(mark);
    }
    std::optional<std::string_view> piece(std::size_t at, std::size_t size) const {
        if (at > octets_.size() || octets_.size() - at < size) return std::nullopt;
        return octets_.substr(at, size);
    }

private:
    std::string_view octets_;
};

constexpr std::string_view file_mark = "PK\x03\x04", entry_mark = "PK\x01\x02", end_mark = "PK\x05\x06";
constexpr std::size_t end_size = 22, file_header_size = 30;
constexpr std::uint32_t stored = 0, deflated = 8;

Result<std::string> unzipped(std::string_view octets, std::size_t most) {
    const auto broken = [] { return fail(Error::Kind::invalid, "the ZIP archive is damaged"); };
    const Octets in(octets);
    const auto end = octets.rfind(end_mark);
    if (end == octets.npos || octets.size() - end < end_size) return broken();
    if (in.number_or_zero(end + 10, 2) != 1)
        return fail(Error::Kind::invalid, "the ZIP archive holds {} files, not one",
                    in.number_or_zero(end + 10, 2));
    const std::size_t entry = in.number_or_zero(end + 16, 4);
    if (!in.has(entry, entry_mark)) return broken();
    const auto flags = in.number(entry + 8, 2), method = in.number(entry + 10, 2);
    const auto size = in.number(entry + 20, 4), begin = in.number(entry + 42, 4);
    if (!flags || !method || !size || !begin || !in.has(*begin, file_mark)) return broken();
    if ((*flags & 1U) != 0) return fail(Error::Kind::unsupported, "the ZIP archive is encrypted");
    const auto name = in.number(std::size_t{*begin} + 26, 2), extra = in.number(std::size_t{*begin} + 28, 2);
    if (!name || !extra) return broken();
    const auto data = in.piece(std::size_t{*begin} + file_header_size + *name + *extra, *size);
    if (!data) return broken();
    if (*method == deflated) return inflated(*data, bare_window, most);
    if (*method != stored)
        return fail(Error::Kind::unsupported, "the ZIP archive is compressed in a way we do not know");
    if (data->size() > most) return fail(Error::Kind::too_large, "it has more than {} bytes", most);
    return std::string(*data);
}

}  // namespace

Result<std::string> unpack(std::string_view octets, std::size_t most) {
    constexpr std::string_view gzip_mark = "\x1f\x8b";
    if (octets.starts_with(gzip_mark)) return inflated(octets, gzip_window, most);
    if (octets.starts_with(file_mark)) return unzipped(octets, most);
    if (octets.size() > most) return fail(Error::Kind::too_large, "it has more than {} bytes", most);
    return std::string(octets);
}

}  // namespace hongyan::reports
