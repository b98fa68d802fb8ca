#include "server/service.h"

#include "base/random.h"
#include "imap/session.h"
#include "pop3/session.h"
#include "smtp/session.h"

namespace hongyan::server {

namespace {

// These sessions ask nothing yet.
net::Task<session::Nothing> answer_nothing(session::Nothing) { co_return session::Nothing{}; }

// Until mail can be kept the sender is asked to keep it (RFC 3463 §3.4: 4.3.2).
net::Task<smtp::Answer> put_off(smtp::Question question) {
    if (std::holds_alternative<smtp::Authenticate>(question))
        co_return sasl::Answer(sasl::Refused{sasl::Refusal::unavailable, {}});
    co_return smtp::Reply(451, "4.3.2", "Mail is not taken here yet, please try again later");
}

template <smtp::Service service>
net::Task<Ending> serve_smtp(Conversation& conversation, const Circumstances& circumstances) {
    static SystemRandom random;
    smtp::Settings settings{.hostname = circumstances.hostname,
                            .service = service,
                            .offers_tls = conversation.tls() != nullptr,
                            .patience = circumstances.config.limits.smtp_patience};
    smtp::Session session(std::make_shared<const smtp::Settings>(std::move(settings)),
                          circumstances.peer.is_unix() ? "" : circumstances.peer.address(),
                          circumstances.security, random);
    co_return co_await carry(session, conversation, put_off);
}

net::Task<Ending> serve_pop3(Conversation& conversation, const Circumstances& circumstances) {
    pop3::Session session({.hostname = circumstances.hostname,
                           .offers_tls = conversation.tls() != nullptr,
                           .secure = circumstances.security.is_encrypted(),
                           .plain_log_in = false,
                           .login_patience = circumstances.config.limits.login_patience});
    co_return co_await carry(session, conversation, answer_nothing);
}

net::Task<Ending> serve_imap(Conversation& conversation, const Circumstances& circumstances) {
    imap::Session session({.hostname = circumstances.hostname,
                           .offers_tls = conversation.tls() != nullptr,
                           .secure = circumstances.security.is_encrypted(),
                           .plain_log_in = false,
                           .login_patience = circumstances.config.limits.login_patience});
    co_return co_await carry(session, conversation, answer_nothing);
}

std::string refuse_pop3(const std::string&, std::string_view reason) {
    return pop3::refuse_connection(reason);
}
std::string refuse_imap(const std::string&, std::string_view reason) {
    return imap::refuse_connection(reason);
}

using config::Listen;
using smtp::refuse_connection;

constexpr Service rows[] = {
    {"smtp", &Listen::smtp, false, &serve_smtp<smtp::Service::relay>, &refuse_connection},
    {"submission", &Listen::submission, false, &serve_smtp<smtp::Service::submission>, &refuse_connection},
    {"submissions", &Listen::submissions, true, &serve_smtp<smtp::Service::submission>, &refuse_connection},
    {"lmtp", &Listen::lmtp, false, &serve_smtp<smtp::Service::lmtp>, &refuse_connection},
    {"imap", &Listen::imap, false, &serve_imap, &refuse_imap},
    {"imaps", &Listen::imaps, true, &serve_imap, &refuse_imap},
    {"pop3", &Listen::pop3, false, &serve_pop3, &refuse_pop3},
    {"pop3s", &Listen::pop3s, true, &serve_pop3, &refuse_pop3},
};

}  // namespace

std::span<const Service> services() { return rows; }

}  // namespace hongyan::server
