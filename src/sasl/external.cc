#include "base/check.h"
#include "message/utf8.h"
#include "sasl/machine.h"

namespace hongyan::sasl {

namespace {

// RFC 4422 §A: TLS has already shown who he is; the response says only for whom he wants to act.
class External final : public Machine {
public:
    explicit External(const Context& context) : certificate_(context.circumstances.certificate) {}

    // authz-id-string, may be empty; no NUL in it   RFC 4422 §A.2
    Step respond(std::string_view response) override {
        if (response.contains('\0') || !message::valid_utf8(response))
            return Refused{Refusal::malformed, "not an authorization identity"};
        check(certificate_.has_value(), "EXTERNAL is offered to who has shown a certificate");
        return Question{IdentifyCertificate{*certificate_, std::string(response)}};
    }
    Step answer(const Answer& answer) override { return outcome_of(answer); }

private:
    std::optional<Certificate> certificate_;
};

}  // namespace

std::unique_ptr<Machine> make_external(const Context& context) { return std::make_unique<External>(context); }

}  // namespace hongyan::sasl
