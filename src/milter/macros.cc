#include "milter/macros.h"

#include "base/scanner.h"

namespace hongyan::milter {

namespace {

// Postfix's defaults, and the client's address, which filters of version 2 cannot ask for.
const std::array<Names, stages>& usual() {
    static const std::array<Names, stages> names = {{
        {"j", "{daemon_name}", "{daemon_addr}", "v", "_", "{client_addr}", "{client_name}"},
        {"{tls_version}", "{cipher}", "{cipher_bits}", "{cert_subject}", "{cert_issuer}"},
        {"i", "{auth_type}", "{auth_authen}", "{auth_author}", "{mail_addr}", "{mail_host}", "{mail_mailer}"},
        {"i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"},
        {"i"},
        {"i"},
        {"i"},
    }};
    return names;
}

bool divides(char c) { return ascii::is_blank(c) || c == ','; }

std::string plain_name(std::string_view name) {
    constexpr std::size_t letter_in_braces = 3;
    const bool bare = name.size() == letter_in_braces && name.front() == '{' && name.back() == '}';
    return std::string(bare ? name.substr(1, 1) : name);
}

}  // namespace

const Names& usual_names(Stage stage) { return usual()[static_cast<std::size_t>(stage)]; }

Names parse_names(std::string_view text) {
    Names names;
    for (Scanner in(text); in.take_while(divides), !in.at_end();)
        names.push_back(plain_name(in.take_some([](char c) { return !divides(c); })));
    return names;
}

}  // namespace hongyan::milter
