#include "message/charset.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ustring.h>

#include "base/ascii.h"
#include "message/charset_guess.h"

namespace hongyan::message {

namespace {

struct Close {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};

// A charset as a thread knows it.
struct Charset {
    enum class Kind { unknown, ascii, utf8, converted };

    Kind kind = Kind::unknown;
    bool keeps_ascii = true;  // ASCII bytes always stand for themselves
    bool is_utf16 = false;    // byte order by its mark
    std::unique_ptr<UConverter, Close> converter = nullptr;
};

// Names whose meaning in mail is not what ICU takes them for, without all that is no letter or digit. Where a
// superset exists the bytes are read as that: what senders call gb2312 has long been GBK.
struct Alias {
    std::string_view name;
    std::string_view icu_name;
};
constexpr std::string_view gb18030 = "gb18030";
constexpr std::string_view big5 = "big5-hkscs";
constexpr std::string_view shift_jis = "windows-31j";
// With half-width kana and JIS X 0212.
constexpr std::string_view iso_2022_jp = "ISO_2022,locale=ja,version=3";
constexpr std::string_view korean = "windows-949";
constexpr Alias aliases[] = {
    {"936", gb18030},
    {"chinese", gb18030},
    {"cngb", gb18030},
    {"cp936", gb18030},
    {"csgb2312", gb18030},
    {"csiso58gb231280", gb18030},
    {"euccn", gb18030},
    {"gb", gb18030},
    {"gb180302000", gb18030},
    {"gb2312", gb18030},
    {"gb231280", gb18030},
    {"gbk", gb18030},
    {"isoir58", gb18030},
    {"ms936", gb18030},
    {"windows936", gb18030},
    {"950", big5},
    {"big5", big5},
    {"big5eten", big5},
    {"chinesebig5", big5},
    {"cnbig5", big5},
    {"cp950", big5},
    {"csbig5", big5},
    {"ms950", big5},
    {"windows950", big5},
    {"hzgb", "HZ"},
    {"cp932", shift_jis},
    {"ms932", shift_jis},
    {"mskanji", shift_jis},
    {"shiftjis", shift_jis},
    {"sjis", shift_jis},
    {"cp50220", iso_2022_jp},
    {"cp50221", iso_2022_jp},
    {"csiso2022jp", iso_2022_jp},
    {"iso2022jp", iso_2022_jp},
    {"iso2022jp1", iso_2022_jp},
    {"iso2022jp2", iso_2022_jp},
    {"iso2022jp3", iso_2022_jp},
    {"iso2022jpms", iso_2022_jp},
    {"jis", iso_2022_jp},
    {"cseuckr", korean},
    {"euckr", korean},
    {"korean", korean},
    {"ksc5601", korean},
    {"ksc56011987", korean},
    {"ksc56011989", korean},
    {"uhc", korean},
    {"cp819", "windows-1252"},
    {"iso88591", "windows-1252"},
    {"iso885911987", "windows-1252"},
    {"isoir100", "windows-1252"},
    {"l1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"ibm819", "windows-1252"},
    {"iso88599", "windows-1254"},
    {"latin5", "windows-1254"},
    {"iso885911", "windows-874"},
    {"tis620", "windows-874"},
    {"koi8", "koi8-r"},
    {"koi8ru", "koi8-u"},
    {"unicode20utf7", "utf-7"},
    {"utf7", "utf-7"},
    {"unicode11utf7", "utf-7"},
};
constexpr std::string_view utf8_names[] = {"utf8",          "cp65001", "unicode11utf8",
                                           "unicode20utf8", "utf8mb4", "65001"};

constexpr std::array<std::string_view, 52> supported{
    "US-ASCII",       "UTF-8",        "UTF-7",        "UTF-16",       "UTF-16BE",
    "UTF-16LE",       "UTF-32",       "GB2312",       "GBK",          "GB18030",
    "HZ-GB-2312",     "ISO-2022-CN",  "Big5",         "Big5-HKSCS",   "EUC-TW",
    "ISO-2022-JP",    "Shift_JIS",    "EUC-JP",       "ISO-2022-KR",  "EUC-KR",
    "KS_C_5601-1987", "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",
    "ISO-8859-5",     "ISO-8859-6",   "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",
    "ISO-8859-10",    "ISO-8859-11",  "ISO-8859-13",  "ISO-8859-14",  "ISO-8859-15",
    "KOI8-R",         "KOI8-U",       "windows-874",  "windows-1250", "windows-1251",
    "windows-1252",   "windows-1253", "windows-1254", "windows-1255", "windows-1256",
    "windows-1257",   "windows-1258", "TIS-620",      "macintosh",    "IBM850",
    "IBM866",         "IBM437",
};

// The letters and digits of a name as mail writes it, in lower case: "GB_2312-80;" is gb231280. A parameter
// or language behind it (RFC 2231 §5) is cut off.
std::string squeeze(std::string_view name) {
    constexpr std::size_t longest_name = 40;
    name = ascii::trim(name.substr(0, name.find_first_of(";*,")));
    if (ascii::istarts_with(name, "charset=")) name.remove_prefix(8);
    std::string out;
    for (const char c : name)
        if (ascii::is_alnum(c) && out.size() < longest_name) out.push_back(ascii::lower(c));
    return out;
}

bool reads_ascii_as_itself(UConverter* converter) {
    constexpr std::string_view probe = "Aa0=?~\\{+";
    std::array<UChar, 32> units{};
    UErrorCode error = U_ZERO_ERROR;
    const auto count = ucnv_toUChars(converter, units.data(), units.size(), probe.data(),
                                     static_cast<std::int32_t>(probe.size()), &error);
    return U_SUCCESS(error) && std::equal(probe.begin(), probe.end(), units.begin(), units.begin() + count);
}

bool shifts(UConverterType type) {
    return type == UCNV_ISO_2022 || type == UCNV_HZ || type == UCNV_UTF7 || type == UCNV_ISCII;
}

bool is_wide(UConverterType type) {
    return type == UCNV_UTF16 || type == UCNV_UTF16_BigEndian || type == UCNV_UTF16_LittleEndian ||
           type == UCNV_UTF32 || type == UCNV_UTF32_BigEndian || type == UCNV_UTF32_LittleEndian;
}

// Formats that no mail is written in, and whose decoders we need not offer to strangers. EBCDIC is left out
// too, by what it makes of ASCII.
bool is_refused(UConverterType type) {
    return (type >= UCNV_LMBCS_1 && type <= UCNV_LMBCS_LAST) || type == UCNV_SCSU || type == UCNV_BOCU1 ||
           type == UCNV_IMAP_MAILBOX || type == UCNV_COMPOUND_TEXT;
}

Charset open(std::string_view icu_name) {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<UConverter, Close> converter(ucnv_open(std::string(icu_name).c_str(), &error));
    if (U_FAILURE(error)) return {};
    const auto type = ucnv_getType(converter.get());
    if (is_refused(type)) return {};
    if (type == UCNV_UTF8) return {.kind = Charset::Kind::utf8};
    if (type == UCNV_US_ASCII) return {.kind = Charset::Kind::ascii};
    const bool keeps_ascii = !shifts(type) && reads_ascii_as_itself(converter.get());
    if (!keeps_ascii && !shifts(type) && !is_wide(type)) return {};
    return {Charset::Kind::converted, keeps_ascii, type == UCNV_UTF16, std::move(converter)};
}

// Only names that ICU lists reach ucnv_open, which would take others for files.
Charset open_by_its_own_name(const std::string& name) {
    UErrorCode error = U_ZERO_ERROR;
    const auto* known = name.empty() ? nullptr : ucnv_getAlias(name.c_str(), 0, &error);
    if (U_FAILURE(error) || known == nullptr) return {};
    return open(known);
}

Charset resolve(const std::string& name) {
    if (std::ranges::find(utf8_names, name) != std::end(utf8_names)) return {.kind = Charset::Kind::utf8};
    const auto* alias = std::ranges::find(aliases, name, &Alias::name);
    if (alias != std::end(aliases)) return open(alias->icu_name);
    return open_by_its_own_name(name);
}

// Converters are costly to open and are not shared between threads, so each thread keeps its own. The result
// is valid until the thread's next call.
Charset& find_charset(std::string_view name) {
    constexpr std::size_t most_kept = 64;  // some 300 bytes each; only hostile mail names more
    thread_local std::map<std::string, Charset, std::less<>> known;
    auto squeezed = squeeze(name);
    if (const auto found = known.find(squeezed); found != known.end()) return found->second;
    auto charset = resolve(squeezed);
    if (charset.kind == Charset::Kind::unknown && squeezed.starts_with('x'))
        charset = resolve(squeezed.substr(1));
    if (known.size() >= most_kept) known.clear();
    return known.emplace(std::move(squeezed), std::move(charset)).first->second;
}

// A text read, and how well that went.
struct Conversion {
    std::string text;
    std::size_t wrong = 0;   // sequences that could not be read
    std::size_t beyond = 0;  // characters read that are not ASCII

    // One byte lost, or cut off, is no reason for doubt if anything was read.
    bool is_doubtful() const { return wrong > beyond / 10 + (beyond > 0 ? 1 : 0); }
};

void U_CALLCONV count_and_replace(const void* counter, UConverterToUnicodeArgs* arguments, const char*,
                                  std::int32_t, UConverterCallbackReason reason, UErrorCode* error) {
    if (reason > UCNV_IRREGULAR) return;
    ++*static_cast<std::size_t*>(const_cast<void*>(counter));
    *error = U_ZERO_ERROR;
    constexpr UChar replacement = 0xfffd;
    ucnv_cbToUWriteUChars(arguments, &replacement, 1, 0, error);
}

// What ICU writes into, a piece at a time.
class Utf16Buffer {
public:
    explicit Utf16Buffer(Conversion& out) : out_(out) {}

    UChar* begin() { return units_.data() + kept_; }
    const UChar* end() const { return units_.data() + units_.size(); }

    // Takes over what was written up to `filled`; half a surrogate pair waits for its other half.
    void take(const UChar* filled, bool last) {
        auto count = static_cast<std::size_t>(filled - units_.data());
        const bool half = !last && count > 0 && U16_IS_LEAD(units_[count - 1]);
        if (half) --count;
        append(count);
        kept_ = half ? 1 : 0;
        if (half) units_[0] = units_[count];
    }

private:
    void append(std::size_t count) {
        const std::u16string_view units(units_.data(), count);
        out_.beyond +=
            static_cast<std::size_t>(std::ranges::count_if(units, [](UChar unit) { return unit >= 0x80; }));
        const auto before = out_.text.size();
        out_.text.resize(before + 3 * count);
        std::int32_t size = 0;
        UErrorCode error = U_ZERO_ERROR;
        u_strToUTF8WithSub(out_.text.data() + before, static_cast<std::int32_t>(3 * count), &size,
                           units_.data(), static_cast<std::int32_t>(count), 0xfffd, nullptr, &error);
        out_.text.resize(before + static_cast<std::size_t>(size));
    }

    Conversion& out_;
    std::array<UChar, 2048> units_;
    std::size_t kept_ = 0;
};

Conversion convert(UConverter* converter, std::string_view bytes) {
    Conversion out;
    out.text.reserve(bytes.size() + bytes.size() / 2);
    UErrorCode error = U_ZERO_ERROR;
    ucnv_resetToUnicode(converter);
    ucnv_setToUCallBack(converter, &count_and_replace, &out.wrong, nullptr, nullptr, &error);
    Utf16Buffer units(out);
    const char* source = bytes.data();
    do {
        error = U_ZERO_ERROR;
        UChar* target = units.begin();
        ucnv_toUnicode(converter, &target, units.end(), &source, bytes.data() + bytes.size(), nullptr, true,
                       &error);
        units.take(target, error != U_BUFFER_OVERFLOW_ERROR);
    } while (error == U_BUFFER_OVERFLOW_ERROR);
    out.beyond -= std::min(out.beyond, out.wrong);
    return out;
}

std::size_t count_replacements(std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find(replacement_character); at != std::string_view::npos;
         at = text.find(replacement_character, at + replacement_character.size()))
        ++count;
    return count;
}

Conversion read_utf8(std::string_view bytes) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
    if (valid_utf8(bytes)) return {std::string(bytes)};
    Conversion out{replace_invalid_utf8(bytes)};
    out.wrong = count_replacements(out.text) - count_replacements(bytes);
    const auto leads =
        std::ranges::count_if(out.text, [](char c) { return static_cast<std::uint8_t>(c) >= 0xc2; });
    out.beyond = static_cast<std::size_t>(leads) - out.wrong;
    return out;
}

// Bytes of which nobody says what they are, or nobody truthfully.
Conversion read_undeclared(std::string_view bytes) {
    const bool ascii = is_ascii(bytes);
    if (const auto charset = ascii ? recognise_7bit_charset(bytes) : ""; !charset.empty())
        return convert(find_charset(charset).converter.get(), bytes);
    auto as_utf8 = read_utf8(bytes);
    if (!as_utf8.is_doubtful()) return as_utf8;
    return convert(find_charset(guess_8bit_charset(bytes)).converter.get(), bytes);
}

// Text in UTF-16 without a mark: letters of Europe leave the high byte zero, which tells its place.
bool is_little_endian(std::string_view bytes) {
    if (bytes.starts_with("\xfe\xff") || bytes.starts_with("\xff\xfe")) return false;
    std::array<std::size_t, 2> zeros{};
    for (std::size_t i = 0; i < std::min(bytes.size(), guess_sample); ++i)
        if (bytes[i] == '\0') ++zeros[i % 2];
    return zeros[1] > zeros[0];
}

Conversion read_as(const Charset& charset, std::string_view bytes) {
    if (charset.kind == Charset::Kind::utf8) return read_utf8(bytes);
    if (charset.is_utf16 && is_little_endian(bytes))
        return convert(find_charset("UTF-16LE").converter.get(), bytes);
    return convert(charset.converter.get(), bytes);
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view declared_charset) {
    const auto& charset = find_charset(declared_charset);
    const auto kind = charset.kind;
    if (kind == Charset::Kind::unknown || kind == Charset::Kind::ascii) return read_undeclared(bytes).text;
    const bool is_converted = kind == Charset::Kind::converted;
    if (is_converted && charset.keeps_ascii && (is_ascii(bytes) || surely_utf8(bytes)))
        return read_utf8(bytes).text;
    auto declared = read_as(charset, bytes);
    if (!declared.is_doubtful()) return std::move(declared.text);
    auto guessed = read_undeclared(bytes);
    return std::move(guessed.wrong == 0 ? guessed.text : declared.text);
}

std::optional<std::string> strict_to_utf8(std::string_view bytes, std::string_view charset_name) {
    const auto& charset = find_charset(charset_name);
    switch (charset.kind) {
        case Charset::Kind::unknown:
            return std::nullopt;
        case Charset::Kind::ascii:
            return is_ascii(bytes) ? std::optional<std::string>(bytes) : std::nullopt;
        case Charset::Kind::utf8:
            return valid_utf8(bytes) ? std::optional<std::string>(bytes) : std::nullopt;
        case Charset::Kind::converted:
            break;
    }
    auto read = convert(charset.converter.get(), bytes);
    return read.wrong == 0 ? std::optional(std::move(read.text)) : std::nullopt;
}

std::string from_utf8(std::string_view utf8, std::string_view charset_name) {
    auto* converter = find_charset(charset_name).converter.get();
    if (converter == nullptr) return std::string(utf8);
    std::u16string units(utf8.size(), u'\0');
    std::int32_t count = 0;
    UErrorCode error = U_ZERO_ERROR;
    u_strFromUTF8WithSub(units.data(), static_cast<std::int32_t>(units.size()), &count, utf8.data(),
                         static_cast<std::int32_t>(utf8.size()), 0xfffd, nullptr, &error);
    std::string out(
        static_cast<std::size_t>(UCNV_GET_MAX_BYTES_FOR_STRING(count, ucnv_getMaxCharSize(converter))), '\0');
    const auto size = ucnv_fromUChars(converter, out.data(), static_cast<std::int32_t>(out.size()),
                                      units.data(), count, &error);
    out.resize(U_SUCCESS(error) ? static_cast<std::size_t>(size) : 0);
    return out;
}

bool is_supported_charset(std::string_view name) { return find_charset(name).kind != Charset::Kind::unknown; }

std::span<const std::string_view> supported_charsets() { return supported; }

}  // namespace hongyan::message
