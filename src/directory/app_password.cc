#include "directory/app_password.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/record.h"
#include "crypto/digest.h"

namespace hongyan::directory {

namespace {

constexpr std::uint32_t version = 1;
namespace tag {
enum : FieldTag { name = 1, salt = 2, digest = 3, protocol = 4, created = 5, expires = 6 };
}

constexpr std::string_view letters =
    "abcdefghijkmnpqrstuvwxyz23456789";  // without those that look like others
constexpr std::size_t length = 24, group = 4;
constexpr std::size_t salt_size = 16;  // bytes
constexpr std::size_t longest_name = 60;
constexpr std::array<std::string_view, 3> known_protocols{"imap", "pop3", "smtp"};

// Nothing that it cannot be is hashed: it would be work for whoever asks.
std::optional<std::string> letters_of(std::string_view typed) {
    constexpr std::size_t longest = 2 * length;
    if (typed.size() < length || typed.size() > longest) return std::nullopt;
    std::string all;
    for (const char c : typed) {
        if (c == '-' || c == ' ') continue;
        all += ascii::lower(c);
        if (letters.find(all.back()) == letters.npos) return std::nullopt;
    }
    return all.size() == length ? std::optional(all) : std::nullopt;
}

std::string digest_of(std::string_view salt, std::string_view letters_only) {
    return crypto::digest(crypto::Hash::sha256, fmt::format("{}{}", salt, letters_only));
}

Instant to_instant(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
}
std::uint64_t to_number(Instant when) { return static_cast<std::uint64_t>(when.time_since_epoch().count()); }

}  // namespace

bool AppPassword::is_good_for(std::string_view protocol, Instant now) const {
    if (expires && *expires <= now) return false;
    return protocols.empty() || std::ranges::find(protocols, protocol) != protocols.end();
}

Result<void> check(const NewAppPassword& wanted) {
    const bool is_named = !wanted.name.empty() && wanted.name.size() <= longest_name &&
                          std::ranges::none_of(wanted.name, ascii::is_control);
    if (!is_named)
        return fail(Error::Kind::invalid, "an app password needs a name of 1 to {} bytes", longest_name);
    for (const auto& protocol : wanted.protocols)
        if (std::ranges::find(known_protocols, protocol) == known_protocols.end())
            return fail(Error::Kind::invalid, "\"{}\" is none of {}", protocol,
                        fmt::join(known_protocols, ", "));
    return {};
}

std::string make_app_password(Random& random) {
    static_assert(letters.size() == 32);
    std::string password;
    for (const char byte : random.bytes(length)) {
        if (!password.empty() && password.size() % (group + 1) == group) password += '-';
        password += letters[static_cast<unsigned char>(byte) % letters.size()];
    }
    return password;
}

AppPassword hash_app_password(const NewAppPassword& wanted, std::string_view password, Random& random,
                              Instant now) {
    AppPassword made{.name = wanted.name,
                     .salt = random.bytes(salt_size),
                     .digest = {},
                     .protocols = wanted.protocols,
                     .created = now,
                     .expires = wanted.expires};
    made.digest = digest_of(made.salt, letters_of(password).value_or(std::string()));
    return made;
}

// What is compared are digests of something that nobody else knows: how soon they differ tells nothing.
bool fits(const AppPassword& known, std::string_view typed) {
    const auto plain = letters_of(typed);
    return plain && !known.digest.empty() && digest_of(known.salt, *plain) == known.digest;
}

std::string encode(const AppPassword& password) {
    RecordWriter out(version);
    out.text(tag::name, password.name).text(tag::salt, password.salt).text(tag::digest, password.digest);
    for (const auto& protocol : password.protocols) out.text(tag::protocol, protocol);
    out.number(tag::created, to_number(password.created));
    if (password.expires) out.number(tag::expires, to_number(*password.expires));
    return out.take();
}

Result<AppPassword> decode_app_password(std::string_view record) {
    AppPassword password;
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == tag::name) password.name = in.text();
        if (in.tag() == tag::salt) password.salt = in.text();
        if (in.tag() == tag::digest) password.digest = in.text();
        if (in.tag() == tag::protocol) password.protocols.emplace_back(in.text());
        if (in.tag() == tag::created) password.created = to_instant(in.number());
        if (in.tag() == tag::expires) password.expires = to_instant(in.number());
    }
    if (in.failed()) return fail(Error::Kind::corrupt, "the record of an app password is damaged");
    return password;
}

}  // namespace hongyan::directory
