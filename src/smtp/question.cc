#include "smtp/question.h"

#include <fmt/format.h>

#include "base/scanner.h"
#include "crypto/scram.h"
#include "smtp/wire/parameters.h"

namespace hongyan::smtp {

namespace {

// Line ends and what cannot be seen, made visible; long texts are cut.
std::string shown(std::string_view text) {
    constexpr std::size_t longest = 400;  // bytes
    std::string out;
    for (const char c : text.substr(0, longest)) {
        if (c == '\r')
            out += "\\r";
        else if (c == '\n')
            out += "\\n";
        else if (ascii::is_control(c))
            out += fmt::format("\\x{:02x}", c);
        else
            out += c;
    }
    return text.size() > longest ? fmt::format("{}… ({} bytes)", out, text.size()) : out;
}

std::string shown(const Recipient& recipient) {
    auto out = fmt::format("<{}>{}", to_string(recipient.path), to_text(recipient.notify));
    if (recipient.original)
        out += fmt::format(" ORCPT={};{}", recipient.original->address_type, recipient.original->address);
    return out;
}

std::string shown(const sasl::Identity& who) {
    return who.authzid.empty() ? who.authcid : fmt::format("{} for {}", who.authcid, who.authzid);
}

struct ToText {
    std::string operator()(const CheckSender& asked) const {
        return fmt::format("CheckSender <{}>{}", to_string(asked.sender), to_text(asked.parameters));
    }
    std::string operator()(const CheckRecipient& asked) const {
        return fmt::format("CheckRecipient {}", shown(asked.recipient));
    }
    std::string operator()(const AwaitRoom& asked) const { return fmt::format("AwaitRoom {}", asked.bytes); }
    std::string operator()(const Deliver& asked) const {
        auto out = fmt::format("Deliver <{}>{} to", to_string(asked.envelope.sender),
                               to_text(asked.envelope.parameters));
        for (const auto& recipient : asked.envelope.recipients) out += ' ' + shown(recipient);
        return fmt::format("{}: {}", out, shown(*asked.message));
    }
    std::string operator()(const Authenticate& asked) const { return std::visit(*this, asked.question); }
    std::string operator()(const Verify& asked) const {
        return fmt::format("Verify {} {}", asked.what == Verify::What::mailbox ? "mailbox" : "list",
                           asked.name);
    }
    std::string operator()(const FetchUrl& asked) const {
        return fmt::format("FetchUrl {} for {}, at most {}", asked.url, asked.client.account, asked.most);
    }
    std::string operator()(const StartQueue& asked) const { return "StartQueue " + asked.node; }
    std::string operator()(const UnknownCommand& asked) const {
        return "UnknownCommand " + shown(asked.line);
    }
    std::string operator()(const Abandon& /*asked*/) const { return "Abandon"; }

    std::string operator()(const sasl::VerifyPassword& asked) const {
        return fmt::format("VerifyPassword {} {}", shown(asked.who), asked.password);
    }
    std::string operator()(const sasl::FetchScramKeys& asked) const {
        return fmt::format("FetchScramKeys {} {}", shown(asked.who),
                           asked.hash == crypto::Hash::sha1 ? "SHA-1" : "SHA-256");
    }
    std::string operator()(const sasl::FetchSecret& asked) const { return "FetchSecret " + shown(asked.who); }
    std::string operator()(const sasl::VerifyToken& asked) const {
        return fmt::format("VerifyToken {}{}{}", asked.token, asked.authzid.empty() ? "" : " for ",
                           asked.authzid);
    }
    std::string operator()(const sasl::IdentifyCertificate& asked) const {
        return fmt::format("IdentifyCertificate {}{}{}", asked.certificate.fingerprint,
                           asked.authzid.empty() ? "" : " for ", asked.authzid);
    }
};

std::optional<sasl::Answer> parse_sasl_answer(const sasl::Question& question, std::string_view text) {
    constexpr std::string_view account = "ann@here.test";
    Scanner in(text);
    if (in.present("granted ")) return sasl::Granted{std::string(in.rest()), {}};
    if (in.present("refused")) return sasl::Refused{};
    if (in.present("unavailable")) return sasl::Refused{sasl::Refusal::unavailable, {}};
    if (in.present("wrong scope")) return sasl::Refused{sasl::Refusal::insufficient_scope, {}};
    if (in.present("too weak")) return sasl::Refused{sasl::Refusal::too_weak, {}};
    if (in.present("transition")) return sasl::Refused{sasl::Refusal::needs_transition, {}};
    if (in.present("secret ")) return sasl::KnownSecret{std::string(account), std::string(in.rest())};
    const auto* scram = std::get_if<sasl::FetchScramKeys>(&question);
    if (scram == nullptr || !in.present("scram ")) return std::nullopt;
    return sasl::KnownKeys{std::string(account),
                           crypto::ScramKeys::derive(scram->hash, in.rest(), "0123456789abcdef", 4096)};
}

std::string with_line_ends(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c == '|')
            out += "\r\n";
        else
            out += c;
    return out;
}

std::optional<Answer> parse_replies(std::string_view text) {
    Replies replies;
    for (bool more = true; more;) {
        const auto end = text.find(" / ");
        const auto reply = parse_reply(text.substr(0, end));
        if (!reply) return std::nullopt;
        replies.push_back(*reply);
        more = end != text.npos;
        if (more) text.remove_prefix(end + 3);
    }
    return replies;
}

}  // namespace

std::string to_text(const Question& question) { return std::visit(ToText{}, question); }

std::optional<Answer> parse_answer(const Question& question, std::string_view text) {
    constexpr std::string_view octets = "octets ";
    if (std::holds_alternative<FetchUrl>(question) && text.starts_with(octets))
        return FetchedUrl{with_line_ends(text.substr(octets.size()))};
    if (const auto* asked = std::get_if<Authenticate>(&question))
        return parse_sasl_answer(asked->question, text);
    if (std::holds_alternative<Deliver>(question)) return parse_replies(text);
    return parse_reply(text);
}

}  // namespace hongyan::smtp
