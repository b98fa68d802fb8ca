// Who hears how log-ins end: counted, and told of, for all protocols alike.
#pragma once

#include <string>
#include <string_view>

#include "sasl/question.h"

namespace hongyan::sasl {

// Belongs to the session's thread, and outlives the session. Between began() and the end lie the session's
// questions; a log-in may also have no end.
class Observer {
public:
    Observer() = default;
    virtual ~Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    // "SCRAM-SHA-256", "LOGIN", "PASS".
    virtual void began(std::string_view how) = 0;
    virtual void granted(std::string_view account) = 0;
    virtual void refused(const Refused& why) = 0;
    // The client has let the time pass that he had for his response: it is not looked at.
    virtual bool is_too_late() const { return false; }
};

}  // namespace hongyan::sasl
