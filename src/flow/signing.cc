#include "flow/signing.h"

#include "engine/without_waiting.h"
#include "verify/authors.h"
#include "verify/dkim.h"

namespace hongyan::flow {

namespace {

std::uint64_t seconds_of(Instant instant) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(instant.time_since_epoch()).count());
}

// Those of the domain who sign; nobody if that cannot be found out.
std::shared_ptr<const directory::Signers> signers_of(const World& world, std::string_view domain) {
    static const auto nobody = std::make_shared<const directory::Signers>();
    const auto name = directory::DomainName::parse(domain);
    if (!name) return nobody;
    auto signers = world.directory.signers(*name);
    if (signers) return *std::move(signers);
    // A thread that may not wait for the disk asks again where it may.
    if (!engine::WithoutWaiting::is_asked_for())
        world.log.error("not signed", {{"domain", std::string(domain)}, {"why", signers.error().message}});
    return nobody;
}

// The hashes that signing with these options asks for.
void take_in(verify::Mail& mail, std::string_view body, const verify::SigningOptions& options) {
    mail.demand(options.body_demand());
    mail.body(body);
    mail.finish();
}

}  // namespace

std::string signatures_of(const World& world, std::string_view added, std::string_view message) {
    const auto size = verify::header_size(message);
    verify::Mail mail(std::string(added).append(message.substr(0, size)));
    const auto authors = verify::authors_of(mail.header());
    if (!authors.unclear.empty() || authors.known.size() != 1) return {};
    const auto& author = authors.known.front().domain.text();
    const auto signers = signers_of(world, author);
    if (signers->empty()) return {};
    const verify::SigningOptions options{.made = seconds_of(world.clock.now())};
    take_in(mail, message.substr(size), options);
    std::string fields;
    for (const auto& signer : *signers)
        fields += sign_dkim(mail, {author, signer.selector, signer.key}, options);
    return fields;
}

std::string seal_of(const World& world, const std::string& hostname, const message::Address& passed_on_by,
                    std::string_view message, const spam::Authenticated& authenticated) {
    const auto name = directory::DomainName::parse(passed_on_by.domain.text());
    if (!name) return {};
    const auto signers = signers_of(world, name->ascii());
    // One seal an instance (RFC 8617 §4.2.1): with RSA, which everybody reads.
    const directory::Signer* sealer = nullptr;
    for (const auto& signer : *signers)
        if (sealer == nullptr || signer.key.type() == crypto::KeyType::rsa) sealer = &signer;
    if (sealer == nullptr) return {};
    const auto size = verify::header_size(message);
    verify::Mail mail(message.substr(0, size));
    const verify::SigningOptions options{.made = seconds_of(world.clock.now())};
    take_in(mail, message.substr(size), options);
    const auto& found = authenticated.found;
    const auto results = found.results_value(hostname, authenticated.query, authenticated.disposition);
    return seal_arc(mail, found.arc, results, {name->ascii(), sealer->selector, sealer->key}, options)
        .value_or(std::string());
}

}  // namespace hongyan::flow
