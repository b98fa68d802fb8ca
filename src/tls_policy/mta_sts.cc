#include "tls_policy/mta_sts.h"

#include "base/ascii.h"
#include "base/record.h"
#include "base/scanner.h"

namespace hongyan::tls_policy {

namespace {

constexpr std::string_view version = "STSv1";
constexpr std::size_t most_patterns = 100;
constexpr std::chrono::hours refetch_after{24};                       // RFC 8461 §10.2 recommends a day
constexpr std::chrono::minutes retry_after{5};                        // RFC 8461 §3.3 suggests it
constexpr std::string_view modes[] = {"none", "testing", "enforce"};  // in the order of StsMode

std::unexpected<Error> bad_policy(std::string_view why) {
    return fail(Error::Kind::invalid, "the MTA-STS policy is not well formed: {}", why);
}

// mx-pattern = ["*."] Domain (RFC 8461 §3.2)
Result<std::string> parse_pattern(std::string_view text) {
    constexpr std::string_view wildcard = "*.";
    const bool wild = text.starts_with(wildcard);
    TRY(const auto name, dns::Name::parse(wild ? text.substr(wildcard.size()) : text));
    if (name.is_root() || name.text().contains('*')) return bad_policy("an mx names no host");
    return (wild ? std::string(wildcard) : std::string()) + name.text();
}

// The fields as they come; only the first of each kind counts, but of mx.
struct Fields {
    std::optional<std::string_view> version, mode, max_age;
    std::vector<std::string_view> mx;

    void take(std::string_view name, std::string_view value) {
        const auto first = [value](auto& field) {
            if (!field) field = value;
        };
        if (name == "version") first(version);
        if (name == "mode") first(mode);
        if (name == "max_age") first(max_age);
        if (name == "mx") mx.push_back(value);
    }
};

// field = name ":" *WSP value (RFC 8461 §3.2); what has no colon is no field, and an empty line is none
// either.
Result<Fields> read_fields(std::string_view text) {
    Fields fields;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = ascii::trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        const auto colon = line.find(':');
        if (colon == line.npos) return bad_policy("a line has no colon");
        fields.take(ascii::trim(line.substr(0, colon)), ascii::trim(line.substr(colon + 1)));
    }
    return fields;
}

Result<std::chrono::seconds> parse_age(std::string_view text) {
    constexpr std::size_t most_digits = 10;
    Scanner in(text);
    const auto age = in.number<std::uint64_t>();
    if (!in.complete() || text.size() > most_digits) return bad_policy("max_age is no number of seconds");
    return std::min(std::chrono::seconds(age), max_sts_age);
}

Result<StsMode> parse_mode(std::string_view text) {
    const auto* const found = std::ranges::find(modes, text);
    if (found == std::end(modes)) return bad_policy("its mode is unknown");
    return static_cast<StsMode>(found - std::begin(modes));
}

}  // namespace

std::string_view to_string(StsMode mode) { return modes[static_cast<std::size_t>(mode)]; }

Result<StsPolicy> parse_sts_policy(std::string_view text) {
    if (text.size() > max_sts_policy)
        return fail(Error::Kind::too_large, "the MTA-STS policy is larger than {} bytes", max_sts_policy);
    TRY(const auto fields, read_fields(text));
    if (fields.version != version) return bad_policy("its version is not STSv1");
    if (!fields.mode || !fields.max_age) return bad_policy("mode or max_age is missing");
    StsPolicy policy;
    TRY(policy.mode, parse_mode(*fields.mode));
    TRY(policy.max_age, parse_age(*fields.max_age));
    if (fields.mx.size() > most_patterns) return bad_policy("it has too many mx");
    for (const auto field : fields.mx) {
        TRY(auto pattern, parse_pattern(field));
        policy.mx.push_back(std::move(pattern));
    }
    if (policy.mx.empty() && policy.mode != StsMode::none) return bad_policy("mx is missing");
    return policy;
}

