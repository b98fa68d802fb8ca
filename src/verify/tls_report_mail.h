// Mails that bring reports of TLS (RFC 8460), whose signatures have rules of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "message/field.h"
#include "verify/dkim.h"

namespace hongyan::verify {

// By what the header says: multipart/report with report-type=tlsrpt, in the one field Content-Type (RFC 8460
// §5.3).
bool is_tls_report(const std::vector<message::Field>& fields);

// What the signature of a mail with these fields is for. Only who signs the Content-Type, and all of the body
// (RFC 8460 §3), says that it is a report: else what another mail says could be put under such a signature.
KeyService service_of(const std::vector<message::Field>& fields, const Signature& signature);

// Whether a signature that passes, and leaves nothing of the body out, is of that domain or of one with the
// same owner: what RFC 8460 §3 demands of a report. One whose key is there for tests only is none (RFC 6376
// §3.6.1). Nothing: a key of that owner, which may make it one, is not to be had now.
std::optional<bool> is_signed_by(const DkimReport& report, const std::string& domain);

}  // namespace hongyan::verify
