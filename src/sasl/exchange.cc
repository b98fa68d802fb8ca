#include "sasl/exchange.h"

#include "base/check.h"

namespace hongyan::sasl {

Exchange::Exchange(const Mechanism& mechanism, const Settings& settings, Circumstances circumstances,
                   Random& random, const Observer* observer, AdditionalData additional)
    : mechanism_(mechanism),
      circumstances_(std::move(circumstances)),
      machine_(mechanism.make(Context{settings, circumstances_, random})),
      observer_(observer),
      additional_(additional) {}

void Exchange::begin(std::optional<std::string_view> initial_response) {
    now_ = machine_->first_challenge();
    if (!initial_response) return;
    if (mechanism_.first == First::server)
        now_ = Refused{Refusal::malformed, "an initial response where the server speaks first"};
    else
        receive(*initial_response);
}

void Exchange::receive(std::string_view response) {
    check(std::holds_alternative<Challenge>(now_), "a response follows a challenge");
    if (response.size() > max_response_size)
        now_ = Refused{Refusal::malformed, "the response is too long"};
    else if (observer_ != nullptr && observer_->is_too_late())
        now_ = Refused{Refusal::unavailable, "the response came too late"};
    else if (!granted_)
        take(machine_->respond(response));
    else if (response.empty())
        now_ = std::move(*granted_);
    else
        now_ = Refused{Refusal::malformed, "more to say after the last challenge"};
}

void Exchange::answer(const Answer& answer) {
    check(std::holds_alternative<Question>(now_), "an answer follows a question");
    take(machine_->answer(answer));
}

// The proof of the server goes out as a challenge that the client confirms with an empty response.
void Exchange::take(Step step) {
    now_ = std::move(step);
    auto* granted = std::get_if<Granted>(&now_);
    if (granted == nullptr || granted->additional_data.empty() || additional_ == AdditionalData::with_outcome)
        return;
    granted_ = std::move(*granted);
    now_ = Challenge{granted_->additional_data};
}

}  // namespace hongyan::sasl