Result<StsPolicy> read_sts_answer(unsigned http_status, std::string_view media_type, std::string_view body) {
    constexpr unsigned ok = 200, not_found = 404, gone = 410;
    if (http_status == not_found || http_status == gone)
        return fail(Error::Kind::not_found, "the host of the MTA-STS policy answered with {}", http_status);
    if (http_status != ok)
        return fail(Error::Kind::unavailable, "the host of the MTA-STS policy answered with {}", http_status);
    const auto type = ascii::trim(media_type.substr(0, media_type.find(';')));
    if (!ascii::iequals(type, "text/plain"))
        return fail(Error::Kind::invalid, "the MTA-STS policy is not text/plain but \"{}\"",
                    type.substr(0, 100));
    return parse_sts_policy(body);
}

bool StsPolicy::allows(const dns::Name& host) const {
    const auto& text = host.text();
    return std::ranges::any_of(mx, [&](std::string_view pattern) {
        if (!pattern.starts_with("*.")) return text == pattern;
        const auto dot = text.find('.');
        return dot != text.npos && dot > 0 && std::string_view(text).substr(dot) == pattern.substr(1);
    });
}

std::vector<std::string> StsPolicy::lines() const {
    std::vector<std::string> out{fmt::format("version: {}", version),
                                 fmt::format("mode: {}", to_string(mode))};
    for (const auto& pattern : mx) out.push_back("mx: " + pattern);
    out.push_back(fmt::format("max_age: {}", max_age.count()));
    return out;
}

namespace {

constexpr std::string_view record_start = "v=STSv1";

bool is_value(char c) { return c > ' ' && c < 0x7f && c != ';' && c != '='; }
bool is_name(char c) { return ascii::is_alnum(c) || c == '_' || c == '-' || c == '.'; }

// sts-text-record = "v=STSv1" 1*(*WSP ";" *WSP field) [*WSP ";" *WSP] (RFC 8461 §3.1)
std::optional<std::string> id_of(std::string_view record) {
    constexpr std::size_t longest = 32;  // of an id, and of a field's name
    std::optional<std::string> id;
    Scanner in(record);
    in.expect(record_start);
    while (!in.failed() && !in.at_end()) {
        in.skip_blanks();
        in.expect(";");
        in.skip_blanks();
        if (in.at_end()) break;
        const auto name = in.take_some(is_name);
        in.expect("=");
        const auto value = in.take_some(is_value);
        if (name.size() > longest) return std::nullopt;
        if (name != "id" || id) continue;
        if (value.size() > longest || !std::ranges::all_of(value, ascii::is_alnum)) return std::nullopt;
        id = value;
    }
    return in.complete() ? id : std::nullopt;
}

// Records of another kind are passed over (RFC 8461 §3.1).
bool is_sts_record(std::string_view text) {
    if (!text.starts_with(record_start)) return false;
    const auto rest = text.substr(record_start.size());
    return rest.empty() || rest.front() == ';' || ascii::is_blank(rest.front());
}

}  // namespace

std::optional<std::string> parse_sts_id(const std::vector<dns::Txt>& records) {
    const dns::Txt* only = nullptr;
    for (const auto& record : records) {
        if (!is_sts_record(record.text)) continue;
        if (only != nullptr) return std::nullopt;
        only = &record;
    }
    return only != nullptr ? id_of(only->text) : std::nullopt;
}

Result<dns::Name> sts_record_name(const dns::Name& domain) { return domain.under("_mta-sts"); }
Result<dns::Name> sts_policy_host(const dns::Name& domain) { return domain.under("mta-sts"); }

// --- the cache

namespace {

enum Tag : FieldTag {
    tag_mode = 1,
    tag_mx,
    tag_max_age,
    tag_id,
    tag_fetched,
    tag_tried,
    tag_trouble,
    tag_lost,
    tag_denied
};

std::uint64_t number_of(Instant moment) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(moment.time_since_epoch().count(), 0));
}
Instant instant_of(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
}

bool is_old(const CachedSts& cached, Instant now) {
    const auto half = std::chrono::duration_cast<std::chrono::milliseconds>(cached.policy.max_age) / 2;
    return now >= cached.fetched + std::min<std::chrono::milliseconds>(half, refetch_after);
}

}  // namespace

