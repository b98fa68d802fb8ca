#include "server/mail.h"

#include <algorithm>
#include <thread>

#include "base/file.h"
#include "config/networks.h"
#include "crypto/seal.h"

namespace hongyan::server {

namespace {

constexpr std::size_t secret_size = 32;             // bytes
constexpr std::size_t most_waiting_jobs = 4096;     // then clients are told to come back
constexpr std::size_t most_waiting_log_ins = 1024;  // some 20 ms of a core each

// What a worker did that nobody waited for.
net::Workers::OnBroken tell_log(const log::Log& log) {
    return [log](std::string_view why) { log.error("job broken", {{"why", std::string(why)}}); };
}

}  // namespace

Mail::Mail(const Kept& kept, std::size_t workers, const Clock& clock, log::Log log, std::string pretence_key,
           std::uint64_t memory, std::shared_ptr<const forward::Srs> srs)
    : pretence_key_(std::move(pretence_key)),
      workers_(workers, most_waiting_jobs, tell_log(log)),
      log_in_workers_(std::max(1U, std::thread::hardware_concurrency()), most_waiting_log_ins, tell_log(log)),
      report_intake_({kept.store.engine(), workers_, clock, log}),
      world_{kept.store,
             kept.directory,
             kept.queue,
             workers_,
             log_in_workers_,
             clock,
             log,
             std::make_shared<Budget>(memory),
             std::move(srs),
             std::make_shared<flow::Handover>(),
             std::make_shared<flow::Refusals>(kept.store.engine(), kept.queue, clock, std::move(log)),
             std::make_shared<spam::Panel>(),
             std::make_shared<oauth::Verifier>(),
             kept.reputation},
      watchers_(kept.store) {}

Result<std::string> lasting_secret(const std::filesystem::path& folder) {
    const auto file = folder / "secret";
    auto secret = read_file(file, secret_size);
    if (secret && secret->size() != secret_size)
        return fail(Error::Kind::corrupt,
                    "{} holds {} bytes instead of {}: restore it from a backup or remove it", file.string(),
                    secret->size(), secret_size);
    if (secret) return secret;
    if (secret.error().kind != Error::Kind::not_found) return secret;
    SystemRandom random;
    auto made = random.bytes(secret_size);
    TRY(write_file(file, made, Mode::secret));
    return made;
}

Result<std::shared_ptr<const forward::Srs>> open_srs(const std::filesystem::path& folder) {
    SystemRandom random;
    std::vector<crypto::Secret> keys;
    TRY(auto key, crypto::ensure_key(folder / "forward.key", random));
    keys.push_back(std::move(key));
    if (const auto old = folder / "forward.key.old"; std::filesystem::exists(old)) {
        TRY(auto key_before, crypto::ensure_key(old, random));
        keys.push_back(std::move(key_before));
    }
    return std::make_shared<const forward::Srs>(std::move(keys));
}

Result<std::shared_ptr<const oauth::Trust>> load_trust(const config::Config& config) {
    const auto& wanted = config.login.oauth;
    if (wanted.keys.empty()) return nullptr;
    if (wanted.issuer.empty() || wanted.audience.empty() || wanted.account_claim.empty())
        return fail(Error::Kind::invalid,
                    "login.oauth.keys needs login.oauth.issuer, .audience and .account_claim");
    TRY(const auto text, read_file(wanted.keys, oauth::KeySet::most_octets));
    auto keys = oauth::KeySet::parse(text);
    if (!keys) return fail(std::move(keys).error(), wanted.keys.string());
    oauth::Expectations expectations{.issuer = wanted.issuer,
                                     .audience = wanted.audience,
                                     .account_claim = wanted.account_claim,
                                     .scope = wanted.scope,
                                     .leeway = std::chrono::floor<std::chrono::seconds>(wanted.leeway)};
    return std::make_shared<const oauth::Trust>(oauth::Trust{*std::move(keys), std::move(expectations)});
}

flow::Policy policy_of(const config::Config& config, const std::string& hostname) {
    const bool is_chinese = config.language == config::Language::simplified_chinese;
    return {.hostname = hostname,
            .relay_networks = config.smtp.relay_networks,
            .sender_must_be_own = config.smtp.own_senders,
            .bounces = {.from = config.bounce.from,
                        .language = is_chinese ? dsn::Language::simplified_chinese : dsn::Language::english,
                        .returned_size = config.bounce.returned_size},
            .suppresses = config.outbound.suppress,
            .rewrites_senders = config.forward.srs,
            .queue_is_worked = config.outbound.enabled};
}

std::size_t workers_for(const config::Config& config) {
    if (config.workers != 0) return config.workers;
    return std::max<std::size_t>(2, 2 * std::size_t{std::thread::hardware_concurrency()});
}

sasl::Settings log_in_settings(const config::Config& config, const std::string& hostname, const Mail& mail,
                               const std::string& address) {
    sasl::Settings settings{.server_name = hostname, .pretence_key = mail.pretence_key()};
    settings.recoverable_passwords = config.login.recoverable_passwords;
    settings.tokens = {.believed = mail.tokens().believes_anybody(),
                       .scope = config.login.oauth.scope,
                       .configuration = config.login.oauth.configuration};
    if (config::is_in(config.login.plain_networks, address))
        settings.without_encryption = sasl::WithoutEncryption::everything;
    return settings;
}

}  // namespace hongyan::server
