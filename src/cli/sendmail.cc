#include "cli/sendmail.h"

#include <array>
#include <iostream>

#include <pwd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/exit_code.h"
#include "cli/sendmail_letter.h"
#include "cli/sendmail_smtp.h"
#include "drop/folder.h"
#include "message/utf8.h"
#include "server/dropped_mail.h"
#include "server/server.h"

namespace hongyan::cli {

namespace {

int fail_with(const Error& error) {
    std::cerr << "sendmail: " << error.message << "\n";
    return error.kind == Error::Kind::not_found ? EX_UNAVAILABLE : exit_code(error.kind);
}

// The name and the full name of whoever calls, of the system's list; a number for who is not in it.
Caller caller_of(const config::Settings& settings) {
    Caller caller{
        .user = fmt::format("uid{}", ::getuid()), .full_name = {}, .host = settings.config.hostname};
    if (caller.host.empty()) caller.host = server::system_hostname();
    std::array<char, 16'384> room{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::getuid(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr)
        return caller;
    caller.user = found->pw_name;
    const std::string_view gecos(found->pw_gecos);
    const auto full = gecos.substr(0, gecos.find(','));
    if (message::valid_utf8(full)) caller.full_name = full;
    return caller;
}

Result<std::string> read_input(std::size_t limit) {
    std::string all;
    std::array<char, 65'536> piece{};
    while (std::cin.read(piece.data(), piece.size()) || std::cin.gcount() > 0) {
        all.append(piece.data(), static_cast<std::size_t>(std::cin.gcount()));
        if (all.size() > limit) return fail(Error::Kind::too_large, "a message of more than {} bytes", limit);
    }
    return all;
}

Result<void> leave(const drop::Letter& letter, const config::Settings& settings) {
    SystemRandom random;
    return drop::leave(server::drop_folder(settings.config), letter, random);
}

Result<void> send(const SendmailCall& call, const config::Settings& settings) {
    const SystemClock clock;
    SystemRandom random;
    TRY(const auto input, read_input(settings.config.limits.message_size));
    TRY(const auto letter, make_letter(call, caller_of(settings), input, clock, random));
    return leave(letter, settings);
}

}  // namespace

int sendmail(const SendmailCall& call, const config::Settings& settings,
             const std::function<int(const std::vector<std::string>&)>& run) {
    using What = SendmailCall::What;
    if (call.what == What::nothing) return EX_OK;
    if (call.what == What::list) return run({"queue", "list"});
    if (call.what == What::serve_smtp) {
        const auto served =
            serve_smtp_here(settings, caller_of(settings).host,
                            [&](const drop::Letter& letter) { return leave(letter, settings); });
        return served ? EX_OK : fail_with(served.error());
    }
    if (call.recipients.empty() && !call.reads_recipients) {
        std::cerr << "sendmail: name a recipient, or say -t\n";
        return EX_USAGE;
    }
    const auto sent = send(call, settings);
    return sent ? EX_OK : fail_with(sent.error());
}

}  // namespace hongyan::cli
