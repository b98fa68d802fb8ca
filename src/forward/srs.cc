#include "forward/srs.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/check.h"
#include "crypto/digest.h"
#include "forward/base32.h"
#include "message/encoded_word.h"

namespace hongyan::forward {

namespace {

using message::Address;
using std::chrono::days;

constexpr std::size_t day_digits = 2;
constexpr std::int64_t days_in_circle = 1024;  // what two digits of base32 count
constexpr std::size_t smallest_key = 16;       // bytes
constexpr days longest_lifetime{500};          // less than half the circle, or old would look like new

std::int64_t day_of(Instant now) {
    return std::chrono::floor<days>(now).time_since_epoch().count() % days_in_circle;
}

// What follows the four letters: a separator of the forwarder's choice.
bool is_separator(char c) { return c == '=' || c == '+' || c == '-'; }

// "SRS0" or "SRS1" and a separator at the front.
bool has_tag(std::string_view text, std::string_view tag) {
    return text.size() > tag.size() && ascii::istarts_with(text, tag) && is_separator(text[tag.size()]);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), ascii::lower);
    return out;
}

// What stands before the next "=", which is taken away with it; nothing if there is none.
std::optional<std::string_view> take_field(std::string_view& text) {
    const auto end = text.find('=');
    if (end == std::string_view::npos) return std::nullopt;
    const auto field = text.substr(0, end);
    text.remove_prefix(end + 1);
    return field;
}

// In quotes any text is a local part; the value does not remember them.
Result<Address> make_address(std::string_view local_part, std::string_view domain) {
    TRY(auto name, message::LocalPart::parse(message::quote(local_part)));
    TRY(auto host, message::Domain::parse(domain));
    return Address{std::move(name), std::move(host)};
}

// The text of SRS0 behind its hash: "DAY=far.test=ann".
Result<Address> original_in(std::string_view text) {
    (void)take_field(text);  // the day
    const auto domain = take_field(text);
    if (!domain) return fail(Error::Kind::invalid, "no address in a rewritten one");
    return make_address(text, *domain);
}

// The text of SRS1 behind its hash: "first.test==HASH=DAY=far.test=ann".
Result<Address> forwarder_in(std::string_view text) {
    const auto domain = take_field(text);
    if (!domain) return fail(Error::Kind::invalid, "no address in a rewritten one");
    return make_address("SRS0" + std::string(text), *domain);
}

bool is_recent(std::string_view text, Instant now, days lifetime) {
    const auto day = take_field(text);
    const auto number = day && day->size() == day_digits ? from_base32(*day) : std::nullopt;
    if (!number) return false;
    // Clocks differ: tomorrow is the day before today's circle.
    const auto age =
        (day_of(now) - static_cast<std::int64_t>(*number) + days_in_circle + 1) % days_in_circle - 1;
    return age <= lifetime.count();
}

std::string_view without_tag(const std::string& text) { return std::string_view(text).substr(5); }

}  // namespace

bool is_rewritten(const message::LocalPart& local_part) {
    return has_tag(local_part.text(), "SRS0") || has_tag(local_part.text(), "SRS1");
}

Srs::Srs(std::vector<crypto::Secret> keys, days lifetime) : keys_(std::move(keys)), lifetime_(lifetime) {
    check(!keys_.empty(), "there is a key to make addresses with");
    for (const auto& key : keys_) check(key.reveal().size() >= smallest_key, "a key is long enough");
    check(lifetime_ >= days(1) && lifetime_ <= longest_lifetime,
          "the circle of days is longer than two lifetimes");
}

// Of the text in lower case: servers on the way change it.
std::string Srs::hash(const crypto::Secret& key, std::string_view text) const {
    auto bytes = crypto::hmac(crypto::Hash::sha256, key.reveal(), lower(text));
    std::string_view front = bytes;
    return to_base32(bytes::take_big_endian<std::uint64_t>(front).value_or(0), hash_digits);
}

bool Srs::is_ours(std::string_view hash_given, std::string_view text) const {
    const auto given = lower(hash_given);
    return std::ranges::any_of(keys_, [&](const auto& key) {
        return crypto::equal_in_constant_time(lower(hash(key, text)), given);
    });
}

Result<Address> Srs::rewrite(const Address& sender, const message::Domain& forwarder, Instant now) const {
    const auto& name = sender.local_part.text();
    std::string tag, text;
    if (has_tag(name, "SRS0")) {
        tag = "SRS1";
        text = sender.domain.text() + "=" + name.substr(4);
    } else if (has_tag(name, "SRS1") && name.substr(5).contains('=')) {
        tag = "SRS1";  // the hash of the forwarder before us gives way to ours
        text = name.substr(name.find('=', 5) + 1);
    } else {
        tag = "SRS0";
        text = to_base32(static_cast<std::uint64_t>(day_of(now)), day_digits) + "=" + sender.domain.text() +
               "=" + name;
    }
    TRY(auto made, make_address(tag + "=" + hash(keys_.front(), text) + "=" + text, forwarder.text()));
    if (made.local_part.to_string().size() > longest_local_part)
        return fail(Error::Kind::too_large, "the rewritten reverse-path of {} would be too long",
                    sender.to_string());
    return made;
}

Result<Address> Srs::original(const Address& rewritten, Instant now) const {
    if (!is_rewritten(rewritten.local_part))
        return fail(Error::Kind::not_found, "{} is no rewritten address", rewritten.to_string());
    const auto& name = rewritten.local_part.text();
    auto text = without_tag(name);
    const auto given = take_field(text);
    if (!given || !is_ours(*given, text))
        return fail(Error::Kind::denied, "{} was not made here", rewritten.to_string());
    if (has_tag(name, "SRS1")) return forwarder_in(text);
    if (!is_recent(text, now, lifetime_))
        return fail(Error::Kind::denied, "{} has expired", rewritten.to_string());
    return original_in(text);
}

}  // namespace hongyan::forward
