// DKIM beside what its cryptography alone costs: a hash of the body, one of the header with the signature's
// field (RFC 6376 §3.7), and one operation with a key of 2048 bits. What DNS says is at hand.
#include <benchmark/benchmark.h>

#include "verify/answers_for_test.h"
#include "verify/dkim.h"

namespace {

using namespace hongyan;
using namespace hongyan::verify;

const crypto::PrivateKey& key() {
    static const auto made = crypto::PrivateKey::generate_rsa(2048);
    return made;
}

// A letter of lines as people write them, so many octets long.
std::string letter(std::size_t size) {
    std::string text =
        "From: Ann <ann@example.com>\r\nTo: Bob <bob@example.org>\r\nSubject: Lunch today\r\nDate: Sat, 21 "
        "Nov 2026 "
        "12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: "
        "text/plain\r\n\r\n";
    while (text.size() < size)
        text += "The quick brown fox jumps over the lazy dog, and the dog does not mind it at all.\r\n";
    return text;
}

std::string signature_of(std::string_view text) {
    const SigningOptions options;
    const auto header = header_size(text);
    Mail mail(text.substr(0, header));
    mail.demand(options.body_demand());
    mail.body(text.substr(header));
    mail.finish();
    return sign_dkim(mail, {"example.com", "r", key()}, options);
}

// A letter in the two parts that are hashed.
struct Hashed {
    explicit Hashed(std::string_view plain) {
        const auto size = header_size(plain);
        header = without_signature(signature_of(plain)) + std::string(plain.substr(0, size));
        body = plain.substr(size);
    }
    std::string digest() const {
        benchmark::DoNotOptimize(crypto::digest(crypto::Hash::sha256, body));
        return crypto::digest(crypto::Hash::sha256, header);
    }
    std::string header, body;
};

void verify_bare(benchmark::State& state) {
    const Hashed text(letter(static_cast<std::size_t>(state.range(0))));
    const auto signature = key().sign(crypto::Hash::sha256, text.digest());
    const auto octets = key().public_octets();
    for (auto step : state) {
        const auto known = crypto::PublicKey::rsa(octets);
        check(known->verify(crypto::Hash::sha256, text.digest(), signature), "it fits");
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify_bare)->Arg(12'000)->Arg(1'000'000);

void verify(benchmark::State& state) {
    const auto plain = letter(static_cast<std::size_t>(state.range(0)));
    const auto text = signature_of(plain) + plain;
    TestZone zone;
    zone.text("r._domainkey.example.com",
              DkimKey{.type = key().type(), .octets = key().public_octets()}.to_record());
    const dns::Question question{*key_name("r", "example.com"), dns::Type::txt};
    KnownAnswers answers;
    answers.learn(question, zone.answer(question));
    for (auto step : state) {
        const auto mail = Mail::whole(text);
        const auto report = verify_dkim(*mail, Instant{}, answers);
        check(report && report->verdict() == DkimVerdict::pass, "it is as it was");
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify)->Arg(12'000)->Arg(1'000'000);

void sign_bare(benchmark::State& state) {
    const Hashed text(letter(static_cast<std::size_t>(state.range(0))));
    for (auto step : state) benchmark::DoNotOptimize(key().sign(crypto::Hash::sha256, text.digest()));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sign_bare)->Arg(12'000)->Arg(1'000'000);

void sign(benchmark::State& state) {
    const auto text = letter(static_cast<std::size_t>(state.range(0)));
    for (auto step : state) benchmark::DoNotOptimize(signature_of(text));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sign)->Arg(12'000)->Arg(1'000'000);

}  // namespace
