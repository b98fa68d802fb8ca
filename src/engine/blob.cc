#include "engine/blob.h"

#include <openssl/evp.h>
#include <zstd.h>

#include "base/check.h"
#include "base/encoding.h"
#include "engine/base64_lines.h"

namespace hongyan::engine {

namespace {

constexpr int compression_level = 1;  // 35 us for 12 KB; higher levels gain little on mail
constexpr std::size_t usual_scratch = std::size_t{256} << 10U;
constexpr std::size_t worth_compressing = 64;  // bytes; below, a frame's header outweighs the gain

// So large that the system gives pages only as they are used.
std::string of_any_bytes(std::size_t size) {
    std::string bytes;
    bytes.resize_and_overwrite(size, [](char*, std::size_t wanted) { return wanted; });
    return bytes;
}

// Contexts are large and slow to make; each thread keeps one of each.
struct Contexts {
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> compress{ZSTD_createCCtx(), &ZSTD_freeCCtx};
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> decompress{ZSTD_createDCtx(), &ZSTD_freeDCtx};
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    std::string scratch = of_any_bytes(usual_scratch);  // for the frames of most mail
};

Contexts& contexts() {
    thread_local Contexts own;
    return own;
}

// Looking the algorithm up takes longer than hashing a short message, so it is done once.
const EVP_MD* sha256() {
    static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm(
        EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free);
    return algorithm.get();
}

// What stands before a frame whose content is folded. Decompressors pass over it (RFC 8878 §3.1.2).
constexpr std::uint32_t skippable_magic = 0x184d2a50;

void put_little_endian(std::string& out, std::uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(number >> shift)));
}

std::optional<std::uint32_t> take_little_endian(std::string_view& in) {
    if (in.size() < 4) return std::nullopt;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number |= std::uint32_t{static_cast<std::uint8_t>(in[i])} << (8 * i);
    in.remove_prefix(4);
    return number;
}

std::string skippable(std::string_view content) {
    std::string out;
    put_little_endian(out, skippable_magic);
    put_little_endian(out, static_cast<std::uint32_t>(content.size()));
    return out.append(content);
}

// Takes the runs from the front of a frame; none where its content is not folded.
Result<std::vector<Base64Run>> take_runs(std::string_view& frame) {
    auto rest = frame;
    if (take_little_endian(rest) != skippable_magic) return std::vector<Base64Run>();
    const auto size = take_little_endian(rest);
    if (!size || *size > rest.size()) return fail(Error::Kind::corrupt, "the frame is cut off");
    TRY(auto runs, decode_runs(rest.substr(0, *size)));
    frame = rest.substr(*size);
    return runs;
}

std::string unfolded(const Folded& folded, std::uint64_t size) {
    std::string text;
    text.resize_and_overwrite(size, [&](char* start, std::size_t) {
        unfold_base64(folded.runs, folded.bytes, start);
        return size;
    });
    return text;
}

// Looked at once more before anybody relies on it: what is kept must come back.
std::optional<Folded> fold(std::string_view content) {
    auto folded = fold_base64(content);
    if (!folded || unfolded_size(folded->runs, folded->bytes.size()) != content.size()) return std::nullopt;
    if (unfolded(*folded, content.size()) != content) return std::nullopt;
    return folded;
}

std::optional<std::string> compress(std::string_view content) {
    if (content.size() < worth_compressing) return std::nullopt;
    const auto folded = fold(content);
    const auto source = folded ? std::string_view(folded->bytes) : content;
    auto& usual = contexts().scratch;
    const auto most = ZSTD_compressBound(source.size());
    auto large = most > usual.size() ? of_any_bytes(most) : std::string();
    auto& room = most > usual.size() ? large : usual;
    const auto size = ZSTD_compressCCtx(contexts().compress.get(), room.data(), room.size(), source.data(),
                                        source.size(), compression_level);
    const auto before = folded ? skippable(encode_runs(folded->runs)) : std::string();
    if (ZSTD_isError(size) != 0 || before.size() + size >= content.size()) return std::nullopt;
    std::string frame;
    frame.reserve(before.size() + size);
    return frame.append(before).append(room.data(), size);
}

