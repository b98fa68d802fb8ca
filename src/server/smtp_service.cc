#include "server/smtp_service.h"

#include <algorithm>

#include "config/networks.h"
#include "flow/reception.h"
#include "flow/refusals.h"
#include "server/smtp_guard.h"
#include "smtp/session.h"

namespace hongyan::server {

namespace {

smtp::StrayLineEnds stray_line_ends(const config::Smtp& config, smtp::Service service) {
    const auto wanted = service == smtp::Service::lmtp ? config.lmtp_stray_line_ends : config.stray_line_ends;
    return wanted == config::StrayLineEnds::keep ? smtp::StrayLineEnds::keep : smtp::StrayLineEnds::refuse;
}

smtp::Limits limits_of(const config::Config& config) {
    return {.message_size = config.limits.message_size,
            .recipients = config.smtp.recipients,
            .transactions = config.smtp.transactions,
            .commands = config.smtp.commands,
            .errors = static_cast<int>(config.smtp.errors),
            .attempts = static_cast<int>(config.login.attempts),
            .hops = config.smtp.hops};
}

smtp::Wishes wishes_of(const config::Smtp& config) {
    using std::chrono::ceil, std::chrono::seconds;
    return {.highest_priority = static_cast<int>(config.highest_priority),
            .longest_hold = ceil<seconds>(config.longest_hold),
            .least_deliver_by = ceil<seconds>(config.least_delivery_time)};
}

// What users need who submit mail: a log-in, and TLS for it where plain text is not permitted (RFC 8314
// §3.3). Those in a relay network need neither.
void demand_log_in(smtp::Settings& settings, bool is_trusted) {
    settings.offers_authentication = true;
    settings.fetches_urls = true;
    settings.requires_authentication = !is_trusted;
    settings.requires_tls =
        !is_trusted && settings.sasl.without_encryption == sasl::WithoutEncryption::nothing;
}

// RFC 6409 §3.1 gives users a port of their own; some programs know only this one. It is open to the world,
// so networks that may do without TLS elsewhere may not here.
void permit_log_in(smtp::Settings& settings) {
    settings.offers_authentication = true;
    settings.sasl.without_encryption = sasl::WithoutEncryption::nothing;
}

std::shared_ptr<const smtp::Settings> settings_for(smtp::Service service, const flow::Policy& policy,
                                                   const Circumstances& circumstances,
                                                   const std::string& address) {
    const auto& config = circumstances.config;
    smtp::Settings settings{.hostname = circumstances.hostname, .service = service, .offers_tls = true};
    settings.stray_line_ends = stray_line_ends(config.smtp, service);
    settings.verifying = config.smtp.verify ? smtp::Verifying::ask : smtp::Verifying::vague;
    settings.tells_unknown = !config.filters.milters.empty();
    settings.tells_abandoned = true;
    settings.limits = limits_of(config);
    settings.wishes = wishes_of(config.smtp);
    settings.clock = &circumstances.mail.world().clock;
    settings.memory = circumstances.mail.world().memory;
    settings.patience = config.limits.smtp_patience;
    settings.sasl = log_in_settings(config, circumstances.hostname, circumstances.mail, address);
    if (service == smtp::Service::submission)
        demand_log_in(settings, flow::may_relay(policy, {.address = address}));
    if (service == smtp::Service::relay && config.smtp.log_in) permit_log_in(settings);
    return std::make_shared<const smtp::Settings>(std::move(settings));
}

bool delays_greeting(const config::Config& config, const std::string& address) {
    return config.spam.greeting_delay.count() != 0 && config::parse_address(address) &&
           !config::is_in(config.spam.exempt_networks, address) &&
           !config::is_in(config.smtp.relay_networks, address);
}

net::Task<Ending> serve(smtp::Service service, Conversation& conversation,
                        const Circumstances& circumstances) {
    const auto& config = circumstances.config;
    const auto address = circumstances.client_address();
    const auto policy = std::make_shared<const flow::Policy>(policy_of(config, circumstances.hostname));
    flow::Reception reception(circumstances.mail.world(), policy, circumstances.log);
    smtp::Session session(settings_for(service, *policy, circumstances, address), address,
                          circumstances.security, circumstances.mail.random());
    SmtpGuard guard(circumstances, reception);
    session.observe_log_ins(guard.door());
    session.tell_of_refusals([&](const smtp::Refusal& refusal) {
        const auto& log = circumstances.log;
        guard.notice(refusal);
        for (auto& record : flow::records_of(session.client(), refusal))
            circumstances.mail.world().refusals->tell(std::move(record));
        log.info("refused", {{"command", refusal.command},
                             {"from", refusal.sender},
                             {"code", fmt::format("{}", refusal.reply.code)},
                             {"status", refusal.reply.status},
                             {"reason", refusal.reply.lines.front()},
                             {"ground", std::string(refusal.reply.ground)}});
    });
    if (service == smtp::Service::relay && delays_greeting(config, address)) {
        const auto early = co_await conversation.stream().read(net::after(config.spam.greeting_delay));
        if (early.kind == net::Incoming::Kind::closed) co_return Ending::peer_closed;
        if (early.kind == net::Incoming::Kind::failed) co_return Ending::peer_lost;
        if (early.kind == net::Incoming::Kind::bytes) {
            session.note_early_talk();
            session.receive(early.bytes);
        }
    }
    auto answer_to = [&guard](smtp::Question question) { return guard.answer(std::move(question)); };
    const auto ending = co_await carry(session, conversation, std::move(answer_to));
    co_await reception.leave();
    co_return ending;
}

}  // namespace

net::Task<Ending> serve_relay(Conversation& conversation, const Circumstances& circumstances) {
    return serve(smtp::Service::relay, conversation, circumstances);
}
net::Task<Ending> serve_submission(Conversation& conversation, const Circumstances& circumstances) {
    return serve(smtp::Service::submission, conversation, circumstances);
}
net::Task<Ending> serve_lmtp(Conversation& conversation, const Circumstances& circumstances) {
    return serve(smtp::Service::lmtp, conversation, circumstances);
}

}  // namespace hongyan::server
