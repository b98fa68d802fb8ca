#include <algorithm>

#include "base/scanner.h"
#include "message/utf8.h"
#include "sasl/machine.h"

namespace hongyan::sasl {

namespace {

constexpr std::string_view nul("\0", 1);

// RFC 4616: everything in one message.
class Plain final : public Machine {
public:
    // message = [authzid] UTF8NUL authcid UTF8NUL passwd   RFC 4616 §2
    Step respond(std::string_view response) override {
        Scanner in(response);
        const auto authzid = in.take_until(nul);
        const auto authcid = in.take_until(nul);
        const auto password = in.rest();
        if (in.failed() || authcid.empty() || password.empty() || password.contains('\0') ||
            !message::valid_utf8(response))
            return Refused{Refusal::malformed, "not a PLAIN message"};
        return Question{VerifyPassword{{std::string(authcid), std::string(authzid)}, std::string(password)}};
    }
    Step answer(const Answer& answer) override { return outcome_of(answer); }
};

// The user name, then the password, each asked for by name; clients look at neither question.
class Login final : public Machine {
public:
    Challenge first_challenge() override { return {"Username:"}; }

    Step respond(std::string_view response) override {
        if (response.empty() || response.contains('\0') || !message::valid_utf8(response))
            return Refused{Refusal::malformed, "neither a user name nor a password"};
        if (user_.empty()) {
            user_ = response;
            return Challenge{"Password:"};
        }
        return Question{VerifyPassword{{user_, {}}, std::string(response)}};
    }
    Step answer(const Answer& answer) override { return outcome_of(answer); }

private:
    std::string user_;
};

}  // namespace

std::unique_ptr<Machine> make_plain(const Context& /*context*/) { return std::make_unique<Plain>(); }
std::unique_ptr<Machine> make_login(const Context& /*context*/) { return std::make_unique<Login>(); }

}  // namespace hongyan::sasl
