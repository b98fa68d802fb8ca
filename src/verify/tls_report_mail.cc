#include "verify/tls_report_mail.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/parameters.h"
#include "verify/public_suffix.h"

namespace hongyan::verify {

namespace {

constexpr std::string_view content_type = "Content-Type";

dns::Name owner_of(const dns::Name& domain) { return registrable_domain(domain).value_or(domain); }

}  // namespace

bool is_tls_report(const std::vector<message::Field>& fields) {
    const auto is_type = [](const message::Field& field) { return field.is(content_type); };
    const auto field = std::ranges::find_if(fields, is_type);
    if (field == fields.end() || std::ranges::any_of(field + 1, fields.end(), is_type)) return false;
    if (!ascii::istarts_with(ascii::trim(field->value), "multipart/report")) return false;  // as nearly all
    const auto type = message::parse_media_type(field->value);
    if (!type || !type->is("multipart", "report")) return false;
    const auto* const kind = message::find(type->parameters, "report-type");
    return kind != nullptr && ascii::iequals(*kind, "tlsrpt");
}

KeyService service_of(const std::vector<message::Field>& fields, const Signature& signature) {
    const auto is_type = [](const std::string& name) { return ascii::iequals(name, content_type); };
    const bool covers_it = !signature.length && std::ranges::any_of(signature.fields, is_type);
    return covers_it && is_tls_report(fields) ? KeyService::tls_reports : KeyService::mail;
}

std::optional<bool> is_signed_by(const DkimReport& report, const std::string& domain) {
    const auto wanted = dns::Name::parse(domain);
    if (!wanted || domain.empty()) return false;
    const auto owner = owner_of(*wanted);
    const auto is_theirs = [&owner](const DkimOutcome& signature) {
        const auto name = dns::Name::parse(signature.domain);
        return !signature.partial && !signature.testing && name && owner_of(*name) == owner;
    };
    const auto has_one = [&](DkimVerdict verdict) {
        return std::ranges::any_of(report.signatures, [&](const DkimOutcome& signature) {
            return signature.verdict == verdict && is_theirs(signature);
        });
    };
    if (has_one(DkimVerdict::pass)) return true;
    return has_one(DkimVerdict::temperror) ? std::nullopt : std::optional(false);
}

}  // namespace hongyan::verify
