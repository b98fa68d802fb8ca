#include <boost/json.hpp>

#include "admin/dkim_record.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "admin/verdicts.h"
#include "base/encoding.h"
#include "base/file.h"
#include "verify/arc.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

constexpr std::uint64_t least_rsa_bits = 1024;  // RFC 8301 §3.2
constexpr std::uint64_t most_rsa_bits = 4096;

boost::json::object object_of(const verify::DkimOutcome& outcome) {
    return {{"result", std::string(to_string(outcome.verdict))},
            {"domain", outcome.domain},
            {"selector", outcome.selector},
            {"identity", outcome.identity},
            {"algorithm", outcome.algorithm},
            {"bits", outcome.bits},
            {"testing", outcome.testing},
            {"partial", outcome.partial},
            {"reason", outcome.reason}};
}

Result<void> verify_signatures(const Call& call) {
    TRY(const auto raw, message_of(call));
    TRY(auto names, Names::make(call));
    const auto mail = verify::Mail::whole(raw);
    const auto now = call.services.clock.now();
    const auto report = names.conclude<verify::DkimReport>(
        [&](verify::KnownAnswers& answers) { return verify_dkim(*mail, now, answers); });
    const std::string verdict(to_string(report.verdict()));
    std::vector<std::string> lines;
    boost::json::array all;
    for (const auto& each : report.signatures) {
        all.push_back(object_of(each));
        lines.push_back(fmt::format("{} {}", to_string(each.verdict), each.sentence()));
    }
    // The signature that decides stands first.
    const auto deciding =
        std::ranges::find_if(lines, [&](const auto& line) { return line.starts_with(verdict + " "); });
    if (deciding != lines.end()) std::rotate(lines.begin(), deciding, deciding + 1);
    if (lines.empty()) lines = {"none nobody has signed it"};
    show_verdict(call, {{"result", verdict}, {"signatures", std::move(all)}}, lines);
    return {};
}

Result<crypto::PrivateKey> new_key(const Call& call) {
    const auto type = call.values.text_or("type", "rsa");
    if (type == "ed25519") return crypto::PrivateKey::generate_ed25519();
    if (type != "rsa") return fail(Error::Kind::invalid, "--type takes rsa or ed25519, not \"{}\"", type);
    TRY(const auto bits, call.values.number_or("bits", 2048, most_rsa_bits));
    if (bits < least_rsa_bits)
        return fail(Error::Kind::invalid, "an RSA key of less than {} bits counts for nothing",
                    least_rsa_bits);
    return crypto::PrivateKey::generate_rsa(static_cast<unsigned>(bits));
}

Result<dns::Name> key_place(const Call& call) {
    const auto name = verify::key_name(call.values.text("selector"), call.values.text("domain"));
    if (!name || !verify::is_signing_domain(call.values.text("domain")))
        return fail(Error::Kind::invalid, "{} and {} name no key", call.values.text("selector"),
                    call.values.text("domain"));
    return *name;
}

void show_record(const Call& call, const dns::Name& name, const crypto::PrivateKey& key) {
    const auto record = record_of(key).to_record();
    show_verdict(call, {{"name", name.text()}, {"record", record}, {"bits", key.bits()}},
                 {zone_line(name, record)});
}

Result<void> make_key(const Call& call) {
    TRY(const auto name, key_place(call));
    TRY(const auto key, new_key(call));
    const auto file = call.path(call.values.text("key"));
    if (std::filesystem::exists(file))
        return fail(Error::Kind::exists, "there is a {} already", file.string());
    TRY(write_file(file, key.to_pem().reveal(), Mode::secret));
    show_record(call, name, key);
    return {};
}

Result<crypto::PrivateKey> key_of(const Call& call) {
    TRY(const auto pem, read_file(call.path(call.values.text("key"))));
    return crypto::PrivateKey::from_pem(pem);
}

Result<void> record(const Call& call) {
    TRY(const auto name, key_place(call));
    TRY(const auto key, key_of(call));
    show_record(call, name, key);
    return {};
}

