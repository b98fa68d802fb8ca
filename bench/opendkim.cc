// What OpenDKIM's library needs to sign and to verify, for comparison with src/verify's dkim_bench: the same
// letter, the same kind of key, the key record at hand. CPU of the least of several rounds.
//
//     apt-get install libopendkim-dev
//     clang++-19 -std=c++23 -O2 bench/opendkim.cc -o build/opendkim_bench -lopendkim -lcrypto
//     build/opendkim_bench
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>

#define _Bool bool  // the header is of C
#include <opendkim/dkim.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace {

std::string key_record;  // what a look-up of the key finds

void demand(bool is_so, const char* what) {
    if (is_so) return;
    std::fprintf(stderr, "opendkim_bench: %s\n", what);
    std::exit(1);
}
unsigned char* octets(const std::string& text) {
    return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

std::string header() {
    return "From: Ann <ann@example.com>\r\nTo: Bob <bob@example.org>\r\nSubject: Lunch today\r\n"
           "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain\r\n";
}
std::string body(std::size_t size) {
    std::string text;
    while (text.size() < size)
        text += "The quick brown fox jumps over the lazy dog, and the dog does not mind it at all.\r\n";
    return text;
}

// A key as PEM; its record is what everybody finds.
std::string make_key() {
    EVP_PKEY* const key = EVP_RSA_gen(2048);
    BIO* const out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    unsigned char* der = nullptr;
    const int der_size = i2d_PUBKEY(key, &der);
    std::string base64(static_cast<std::size_t>(der_size) * 2, '\0');
    base64.resize(static_cast<std::size_t>(EVP_EncodeBlock(octets(base64), der, der_size)));
    key_record = "v=DKIM1; k=rsa; p=" + base64;
    return pem;
}

DKIM_CBSTAT look_up(DKIM*, DKIM_SIGINFO*, unsigned char* to, std::size_t room) {
    std::snprintf(reinterpret_cast<char*>(to), room, "%s", key_record.c_str());
    return DKIM_CBSTAT_CONTINUE;
}

void feed(DKIM* dkim, const std::string& fields, const std::string& text) {
    for (std::size_t at = 0; at < fields.size();) {
        auto end = fields.find("\r\n", at);
        while (end + 2 < fields.size() && (fields[end + 2] == ' ' || fields[end + 2] == '\t'))
            end = fields.find("\r\n", end + 2);
        demand(dkim_header(dkim, octets(fields) + at, end - at) == DKIM_STAT_OK, "a field is refused");
        at = end + 2;
    }
    demand(dkim_eoh(dkim) == DKIM_STAT_OK, "the header is refused");
    demand(dkim_body(dkim, octets(text), text.size()) == DKIM_STAT_OK, "the body is refused");
}

std::string sign(DKIM_LIB* library, const std::string& pem, const std::string& text) {
    DKIM_STAT status = 0;
    DKIM* const dkim =
        dkim_sign(library, octets("s"), nullptr, octets(pem), octets("r"), octets("example.com"),
                  DKIM_CANON_RELAXED, DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &status);
    demand(dkim != nullptr, "nothing can be signed");
    feed(dkim, header(), text);
    demand(dkim_eom(dkim, nullptr) == DKIM_STAT_OK, "it is not signed");
    unsigned char* field = nullptr;
    std::size_t size = 0;
    demand(dkim_getsighdr_d(dkim, std::strlen("DKIM-Signature: "), &field, &size) == DKIM_STAT_OK,
           "there is no signature");
    std::string out = "DKIM-Signature: " + std::string(reinterpret_cast<char*>(field), size);
    dkim_free(dkim);
    // The library folds by LF.
    for (std::size_t at = 0; (at = out.find('\n', at)) != std::string::npos; at += 2)
        if (out[at - 1] != '\r') out.insert(at, "\r");
    return out + "\r\n";
}

void verify(DKIM_LIB* library, const std::string& fields, const std::string& text) {
    DKIM_STAT status = 0;
    DKIM* const dkim = dkim_verify(library, octets("v"), nullptr, &status);
    demand(dkim != nullptr, "nothing can be verified");
    feed(dkim, fields, text);
    demand(dkim_eom(dkim, nullptr) == DKIM_STAT_OK, "the signature does not verify");
    dkim_free(dkim);
}

double cpu_us() { return 1e6 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void measure(const char* what, std::size_t size, int times, const std::function<void()>& work) {
    constexpr int rounds = 14;
    double least = 1e12;
    for (int round = 0; round < rounds; ++round) {
        const auto before = cpu_us();
        for (int i = 0; i < times; ++i) work();
        least = std::min(least, (cpu_us() - before) / times);
    }
    std::printf("%s %zu octets: %.1f us\n", what, size, least);
}

}  // namespace

int main() {
    DKIM_LIB* const library = dkim_init(nullptr, nullptr);
    demand(library != nullptr, "the library does not begin");
    dkim_set_key_lookup(library, look_up);
    const auto pem = make_key();
    for (const std::size_t size : {12'000, 1'000'000}) {
        const auto text = body(size);
        const auto fields = sign(library, pem, text) + header();
        const int times = size < 100'000 ? 1'000 : 50;
        measure("verify", size, times, [&] { verify(library, fields, text); });
        measure("sign", size, times / 4, [&] { sign(library, pem, text); });
    }
    dkim_close(library);
}
