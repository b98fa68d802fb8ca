#include <benchmark/benchmark.h>

#include "message/transfer_encoding.h"

namespace hongyan::message {
namespace {

const std::string attachment(57'000, '\x5a');

std::string german_text() {
    std::string text;
    while (text.size() < 50'000)
        text += "Über allen Gipfeln ist Ruh, in allen Wipfeln spürest du kaum einen Hauch;\r\n";
    return text;
}

// Bytes of the encoded form per second.
void report(benchmark::State& state, std::size_t size) {
    state.SetBytesProcessed(static_cast<std::int64_t>(size) * state.iterations());
}

void decode_base64_body(benchmark::State& state) {
    const auto text = encode_base64(attachment);
    for (auto _ : state) benchmark::DoNotOptimize(decode_base64(text));
    report(state, text.size());
}
void encode_base64_body(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(encode_base64(attachment));
    report(state, attachment.size());
}
void decode_quoted_printable_body(benchmark::State& state) {
    const auto text = encode_quoted_printable(german_text());
    for (auto _ : state) benchmark::DoNotOptimize(decode_quoted_printable(text));
    report(state, text.size());
}
void encode_quoted_printable_body(benchmark::State& state) {
    const auto text = german_text();
    for (auto _ : state) benchmark::DoNotOptimize(encode_quoted_printable(text));
    report(state, text.size());
}

BENCHMARK(decode_base64_body);
BENCHMARK(encode_base64_body);
BENCHMARK(decode_quoted_printable_body);
BENCHMARK(encode_quoted_printable_body);

}  // namespace
}  // namespace hongyan::message
