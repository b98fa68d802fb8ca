#include "cli/sendmail_smtp.h"

#include <array>
#include <cerrno>

#include <unistd.h>

#include "base/random.h"
#include "smtp/session.h"
#include "smtp/wire/parameters.h"

namespace hongyan::cli {

namespace {

using Leave = std::function<Result<void>(const drop::Letter&)>;

drop::Letter letter_of(const smtp::Deliver& mail) {
    drop::Letter letter{.sender = smtp::to_string(mail.envelope.sender),
                        .recipients = {},
                        .notify = smtp::value_of(mail.envelope.recipients.front().notify),
                        .wanted_return = {},
                        .envelope_id = mail.envelope.parameters.envelope_id,
                        .message = *mail.message};
    for (const auto& recipient : mail.envelope.recipients)
        letter.recipients.push_back(smtp::to_string(recipient.path));
    const auto wanted = mail.envelope.parameters.wanted_return;
    if (wanted != smtp::Return::unsaid) letter.wanted_return = wanted == smtp::Return::full ? "FULL" : "HDRS";
    return letter;
}

struct Decide {
    const Leave& leave;
    const std::string& host;

    smtp::Answer operator()(const smtp::CheckSender&) const { return smtp::Reply(250, "2.1.0", "Ok"); }
    smtp::Answer operator()(const smtp::CheckRecipient&) const { return smtp::Reply(250, "2.1.5", "Ok"); }
    smtp::Answer operator()(const smtp::AwaitRoom&) const { return smtp::Reply(250, "2.0.0", "Ok"); }
    smtp::Answer operator()(const smtp::Verify&) const {
        return smtp::Reply(252, "2.5.0", "Will try to deliver");
    }
    smtp::Answer operator()(const smtp::StartQueue&) const {
        return smtp::Reply(458, "4.3.0", "Not from here");
    }
    smtp::Answer operator()(const smtp::Abandon&) const { return smtp::Reply(250, "2.0.0", "Ok"); }
    smtp::Answer operator()(const smtp::UnknownCommand&) const {
        return smtp::Reply(500, "5.5.1", "There is no such command");
    }
    smtp::Answer operator()(const smtp::FetchUrl&) const {
        return smtp::Reply(554, "5.6.6", "Not from here");
    }
    smtp::Answer operator()(const smtp::Authenticate&) const {
        return sasl::Answer(sasl::Refused{sasl::Refusal::unavailable, "no log-in is needed here"});
    }
    smtp::Answer operator()(const smtp::Deliver& mail) const {
        auto letter = letter_of(mail);
        for (auto& recipient : letter.recipients)
            if (!recipient.contains('@')) recipient += "@" + host;  // <postmaster>
        const auto left = leave(letter);
        if (left) return smtp::Replies{{250, "2.0.0", "Ok, left for the server"}};
        const bool is_lasting = left.error().kind == Error::Kind::invalid;
        return smtp::Replies{{is_lasting ? 554 : 451, is_lasting ? "5.6.0" : "4.3.0", left.error().message}};
    }
};

Result<void> write_out(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return std::unexpected(from_errno(errno, "cannot answer"));
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

// Nothing at the end of the input.
Result<std::string> read_in() {
    std::string bytes(65'536, '\0');
    for (;;) {
        const auto got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(from_errno(errno, "cannot read commands"));
        bytes.resize(static_cast<std::size_t>(got));
        return bytes;
    }
}

std::shared_ptr<const smtp::Settings> settings_for(const config::Config& config, const std::string& host) {
    smtp::Settings settings{.hostname = host};
    settings.limits.message_size = config.limits.message_size;
    settings.limits.recipients = config.smtp.recipients;
    return std::make_shared<const smtp::Settings>(std::move(settings));
}

}  // namespace

Result<void> serve_smtp_here(const config::Settings& settings, const std::string& host, const Leave& leave) {
    SystemRandom random;
    smtp::Session session(settings_for(settings.config, host), "", {}, random);
    for (;;) {
        auto action = session.next();
        if (const auto* write = std::get_if<session::Write>(&action)) {
            TRY(write_out(write->bytes));
        } else if (const auto* question = std::get_if<smtp::Question>(&action)) {
            session.answer(std::visit(Decide{leave, host}, *question));
        } else if (std::holds_alternative<session::Read>(action)) {
            TRY(const auto bytes, read_in());
            if (bytes.empty()) return {};
            session.receive(bytes);
        } else {
            return {};
        }
    }
}

}  // namespace hongyan::cli
