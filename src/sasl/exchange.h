// One log-in, from the first response to its outcome.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/random.h"
#include "sasl/mechanisms.h"
#include "sasl/observer.h"

namespace hongyan::sasl {

// Bytes of one decoded response. RFC 4954 §4 wants lines of 12288 octets of base64 to be read.
inline constexpr std::size_t max_response_size = 12288 / 4 * 3;

// Granted and Refused end the exchange.
using Action = Step;

enum class AdditionalData {
    as_challenge,  // the protocol's success reply has no room for it: SMTP, POP3, IMAP (RFC 4422 §3.6)
    with_outcome,  // ManageSieve
};

// Belongs to the session that made it. Bytes are plain here; base64 and the "*" that cancels are the
// protocol's business.
class Exchange {
public:
    // `settings`, `random` and `observer` (null: nobody) outlive the exchange.
    Exchange(const Mechanism& mechanism, const Settings& settings, Circumstances circumstances,
             Random& random, const Observer* observer = nullptr,
             AdditionalData additional = AdditionalData::as_challenge);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    // Once, before all else. An empty initial response is not the same as none.
    void begin(std::optional<std::string_view> initial_response);
    // The response to the Challenge that next() returned.
    void receive(std::string_view response);
    // To the Question that next() returned.
    void answer(const Answer& answer);
    void cancel() { now_ = Refused{Refusal::cancelled, "cancelled by the client"}; }

    // Stays the same until one of the above is called.
    const Action& next() const { return now_; }

private:
    void take(Step step);

    const Mechanism& mechanism_;
    Circumstances circumstances_;
    std::unique_ptr<Machine> machine_;
    const Observer* observer_;
    AdditionalData additional_;
    std::optional<Granted> granted_;  // waits for the client to confirm our last challenge
    Action now_;
};

}  // namespace hongyan::sasl
