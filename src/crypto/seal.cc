#include "crypto/seal.h"

#include <memory>

#include <openssl/evp.h>

#include "base/check.h"
#include "base/file.h"

namespace hongyan::crypto {

namespace {

constexpr std::size_t nonce_size = 12;  // what GCM is fastest and best understood with: SP 800-38D §5.2.1.1
constexpr std::size_t tag_size = 16;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
int size_of(std::string_view bytes) { return static_cast<int>(bytes.size()); }

// Fetching walks the providers under a lock, so it is done once and kept for the life of the program.
const EVP_CIPHER* algorithm() {
    static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    check(fetched != nullptr, "OpenSSL has AES-256-GCM");
    return fetched;
}

}  // namespace

Seal::Seal(Secret key) : key_(std::move(key)) {
    check(key_.reveal().size() == seal_key_size, "a key of AES-256 has 32 bytes");
}

std::string Seal::close(std::string_view text, std::string_view context, Random& random) const {
    const auto nonce = random.bytes(nonce_size);
    const Context cipher(EVP_CIPHER_CTX_new());
    std::string hidden(text.size(), '\0');
    std::string tag(tag_size, '\0');
    int count = 0;
    check(
        EVP_EncryptInit_ex2(cipher.get(), algorithm(), octets(key_.reveal()), octets(nonce), nullptr) == 1 &&
            EVP_EncryptUpdate(cipher.get(), nullptr, &count, octets(context), size_of(context)) == 1 &&
            EVP_EncryptUpdate(cipher.get(), octets(hidden), &count, octets(text), size_of(text)) == 1 &&
            EVP_EncryptFinal_ex(cipher.get(), nullptr, &count) == 1 &&
            EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_size),
                                tag.data()) == 1,
        "a text can be sealed");
    return nonce + hidden + tag;
}

Result<Secret> Seal::open(std::string_view sealed, std::string_view context) const {
    const auto damaged = fail(Error::Kind::corrupt, "a sealed text does not open with the key that is here");
    if (sealed.size() < nonce_size + tag_size) return damaged;
    const auto nonce = sealed.substr(0, nonce_size);
    const auto hidden = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
    std::string tag(sealed.substr(sealed.size() - tag_size));
    const Context cipher(EVP_CIPHER_CTX_new());
    std::string text(hidden.size(), '\0');
    int count = 0;
    const bool opened =
        EVP_DecryptInit_ex2(cipher.get(), algorithm(), octets(key_.reveal()), octets(nonce), nullptr) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &count, octets(context), size_of(context)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), octets(text), &count, octets(hidden), size_of(hidden)) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_size), tag.data()) ==
            1 &&
        EVP_DecryptFinal_ex(cipher.get(), nullptr, &count) == 1;
    Secret secret(std::move(text));
    if (!opened) return damaged;
    return secret;
}

Result<Secret> ensure_key(const std::filesystem::path& file, Random& random) {
    auto found = read_file(file, seal_key_size);
    if (found && found->size() == seal_key_size) return Secret(*std::move(found));
    const bool is_absent = !found && found.error().kind == Error::Kind::not_found;
    if (!is_absent && (found || found.error().kind == Error::Kind::too_large))
        return fail(Error::Kind::corrupt, "{} is no key of {} bytes", file.string(), seal_key_size);
    if (!is_absent) return std::unexpected(found.error());
    Secret made(random.bytes(seal_key_size));
    TRY(write_file(file, made.reveal(), Mode::secret));
    return made;
}

}  // namespace hongyan::crypto
