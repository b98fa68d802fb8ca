#include "pop3/question.h"

namespace hongyan::pop3 {

std::string to_text(const Question& question) {
    if (const auto* open = std::get_if<OpenMaildrop>(&question)) return "OpenMaildrop " + open->account;
    if (const auto* fetch = std::get_if<FetchMessage>(&question))
        return fmt::format("FetchMessage {}", fetch->message.uid.value());
    if (const auto* update = std::get_if<UpdateMaildrop>(&question)) {
        std::string text = "UpdateMaildrop";
        for (const auto uid : update->deleted.uids()) text += fmt::format(" {}", uid.value());
        return text;
    }
    const auto& log_in = std::get<sasl::Question>(question);
    if (const auto* verify = std::get_if<sasl::VerifyPassword>(&log_in))
        return fmt::format("VerifyPassword {} {}", verify->who.authcid, verify->password);
    if (const auto* fetch = std::get_if<sasl::FetchSecret>(&log_in))
        return fmt::format("FetchSecret {}", fetch->who.authcid);
    return "LogIn";
}

}  // namespace hongyan::pop3
