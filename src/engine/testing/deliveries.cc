#include "engine/testing/deliveries.h"

#include "base/bytes.h"
#include "base/encoding.h"

namespace hongyan::engine {

namespace {

constexpr std::size_t pool_size = 500;
constexpr std::size_t vocabulary_size = 400;
constexpr std::size_t summary_size = 300;

std::string random_bytes(std::mt19937_64& random, std::size_t count) {
    std::string out(count, '\0');
    for (auto& c : out) c = static_cast<char>(random());
    return out;
}

// Words of a language of our own, of which some are much more frequent than others.
std::vector<std::string> vocabulary() {
    std::mt19937_64 random(1);
    std::vector<std::string> words(vocabulary_size);
    for (auto& word : words)
        for (auto length = 2 + random() % 8; length > 0; --length)
            word.push_back("etaoinshrdlucmfwypvbgkjqxz"[std::min(random() % 26, random() % 26)]);
    return words;
}

std::uint64_t number_at(Transaction& transaction, std::string_view key) {
    const auto value = transaction.get(key);
    std::string_view in = value && *value ? std::string_view(**value) : std::string_view();
    return bytes::take_big_endian<std::uint64_t>(in).value_or(0);
}

std::string key_of(std::string_view prefix, std::uint64_t number) {
    std::string key(prefix);
    bytes::put_big_endian(key, number);
    return key;
}

std::string value_of(std::uint64_t number, std::size_t padding) {
    std::string value;
    bytes::put_big_endian(value, number);
    value.append(padding, 'r');
    return value;
}

}  // namespace

MessageSource::MessageSource(std::size_t size, std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i < pool_size; ++i) pool_.push_back(make(size));
}

std::string MessageSource::make(std::size_t size) {
    static const auto words = vocabulary();
    std::string out =
        "Message-ID: <................................@example.test>\r\n"
        "From: Ann <ann@example.test>\r\nTo: Bob <bob@example.test>\r\nMIME-Version: 1.0\r\n"
        "Received: from mx.example.test (mx.example.test [192.0.2.1]) by mail.example.test with ESMTPS\r\n";
    while (out.size() < size * 7 / 8) {
        const double u = std::uniform_real_distribution<>()(random_);
        out += words[static_cast<std::size_t>(u * u * u * u * vocabulary_size)];
        out += random_() % 11 == 0 ? "\r\n" : " ";
    }
    while (out.size() < size) out += to_base64(random_bytes(random_, 57)) + "\r\n";
    out.resize(size);
    return out;
}

std::string_view MessageSource::next() {
    auto& message = pool_[random_() % pool_.size()];
    message.replace(13, 32, to_hex(random_bytes(random_, 16)));
    return message;
}

Part delivery(AccountId account, SharedBlob blob) {
    return {Scope::account(account), [blob = std::move(blob)](Transaction& transaction) -> Result<void> {
                const auto modseq = number_at(transaction, "account") + 1;
                const auto uid = number_at(transaction, "mailbox") + 1;
                // About as many bytes as a summary has, about as hard to compress.
                std::string summary = blob->frame.substr(0, summary_size / 3);
                summary.resize(summary_size, 's');
                transaction.keep(blob);
                transaction.put("account", value_of(modseq, 60));
                transaction.put("mailbox", value_of(uid, 90));
                transaction.put(key_of("u", uid), value_of(modseq, 24));
                transaction.put(key_of("s", modseq), summary);
                transaction.put(key_of("m", modseq), value_of(uid, 60));
                transaction.put("d" + std::string(blob->id.bytes().substr(0, 16)), value_of(modseq, 0));
                transaction.put(key_of("c", modseq), value_of(modseq, 16));
                return {};
            }};
}

}  // namespace hongyan::engine
