#include "verify/dkim_key.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "verify/tag_list.h"

namespace hongyan::verify {

namespace {

constexpr unsigned least_bits = 1024;  // RFC 8301 §3.2
constexpr unsigned most_bits = 8192;   // RFC 8301 §3.2 wants 4096; larger ones cost time

std::unexpected<std::string> wrong(std::string text) { return std::unexpected(std::move(text)); }

// RFC 6376 §3.6.1, RFC 8460 §3.
bool serve(std::string_view services, KeyService service) {
    return lists(services, "*") || lists(services, "email") ||
           (service == KeyService::tls_reports && lists(services, "tlsrpt"));
}

// RFC 6376 §3.6.1: if there is one, it comes first.
bool has_right_version(const TagList& tags) {
    const auto version = tags.find("v");
    return !version || (*version == "DKIM1" && tags.tags().front().name == "v");
}

}  // namespace

std::expected<DkimKey, std::string> DkimKey::parse(std::string_view record, KeyService service) {
    const auto tags = TagList::parse(record);
    if (!tags) return wrong("the record is no list of tags");
    if (!has_right_version(*tags)) return wrong("the record is of another version");
    DkimKey key;
    if (const auto services = tags->find("s"); services && !serve(*services, service))
        return wrong("the key is not for mail");
    const auto type = tags->find("k").value_or("rsa");
    if (type != "rsa" && type != "ed25519")
        return wrong(fmt::format("keys of type \"{}\" are unknown", type));
    key.type = type == "rsa" ? crypto::KeyType::rsa : crypto::KeyType::ed25519;
    if (const auto hashes = tags->find("h"))
        for (const auto hash : split_at_colons(*hashes)) key.hashes.emplace_back(hash);
    const auto flags = tags->find("t").value_or("");
    key.testing = lists(flags, "y");
    key.exact_domain = lists(flags, "s");
    const auto data = tags->find("p");
    if (!data) return wrong("the record has no p=");
    if (data->empty()) return key;
    auto octets = read_base64(*data);
    if (!octets) return wrong("p= is no base64");
    key.octets = *std::move(octets);
    return key;
}

std::string DkimKey::to_record() const {
    std::string out = fmt::format("v=DKIM1; k={};", type == crypto::KeyType::rsa ? "rsa" : "ed25519");
    if (!hashes.empty()) out += fmt::format(" h={};", fmt::join(hashes, ":"));
    if (testing || exact_domain)
        out += fmt::format(" t={}{}{};", testing ? "y" : "", testing && exact_domain ? ":" : "",
                           exact_domain ? "s" : "");
    return out + fmt::format(" p={}", to_base64(octets));
}

std::expected<crypto::PublicKey, std::string> usable_key(const DkimKey& record, const Algorithm& algorithm) {
    if (record.octets.empty()) return wrong("the key has been revoked");
    const std::string hash = algorithm.hash == crypto::Hash::sha1 ? "sha1" : "sha256";
    if (!record.hashes.empty() && std::ranges::find(record.hashes, hash) == record.hashes.end())
        return wrong(fmt::format("the key is not to be used with {}", hash));
    if (record.type != algorithm.key) return wrong("the key is of another type");
    auto key = record.type == crypto::KeyType::rsa ? crypto::PublicKey::rsa(record.octets)
                                                   : crypto::PublicKey::ed25519(record.octets);
    if (!key) return wrong(key.error().message);
    if (record.type == crypto::KeyType::rsa && (key->bits() < least_bits || key->bits() > most_bits))
        return wrong(fmt::format("an RSA key of {} bits counts for nothing", key->bits()));
    return *std::move(key);
}

}  // namespace hongyan::verify