// What must be `size` bytes, into room for as many.
Result<std::string_view> decompress(std::string_view frame, std::uint64_t size, char* out) {
    const auto got = ZSTD_decompressDCtx(contexts().decompress.get(), out, size, frame.data(), frame.size());
    if (ZSTD_isError(got) != 0)
        return fail(Error::Kind::corrupt, "cannot decompress: {}", ZSTD_getErrorName(got));
    if (got != size) return fail(Error::Kind::corrupt, "{} bytes where {} were kept", got, size);
    return std::string_view(out, got);
}

// Decompresses so many bytes to the end of `content`.
Result<void> append_decompressed(std::string& content, std::string_view frame, std::uint64_t size) {
    const auto start = content.size();
    Result<std::string_view> done;
    content.resize_and_overwrite(start + size, [&](char* out, std::size_t) {
        done = decompress(frame, size, out + start);
        return start + (done ? size : 0);
    });
    if (!done) return std::unexpected(std::move(done).error());
    return {};
}

// The same for a frame whose content is folded.
Result<void> append_unfolded(std::string& content, std::span<const Base64Run> runs, std::string_view frame,
                             std::uint64_t folded_size, std::uint64_t size) {
    constexpr std::size_t kept = std::size_t{256} << 10U;  // bytes, for each thread that reads
    thread_local std::string folded;
    folded.clear();
    auto done = append_decompressed(folded, frame, folded_size);
    if (done) {
        const auto start = content.size();
        content.resize_and_overwrite(start + size, [&](char* out, std::size_t) {
            unfold_base64(runs, folded, out + start);
            return start + size;
        });
    }
    if (folded.capacity() > kept) std::string().swap(folded);
    return done;
}

}  // namespace

BlobId BlobId::of(std::string_view content) {
    BlobId id;
    auto* hash = contexts().hash.get();
    const bool done = EVP_DigestInit_ex2(hash, sha256(), nullptr) == 1 &&
                      EVP_DigestUpdate(hash, content.data(), content.size()) == 1 &&
                      EVP_DigestFinal_ex(hash, id.hash.data(), nullptr) == 1;
    check(done, "OpenSSL can do SHA-256");
    return id;
}

std::optional<BlobId> BlobId::from_bytes(std::string_view bytes) {
    BlobId id;
    if (bytes.size() != id.hash.size()) return std::nullopt;
    std::memcpy(id.hash.data(), bytes.data(), bytes.size());
    return id;
}

std::string BlobId::hex() const { return to_hex(bytes()); }

SharedBlob prepare_blob(std::string_view content, Packing packing) {
    check(content.size() <= max_blob_size, "limits on messages are checked where they come in");
    auto frame = packing == Packing::compress ? compress(content) : std::nullopt;
    const bool compressed = frame.has_value();
    return std::make_shared<const Blob>(Blob{.id = BlobId::of(content),
                                             .size = content.size(),
                                             .frame = compressed ? *std::move(frame) : std::string(content),
                                             .compressed = compressed});
}

Result<std::string> unpack_frame(std::string_view frame, bool compressed, std::uint64_t size,
                                 std::string_view before) {
    if (size > max_blob_size) return fail(Error::Kind::corrupt, "a blob of {} bytes cannot be", size);
    if (!compressed) {
        if (frame.size() != size)
            return fail(Error::Kind::corrupt, "{} bytes where {} were kept", frame.size(), size);
        std::string content;
        content.reserve(before.size() + frame.size());
        return content.append(before).append(frame);
    }
    TRY(const auto runs, take_runs(frame));
    // Asked before the memory is taken: a damaged size must not cost gigabytes.
    const std::uint64_t within = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (within > size || unfolded_size(runs, within) != size)
        return fail(Error::Kind::corrupt, "the compressed frame is not one of {} bytes", size);
    std::string content;
    content.reserve(before.size() + size);
    content = before;
    if (runs.empty())
        TRY(append_decompressed(content, frame, size));
    else
        TRY(append_unfolded(content, runs, frame, within, size));
    return content;
}

}  // namespace hongyan::engine
