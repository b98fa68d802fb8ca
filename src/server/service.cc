#include "server/service.h"

#include "imap/session.h"
#include "pop3/session.h"
#include "server/imap_service.h"
#include "server/pop3_service.h"
#include "server/smtp_service.h"
#include "smtp/session.h"

namespace hongyan::server {

namespace {

std::string refuse_pop3(const std::string&, const Error& reason) {
    return pop3::refuse_connection(reason.message);
}
std::string refuse_imap(const std::string&, const Error& reason) {
    return imap::refuse_connection(reason.message);
}

using config::Listen;
using smtp::refuse_connection;
using enum net::ClientCertificate;

constexpr Service rows[] = {
    {"smtp", &Listen::smtp, false, not_asked, &serve_relay, &refuse_connection},
    {"submission", &Listen::submission, false, asked, &serve_submission, &refuse_connection},
    {"submissions", &Listen::submissions, true, asked, &serve_submission, &refuse_connection},
    {"lmtp", &Listen::lmtp, false, not_asked, &serve_lmtp, &refuse_connection},
    {"imap", &Listen::imap, false, asked, &serve_imap, &refuse_imap},
    {"imaps", &Listen::imaps, true, asked, &serve_imap, &refuse_imap},
    {"pop3", &Listen::pop3, false, asked, &serve_pop3, &refuse_pop3},
    {"pop3s", &Listen::pop3s, true, asked, &serve_pop3, &refuse_pop3},
};

}  // namespace

std::span<const Service> services() { return rows; }

}  // namespace hongyan::server
