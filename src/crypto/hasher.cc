#include "crypto/hasher.h"

#include <array>

#include <openssl/evp.h>

#include "base/check.h"

namespace hongyan::crypto {

class Hasher::State {
public:
    explicit State(Hash hash) : context_(EVP_MD_CTX_new()) {
        static constexpr std::array names{"SHA1", "SHA256", "SHA512", "MD5"};
        static const auto fetched = [] {
            std::array<EVP_MD*, names.size()> all{};
            for (std::size_t i = 0; i < all.size(); ++i) all[i] = EVP_MD_fetch(nullptr, names[i], nullptr);
            return all;
        }();
        const auto* const md = fetched[static_cast<std::size_t>(hash)];
        check(context_ && md != nullptr && EVP_DigestInit_ex2(context_.get(), md, nullptr) == 1,
              "a hash can begin");
    }
    EVP_MD_CTX* context() { return context_.get(); }

private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Hasher::Hasher(Hash hash) : state_(std::make_unique<State>(hash)) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&& other) noexcept = default;
Hasher& Hasher::operator=(Hasher&& other) noexcept = default;

void Hasher::update(std::string_view bytes) {
    check(EVP_DigestUpdate(state_->context(), bytes.data(), bytes.size()) == 1, "a hash goes on");
}

std::string Hasher::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(state_->context(), out.data(), &size) == 1, "a hash ends");
    return {reinterpret_cast<const char*>(out.data()), size};
}

}  // namespace hongyan::crypto
