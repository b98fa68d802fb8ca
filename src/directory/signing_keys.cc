#include "directory/signing_keys.h"

#include <array>

#include "base/record.h"
#include "directory/directory.h"

namespace hongyan::directory {

namespace {

constexpr std::uint8_t record_version = 1;
enum : FieldTag { state_tag = 1, made_tag = 2, changed_tag = 3, sealed_tag = 4 };

std::uint64_t to_number(Instant instant) {
    return static_cast<std::uint64_t>(instant.time_since_epoch().count());
}
Instant to_instant(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
}

std::unexpected<Error> damaged() {
    return fail(Error::Kind::corrupt, "the directory's record of a signing key is damaged");
}

std::unexpected<Error> unknown_key(const DomainName& domain, std::string_view selector) {
    return fail(Error::Kind::not_found, "{} has no key {}", domain.unicode(), selector);
}

Result<std::vector<SigningKey>> read_keys(const engine::Reader& reader, const engine::Range& range) {
    std::vector<SigningKey> keys;
    const auto cursor = reader.scan(range);
    for (; cursor->valid(); cursor->next()) {
        TRY(keys.emplace_back(), decode_signing_key(cursor->key(), cursor->value()));
    }
    TRY(cursor->status());
    return keys;
}

Result<std::vector<SigningKey>> read_keys(const engine::Reader& reader, const DomainName& domain) {
    return read_keys(reader, engine::Range::starting_with(signing_keys_key(domain)));
}

}  // namespace

std::string_view to_string(KeyState state) {
    constexpr std::array<std::string_view, 3> names{"pending", "active", "retired"};
    return names.at(static_cast<std::size_t>(state));
}

std::string signing_keys_key(const DomainName& domain) {
    return fmt::format("{}{}{}", signing_key_prefix, domain.ascii(), '\0');
}

std::string signing_key_key(const DomainName& domain, std::string_view selector) {
    return signing_keys_key(domain).append(selector);
}

std::string seal_context(const SigningKey& key) {
    return fmt::format("{}._domainkey.{}", key.selector, key.domain.ascii());
}

std::string encode(const SigningKey& key) {
    return RecordWriter(record_version)
        .number_unless_zero(state_tag, static_cast<std::uint64_t>(key.state))
        .number(made_tag, to_number(key.made))
        .number(changed_tag, to_number(key.changed))
        .text(sealed_tag, key.sealed)
        .fields(key.unknown)
        .take();
}

Result<SigningKey> decode_signing_key(std::string_view key, std::string_view record) {
    const auto divide = key.find('\0');
    if (!key.starts_with(signing_key_prefix) || divide == key.npos) return damaged();
    SigningKey found;
    found.domain =
        DomainName::stored(key.substr(signing_key_prefix.size(), divide - signing_key_prefix.size()));
    found.selector = key.substr(divide + 1);
    RecordReader in(record);
    while (in.next()) {
        switch (in.tag()) {
            case state_tag:
                if (in.number() > static_cast<std::uint64_t>(KeyState::retired)) return damaged();
                found.state = static_cast<KeyState>(in.number());
                break;
            case made_tag:
                found.made = to_instant(in.number());
                break;
            case changed_tag:
                found.changed = to_instant(in.number());
                break;
            case sealed_tag:
                found.sealed = in.text();
                break;
            default:
                found.unknown += in.field();
        }
    }
    if (in.failed() || found.selector.empty()) return damaged();
    return found;
}

Result<void> Directory::add_signing_keys(const DomainName& domain, std::span<const NewSigningKey> keys) {
    if (!seal_) return fail(Error::Kind::unsupported, "there is no key to seal signing keys with");
    const auto now = clock_.now();
    std::vector<SigningKey> sealed;
    for (const auto& [selector, key] : keys) {
        SigningKey made{.domain = domain, .selector = selector, .made = now, .changed = now};
        made.sealed = seal_->close(key.to_pem().reveal(), seal_context(made), random_);
        sealed.push_back(std::move(made));
    }
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(const auto there, read_keys(transaction, domain));
        if (there.size() + sealed.size() > max_signing_keys)
            return fail(Error::Kind::too_large, "a domain has at most {} keys", max_signing_keys);
        for (const auto& key : sealed) {
            const auto place = signing_key_key(domain, key.selector);
            TRY(const auto present, transaction.get(place));
            if (present)
                return fail(Error::Kind::exists, "{} has a key {} already", domain.unicode(), key.selector);
            transaction.put(place, encode(key));
        }
        return {};
    });
}

Result<void> Directory::change_signing_keys(const DomainName& domain,
                                            std::span<const SigningKeyChange> changes) {
    auto outcome = transact([&](engine::Transaction& transaction) -> Result<void> {
        for (const auto& [selector, state] : changes) {
            const auto place = signing_key_key(domain, selector);
            TRY(const auto record, transaction.get(place));
            if (!record) return unknown_key(domain, selector);
            if (!state) {
                transaction.erase(place);
                continue;
            }
            TRY(auto key, decode_signing_key(place, *record));
            if (key.state == *state) continue;
            key.state = *state;
            key.changed = clock_.now();
            transaction.put(place, encode(key));
        }
        return {};
    });
    const std::lock_guard lock(mutex_);
    signers_.clear();
    ++signers_version_;
    return outcome;
}

Result<std::vector<SigningKey>> Directory::signing_keys(const std::optional<DomainName>& domain) const {
    const auto now = snapshot();
    return domain ? read_keys(*now, *domain)
                  : read_keys(*now, engine::Range::starting_with(signing_key_prefix));
}

Result<crypto::PrivateKey> Directory::private_key(const SigningKey& key) const {
    if (!seal_) return fail(Error::Kind::unsupported, "there is no key to open signing keys with");
    TRY(const auto pem, seal_->open(key.sealed, seal_context(key)));
    return crypto::PrivateKey::from_pem(pem.reveal());
}

Result<std::shared_ptr<const Signers>> Directory::signers(const DomainName& domain) const {
    std::uint64_t version = 0;
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = signers_.find(domain); known != signers_.end()) return known->second;
        version = signers_version_;
    }
    TRY(const auto keys, signing_keys(domain));
    auto made = std::make_shared<Signers>();
    for (const auto& key : keys) {
        if (key.state != KeyState::active) continue;
        TRY(auto opened, private_key(key));
        made->push_back({.selector = key.selector, .key = std::move(opened)});
    }
    const std::lock_guard lock(mutex_);
    constexpr std::size_t most_remembered = 10'000;  // domains, some of them strangers' without a key
    if (signers_.size() >= most_remembered) signers_.clear();
    if (version == signers_version_) signers_.emplace(domain, made);
    return made;
}

}  // namespace hongyan::directory
