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
    // The value of the field, without its line end.
    std::string results_value(std::string_view host, const SpfQuery& query, DmarcPolicy disposition) const;
    // The field with its line end, for a message that failed or passed with that disposition (RFC 8601 §2.2).
    std::string results(std::string_view host, const SpfQuery& query, DmarcPolicy disposition) const;
};

// The machine that finds all of it for a finished mail, which outlives it. What has come to its outcome is
// not checked again when further answers come: signatures are dear.
class Authenticating {
public:
    Authenticating(const Mail& mail, SpfQuery query, Instant now)
        : mail_(&mail), authors_(authors_of(mail.header())), query_(std::move(query)), now_(now) {}

    // Nothing if an answer is missing. The questions of all are open together. Not to be called again when it
    // has given its outcome.
    std::optional<Authentication> operator()(KnownAnswers& answers) {
        return identify(answers) ? conclude(answers) : std::nullopt;
    }

    // There are so many signatures that nobody else should wait while they are checked.
    bool is_laborious() const;

    // The same in two steps, for those who give each a time of its own: the sender has it in his hand how
    // long the answers to the first take, and must not have the second go without. False or nothing if an
    // answer is missing. What the authors' domains ask for is looked for with the first already.
    bool identify(KnownAnswers& answers);
    std::optional<Authentication> conclude(KnownAnswers& answers);

private:
    const Mail* mail_;
    Authors authors_;
    SpfQuery query_;
    Instant now_;
    std::optional<SpfOutcome> helo_, mail_from_;
    std::optional<DkimReport> dkim_;
    std::optional<ArcOutcome> arc_;
    std::optional<IprevOutcome> iprev_;
};

}  // namespace hongyan::verify
