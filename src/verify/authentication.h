// All that is to be known of who sent a message, in one question.
#pragma once

#include "verify/authentication_results.h"

namespace hongyan::verify {

struct Authentication {
    SpfOutcome helo, mail_from;  // the same if there was no sender
    DkimReport dkim;
    ArcOutcome arc;
    DmarcOutcome dmarc;
    IprevOutcome iprev;

    // For a trace or a reader: "Signed by example.com, which asks to reject failures; passed." (one sentence,
    // without line ends; somebody else's domains are in it)
    std::string sentence(const SpfQuery& query) const;
    // The field with its line end, for a message that failed or passed with that disposition (RFC 8601 §2.2).
    std::string results(std::string_view host, const SpfQuery& query, DmarcPolicy disposition) const;
};

// SPF, DKIM, ARC, DMARC and iprev of a finished mail, whose questions are open together. Nothing if an answer
// is missing.
std::optional<Authentication> authenticate(const Mail& mail, const SpfQuery& query, Instant now,
                                           KnownAnswers& answers);

}  // namespace hongyan::verify
