#include "engine/blob.h"

#include <openssl/evp.h>
#include <zstd.h>

#include "base/check.h"
#include "base/encoding.h"

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

std::optional<std::string> compress(std::string_view content) {
    if (content.size() < worth_compressing) return std::nullopt;
    auto& usual = contexts().scratch;
    const auto most = ZSTD_compressBound(content.size());
    auto large = most > usual.size() ? of_any_bytes(most) : std::string();
    auto& room = most > usual.size() ? large : usual;
    const auto size = ZSTD_compressCCtx(contexts().compress.get(), room.data(), room.size(), content.data(),
                                        content.size(), compression_level);
    if (ZSTD_isError(size) != 0 || size >= content.size()) return std::nullopt;
    return std::string(room.data(), size);
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

SharedBlob prepare_blob(std::string_view content) {
    check(content.size() <= max_blob_size, "limits on messages are checked where they come in");
    auto frame = compress(content);
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
    // Asked before the memory is taken: a damaged size must not cost gigabytes.
    if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != size)
        return fail(Error::Kind::corrupt, "the compressed frame is not one of {} bytes", size);
    std::size_t got = 0;
    std::string content;
    content.resize_and_overwrite(before.size() + size, [&](char* start, std::size_t) {
        auto* const rest = std::ranges::copy(before, start).out;
        got = ZSTD_decompressDCtx(contexts().decompress.get(), rest, size, frame.data(), frame.size());
        return before.size() + (ZSTD_isError(got) != 0 ? 0 : got);
    });
    if (ZSTD_isError(got) != 0)
        return fail(Error::Kind::corrupt, "cannot decompress: {}", ZSTD_getErrorName(got));
    if (got != size) return fail(Error::Kind::corrupt, "{} bytes where {} were kept", got, size);
    return content;
}

}  // namespace hongyan::engine
