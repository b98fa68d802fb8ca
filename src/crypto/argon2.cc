#include "crypto/argon2.h"

#include <argon2.h>
#include <sys/mman.h>

#include "base/encoding.h"
#include "base/scanner.h"

namespace hongyan::crypto {

namespace {

// malloc would keep this memory, 19 MiB for every worker that ever checked a password. Large pages make up
// for what it costs to take it anew each time. libargon2 wipes it before it gives it back.
int take_memory(std::uint8_t** memory, std::size_t size) {
    void* const taken = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (taken == MAP_FAILED) return ARGON2_MEMORY_ALLOCATION_ERROR;
    ::madvise(taken, size, MADV_HUGEPAGE);  // where the system has none, small ones will do
    *memory = static_cast<std::uint8_t*>(taken);
    return ARGON2_OK;
}

void give_memory_back(std::uint8_t* memory, std::size_t size) { ::munmap(memory, size); }

std::string to_unpadded_base64(std::string_view bytes) {
    auto text = to_base64(bytes);
    text.resize(text.find_last_not_of('=') + 1);
    return text;
}

std::optional<std::string> from_unpadded_base64(std::string_view text) {
    std::string padded(text);
    padded.append((4 - text.size() % 4) % 4, '=');
    return from_base64(padded);
}

std::uint8_t* octets(std::string& bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

}  // namespace

std::string to_string(const Argon2Hash& hash) {
    return fmt::format("${}$v={}$m={},t={},p={}${}${}", hash.kind == Argon2Kind::id ? "argon2id" : "argon2i",
                       hash.version, hash.cost.memory, hash.cost.passes, hash.cost.lanes,
                       to_unpadded_base64(hash.salt), to_unpadded_base64(hash.hash));
}

std::optional<Argon2Hash> parse_argon2(std::string_view text) {
    Scanner in(text);
    Argon2Hash hash;
    in.expect("$argon2i");
    hash.kind = in.present("d") ? Argon2Kind::id : Argon2Kind::i;
    in.expect("$v=");
    hash.version = in.number();
    in.expect("$m=");
    hash.cost.memory = in.number();
    in.expect(",t=");
    hash.cost.passes = in.number();
    in.expect(",p=");
    hash.cost.lanes = in.number();
    in.expect("$");
    auto salt = from_unpadded_base64(in.take_until("$"));
    auto bytes = from_unpadded_base64(in.rest());
    if (in.failed() || !salt || !bytes) return std::nullopt;
    hash.salt = *std::move(salt);
    hash.hash = *std::move(bytes);
    return hash;
}

std::optional<Secret> argon2(const Argon2Hash& like, std::string_view password, std::size_t size) {
    std::string out(size, '\0');
    std::string phrase(password);
    std::string salt = like.salt;
    argon2_context context{};
    context.out = octets(out);
    context.outlen = static_cast<std::uint32_t>(out.size());
    context.pwd = octets(phrase);
    context.pwdlen = static_cast<std::uint32_t>(phrase.size());
    context.salt = octets(salt);
    context.saltlen = static_cast<std::uint32_t>(salt.size());
    context.t_cost = like.cost.passes;
    context.m_cost = like.cost.memory;
    context.lanes = context.threads = like.cost.lanes;
    context.version = like.version;
    context.allocate_cbk = take_memory;
    context.free_cbk = give_memory_back;
    const auto status = like.kind == Argon2Kind::id ? argon2id_ctx(&context) : argon2i_ctx(&context);
    wipe(phrase);
    if (status != ARGON2_OK) return std::nullopt;
    return Secret(std::move(out));
}

}  // namespace hongyan::crypto
