// Which DMARC record counts for an author's domain, and of which organization a domain is (RFC 7489 §3.2,
// §6.6.3; RFC 9091; where these are silent the tree walk of RFC 9989).
#pragma once

#include <expected>

#include "verify/dmarc_record.h"
#include "verify/inquiry.h"

namespace hongyan::verify {

enum class Unanswered { yet, in_trouble };  // not asked before; DNS could not tell

// By what organizations are told.
enum class Organizations {
    listed,  // by the list of public suffixes (RFC 7489 §3.2)
    walked,  // by the records on the way up (RFC 9989)
};

class DmarcDiscovery {
public:
    template <typename T>
    using Step = std::expected<T, Unanswered>;

    struct Found {
        dns::Name domain;
        DmarcRecord::Read read;
        Organizations by = Organizations::listed;  // walked: only the walk comes by it
    };

    explicit DmarcDiscovery(KnownAnswers& answers) : answers_(answers) {}

    // The record that counts for the author: his own, his organization's (RFC 7489 §6.6.3), that of the
    // public suffix above it (RFC 9091 §3.4), or one between him and an organization that is silent (RFC
    // 9989).
    Step<std::optional<Found>> find(const dns::Name& author);
    // What the organization above him asks for, where it can be told; what his own domain asks is another
    // question. Never in trouble.
    Step<std::optional<Found>> organization_above(const dns::Name& author);
    // A record with psd= tells it; else what is asked for. Nothing is below a public suffix that it belongs
    // to, and a suffix is of no organization but itself.
    Step<dns::Name> organization_of(const dns::Name& domain, Organizations by);

    // What DNS could not tell, for a person.
    const std::string& problem() const { return problem_; }

private:
    using Records = std::vector<DmarcRecord::Read>;

    Step<Records> records_at(const dns::Name& domain);
    Step<std::optional<DmarcRecord::Read>> record_at(const dns::Name& domain);
    Step<std::optional<DmarcRecord::Read>> record_if_told(const dns::Name& domain);
    Step<std::optional<Found>> public_suffix_above(const dns::Name& organization);
    Step<std::optional<Found>> between(const dns::Name& author, const dns::Name& organization);
    void ask(const std::vector<dns::Name>& domains);

    KnownAnswers& answers_;
    std::string problem_;
};

}  // namespace hongyan::verify
