#include "crypto/prepare_password.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace hongyan::crypto {

namespace {

constexpr UChar32 zero_width_non_joiner = 0x200c;
constexpr UChar32 zero_width_joiner = 0x200d;

// The categories of FreeformClass that are left out (RFC 8264 §4.3.3).
bool is_disallowed(UChar32 c) {
    if (c == zero_width_non_joiner || c == zero_width_joiner) return false;
    return (U_MASK(u_charType(c)) & (U_GC_CC_MASK | U_GC_CS_MASK | U_GC_CN_MASK)) != 0 ||
           u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

// The text with every Zs as U+0020 (RFC 8265 §4.2.2).
Result<icu::UnicodeString> map_spaces(std::string_view text) {
    icu::UnicodeString out;
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), i, size, c);  // NOLINT(bugprone-inc-dec-in-conditions): within the macro
        if (c < 0) return fail(Error::Kind::invalid, "the password is not valid UTF-8");
        if (is_disallowed(c))
            return fail(Error::Kind::invalid, "the password holds a control or an invisible character");
        out.append(u_charType(c) == U_SPACE_SEPARATOR ? UChar32{' '} : c);
    }
    return out;
}

}  // namespace

Result<Secret> prepare_password(std::string_view text) {
    if (text.empty()) return fail(Error::Kind::invalid, "the password is empty");
    if (text.size() > max_password_size)
        return fail(Error::Kind::invalid, "the password has more than {} bytes", max_password_size);
    TRY(auto mapped, map_spaces(text));
    UErrorCode status = U_ZERO_ERROR;
    const auto* nfc = icu::Normalizer2::getNFCInstance(status);
    std::string out;
    if (U_SUCCESS(status)) nfc->normalize(mapped, status).toUTF8String(out);
    if (U_FAILURE(status))
        return fail(Error::Kind::internal, "ICU cannot normalise: {}", u_errorName(status));
    return Secret(std::move(out));
}

}  // namespace hongyan::crypto