// Is what DNS says the public half of the key?
Result<void> check_key(const Call& call) {
    TRY(const auto name, key_place(call));
    TRY(const auto key, key_of(call));
    TRY(auto names, Names::make(call));
    const auto answer = names.conclude<dns::RawAnswer>([&](verify::KnownAnswers& answers) {
        const auto* const found = answers.find(name, dns::Type::txt);
        return found == nullptr ? std::nullopt : std::optional(*found);
    });
    const auto texts = verify::texts_of(answer);
    const bool fits = publishes(answer, key);
    const std::string verdict = fits                  ? "pass"
                                : answer.is_trouble() ? "temperror"
                                : texts.empty()       ? "none"
                                                      : "fail";
    const auto why = fits ? fmt::format("{} has this key", name.text())
                     : answer.is_trouble()
                         ? fmt::format("DNS did not answer for {}: {}", name.text(), answer.why)
                     : texts.empty() ? fmt::format("there is nothing at {}", name.text())
                                     : fmt::format("{} has another key", name.text());
    show_verdict(call,
                 {{"result", verdict}, {"name", name.text()}, {"records", boost::json::value_from(texts)}},
                 {fmt::format("{} {}", verdict, why)});
    return {};
}

Result<void> sign(const Call& call) {
    TRY(const auto name, key_place(call));
    TRY(const auto key, key_of(call));
    TRY(const auto raw, message_of(call));
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(call.services.clock.now().time_since_epoch());
    verify::SigningOptions options{.identity = call.values.text_or("identity", ""),
                                   .made = static_cast<std::uint64_t>(seconds.count())};
    const auto size = verify::header_size(raw);
    verify::Mail mail(std::string_view(raw).substr(0, size));
    mail.demand(options.body_demand());
    mail.body(std::string_view(raw).substr(size));
    mail.finish();
    call.console.out(
        sign_dkim(mail, {call.values.text("domain"), call.values.text("selector"), key}, options));
    call.console.out(raw);
    return {};
}

Result<void> verify_chain(const Call& call) {
    TRY(const auto raw, message_of(call));
    TRY(auto names, Names::make(call));
    const auto mail = verify::Mail::whole(raw);
    const auto now = call.services.clock.now();
    const auto outcome = names.conclude<verify::ArcOutcome>(
        [&](verify::KnownAnswers& answers) { return verify_arc(*mail, now, answers); });
    const std::string verdict(to_string(outcome.verdict));
    show_verdict(call,
                 {{"result", verdict},
                  {"instances", outcome.instances},
                  {"oldest_pass", outcome.oldest_pass},
                  {"sealers", boost::json::value_from(outcome.sealers)},
                  {"first_results", outcome.first_results},
                  {"reason", outcome.reason}},
                 {fmt::format("{} {}", verdict, outcome.sentence())});
    return {};
}

}  // namespace

std::span<const Command> dkim_commands() {
    static constexpr Argument verify_arguments[] = {message_file, resolver_option, json_object_flag};
    static constexpr Argument make_arguments[] = {
        {"domain", Kind::required, "The domain that signs"},
        {"selector", Kind::required, "The name of the key below the domain"},
        {"key", Kind::required, "The file to keep it in, which must not be there yet"},
        {"type", Kind::option, "rsa (the default) or ed25519"},
        {"bits", Kind::option, "Of an RSA key (default: 2048)"},
        json_object_flag,
    };
    static constexpr Argument key_arguments[] = {
        {"domain", Kind::required, "The domain that signs"},
        {"selector", Kind::required, "The name of the key below the domain"},
        {"key", Kind::required, "The file with the key"},
        json_object_flag,
    };
    static constexpr Argument check_arguments[] = {
        {"domain", Kind::required, "The domain that signs"},
        {"selector", Kind::required, "The name of the key below the domain"},
        {"key", Kind::required, "The file with the key"},
        resolver_option,
        json_object_flag,
    };
    static constexpr Argument sign_arguments[] = {
        {"domain", Kind::required, "The domain that signs"},
        {"selector", Kind::required, "The name of the key below the domain"},
        {"key", Kind::required, "The file with the key"},
        message_file,
        {"identity", Kind::option, "For whom the domain signs, i="},
    };
    static constexpr Command rows[] = {
        {"dkim", "verify",
         "Who has signed the message, and is it as it was (RFC 6376)? The verdict of all, then each",
         verify_arguments, Needs::settings, &verify_signatures, Reads::without_file},
        {"dkim", "make", "Make a key, keep it in a file, and print its record for DNS", make_arguments,
         Needs::settings, &make_key},
        {"dkim", "record", "Print the record for DNS of a key", key_arguments, Needs::settings, &record},
        {"dkim", "check", "Does DNS have the record of the key?", check_arguments, Needs::settings,
         &check_key},
        {"dkim", "sign", "Print the message with a signature before it", sign_arguments, Needs::settings,
         &sign, Reads::without_file},
        {"arc", "verify", "Is the chain of those who passed the message on unbroken (RFC 8617)?",
         verify_arguments, Needs::settings, &verify_chain, Reads::without_file},
    };
    return rows;
}

}  // namespace hongyan::admin
