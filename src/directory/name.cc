#include "directory/name.h"

#include <algorithm>
#include <memory>

#include <idn2.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "base/ascii.h"
#include "message/address.h"
#include "message/utf8.h"

namespace hongyan::directory {

namespace {

struct FreeIdn {
    void operator()(char* text) const { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, FreeIdn>;

// A-labels of any notation; libidn2 checks what RFC 5891 §5.4 demands.
Result<std::string> to_a_labels(std::string_view text) {
    const std::string terminated(text);
    std::uint8_t* out = nullptr;
    const int status = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(terminated.c_str()), &out,
                                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const IdnText owner(reinterpret_cast<char*>(out));
    if (status != IDN2_OK)
        return fail(Error::Kind::invalid, "\"{}\" is no domain: {}", text, idn2_strerror(status));
    return std::string(owner.get());
}

bool needs_idna(std::string_view lower) {
    return !message::is_ascii(lower) || lower.starts_with("xn--") || lower.find(".xn--") != lower.npos;
}

Result<std::string> lower_case_nfc(std::string_view utf8) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* nfc = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status)) return fail(Error::Kind::internal, "ICU has no NFC: {}", u_errorName(status));
    auto text = icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())});
    std::string out;
    nfc->normalize(text.toLower(icu::Locale::getRoot()), status).toUTF8String(out);
    if (U_FAILURE(status))
        return fail(Error::Kind::internal, "ICU cannot normalise: {}", u_errorName(status));
    return out;
}

}  // namespace

Result<DomainName> DomainName::parse(std::string_view text) {
    auto ascii = ascii::to_lower(text);
    if (text.find('\0') != text.npos) return fail(Error::Kind::invalid, "a domain holds no NUL");
    if (needs_idna(ascii)) {
        TRY(ascii, to_a_labels(text));
    }
    TRY(const auto domain, message::Domain::parse(ascii, message::International::no));
    if (domain.is_literal()) return fail(Error::Kind::invalid, "{} is an address, not a domain", text);
    return stored(domain.text());
}

DomainName DomainName::stored(std::string_view ascii) {
    DomainName name;
    name.ascii_ = ascii;
    return name;
}

std::string DomainName::unicode() const {
    if (!needs_idna(ascii_)) return ascii_;
    char* out = nullptr;
    const int status = idn2_to_unicode_8z8z(ascii_.c_str(), &out, 0);
    const IdnText owner(out);
    return status == IDN2_OK ? std::string(out) : ascii_;
}

Result<std::string> normalise_local_part(std::string_view local_part) {
    if (!message::valid_utf8(local_part) || std::ranges::any_of(local_part, ascii::is_control))
        return fail(Error::Kind::invalid, "a local part is UTF-8 without control characters");
    auto normal = ascii::to_lower(local_part);
    if (!message::is_ascii(normal)) {
        TRY(normal, lower_case_nfc(local_part));
    }
    if (normal.size() > message::max_local_part)
        return fail(Error::Kind::invalid, "a local part has at most {} bytes", message::max_local_part);
    return normal;
}

Result<Name> Name::parse(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == text.npos) return fail(Error::Kind::invalid, "\"{}\" has no @", text);
    TRY(auto domain, DomainName::parse(text.substr(at + 1)));
    if (at == 0) return Name{"", std::move(domain)};
    TRY(const auto written, message::LocalPart::parse(text.substr(0, at)));
    if (written.to_string().starts_with('"'))
        return fail(Error::Kind::invalid, "\"{}\" needs quotes", written.text());
    TRY(auto local_part, normalise_local_part(written.text()));
    return Name{std::move(local_part), std::move(domain)};
}

std::string to_string(const Name& name) {
    return fmt::format("{}@{}", name.local_part, name.domain.unicode());
}

}  // namespace hongyan::directory
