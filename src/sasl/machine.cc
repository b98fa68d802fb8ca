#include "sasl/machine.h"

#include "base/check.h"

namespace hongyan::sasl {

Step outcome_of(const Answer& answer) {
    if (const auto* granted = std::get_if<Granted>(&answer)) return *granted;
    const auto* refused = std::get_if<Refused>(&answer);
    check(refused != nullptr, "a password, certificate or token is granted or refused");
    return *refused;
}

}  // namespace hongyan::sasl
