// Is the author's domain the one that SPF or DKIM vouch for, and what does it wish otherwise? (RFC 7489, RFC
// 9091; the tree walk of RFC 9989.)
#pragma once

#include "verify/authors.h"
#include "verify/dkim.h"
#include "verify/dmarc_record.h"
#include "verify/spf.h"

namespace hongyan::verify {

enum class DmarcVerdict { none, pass, fail, temperror, permerror };  // RFC 7489 §11.2
std::string_view to_string(DmarcVerdict verdict);

struct DmarcOutcome {
    DmarcVerdict verdict = DmarcVerdict::none;
    std::string domain = {};         // the author's
    std::string record_domain = {};  // where the record is that counts; empty if there is none
    DmarcRecord record = {};
    DmarcPolicy policy = DmarcPolicy::none;  // what it wishes for this domain's mail if it fails
    bool spf_aligned = false, dkim_aligned = false;
    std::string reason = {};  // for a person
    // Why nobody can tell who the author is; empty if he is told. What could be read was judged.
    std::string unclear_author = {};

    // What a failure is to lead to. `sample` is a number below 100, drawn at random: the domain may wish its
    // policy for some mail only, and the next milder for the rest (RFC 7489 §6.6.4), or for all as long as it
    // is testing.
    DmarcPolicy disposition(unsigned sample) const;
    // The same of a temperror, should it turn out to be a failure; none if nobody knows what the domain asks.
    DmarcPolicy disposition_in_doubt(unsigned sample) const;
    // "from example.com, which asks to reject failures; passed by DKIM"
    std::string sentence() const;
    friend bool operator==(const DmarcOutcome&, const DmarcOutcome&) = default;
};

// Of several authors the one with the strictest policy that fails (RFC 7489 §6.6.1). `spf` is the outcome of
// MAIL FROM, or of HELO if there was no sender. Nothing if an answer is missing.
std::optional<DmarcOutcome> check_dmarc(const Authors& authors, const SpfOutcome& spf, const DkimReport& dkim,
                                        KnownAnswers& answers);
// Has asked for what that needs to know of the authors, as far as it can be told without the others.
void look_for_policies(const Authors& authors, KnownAnswers& answers);

}  // namespace hongyan::verify