std::string CachedSts::to_record() const {
    constexpr std::uint32_t record_version = 1;
    RecordWriter out(record_version);
    out.number(tag_mode, static_cast<std::uint64_t>(policy.mode));
    for (const auto& pattern : policy.mx) out.text(tag_mx, pattern);
    out.number(tag_max_age, static_cast<std::uint64_t>(policy.max_age.count()));
    out.text_unless_empty(tag_id, id)
        .number(tag_fetched, number_of(fetched))
        .number(tag_tried, number_of(tried));
    out.text_unless_empty(tag_trouble, trouble);
    if (lost != Instant()) out.number(tag_lost, number_of(lost));
    if (denied != Instant()) out.number(tag_denied, number_of(denied));
    return out.take();
}

Result<CachedSts> CachedSts::from_record(std::string_view record) {
    CachedSts cached;
    RecordReader in(record);
    std::uint64_t mode = 0;
    std::uint64_t age = 0;
    while (in.next()) switch (in.tag()) {
            case tag_mode:
                mode = in.number();
                break;
            case tag_mx:
                cached.policy.mx.emplace_back(in.text());
                break;
            case tag_max_age:
                age = in.number();
                break;
            case tag_id:
                cached.id = in.text();
                break;
            case tag_fetched:
                cached.fetched = instant_of(in.number());
                break;
            case tag_tried:
                cached.tried = instant_of(in.number());
                break;
            case tag_trouble:
                cached.trouble = in.text();
                break;
            case tag_lost:
                cached.lost = instant_of(in.number());
                break;
            case tag_denied:
                cached.denied = instant_of(in.number());
                break;
            default:
                break;
        }
    static constexpr Instant latest(std::chrono::milliseconds(std::int64_t{1} << 53U));
    const auto is_moment = [](Instant moment) { return moment >= Instant() && moment <= latest; };
    if (in.failed() || !is_moment(cached.fetched) || !is_moment(cached.tried) || !is_moment(cached.lost) ||
        !is_moment(cached.denied) || mode >= std::size(modes) ||
        age > static_cast<std::uint64_t>(max_sts_age.count()))
        return fail(Error::Kind::corrupt, "the record of an MTA-STS policy is damaged");
    cached.policy.mode = static_cast<StsMode>(mode);
    cached.policy.max_age = std::chrono::seconds(age);
    return cached;
}

StsStep next_sts_step(const std::optional<CachedSts>& cached, const dns::Answer<dns::Txt>& record,
                      Instant now) {
    const bool valid = cached && cached->is_valid(now);
    const auto otherwise = valid ? StsStep::Kind::use : StsStep::Kind::none;
    const auto id = record.is_found() ? parse_sts_id(record.records) : std::nullopt;
    const bool lost = cached && cached->is_lost(now);
    if (!id && !lost) return {otherwise, {}};
    if (valid && cached->id == *id && !is_old(*cached, now)) return {StsStep::Kind::use, {}};
    if (cached && !cached->trouble.empty() && now < cached->tried + retry_after) return {otherwise, {}};
    return {StsStep::Kind::fetch, id.value_or("")};
}

namespace {

void note_denial(CachedSts& lost, Instant now) {
    if (lost.denied == Instant()) lost.denied = now;
    if (now >= lost.denied + sts_mistake_lasts) lost.lost = lost.denied = {};
}

}  // namespace

CachedSts after_fetch(const std::optional<CachedSts>& cached, std::string id,
                      const Result<StsPolicy>& fetched, Instant now) {
    if (fetched)
        return {.policy = *fetched, .id = std::move(id), .fetched = now, .tried = now, .trouble = {}};
    auto kept = cached.value_or(CachedSts{});
    kept.tried = now;
    kept.trouble = fetched.error().message;
    if (kept.is_lost(now) && fetched.error().kind == Error::Kind::not_found) note_denial(kept, now);
    return kept;
}

}  // namespace hongyan::tls_policy
