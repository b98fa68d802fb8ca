// What a header costs: the time for one value as mail has them, and megabytes of text per second.
#include <benchmark/benchmark.h>

#include "base/encoding.h"
#include "message/address.h"
#include "message/charset.h"
#include "message/charset_guess.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/text_search.h"

namespace hongyan::message {
namespace {

void parse_date_field(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse_date("Mon, 5 Jan 1998 10:00:00 +0800 (CST)"));
}
BENCHMARK(parse_date_field);

void write_date_field(benchmark::State& state) {
    const Instant instant{std::chrono::seconds(1'700'000'000)};
    for (auto _ : state) benchmark::DoNotOptimize(format_date(instant, 480));
}
BENCHMARK(write_date_field);

void parse_envelope_address(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse_address("ann.lee@mail.example.org"));
}
BENCHMARK(parse_envelope_address);

void parse_from_field(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(parse_address_list("=?GB2312?B?wO6wsg==?= <ann.lee@mail.example.org>"));
}
BENCHMARK(parse_from_field);

void parse_long_to_field(benchmark::State& state) {
    std::string value;
    for (int i = 0; i < 1000; ++i)
        value += fmt::format("\"Lee, Ann {0}\" <ann.{0}@mail.example.org>,\r\n ", i);
    for (auto _ : state) benchmark::DoNotOptimize(parse_address_list(value));
    state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(parse_long_to_field);

void decode_ascii_subject(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(decode_header_text("Re: the minutes of our last meeting"));
}
BENCHMARK(decode_ascii_subject);

void decode_subject(benchmark::State& state, std::string_view charset) {
    std::string raw;
    for (const auto* part : {"关于召开二零二六年度", "工作会议的重要通知"})
        raw += fmt::format("=?{}?B?{}?= ", charset, to_base64(from_utf8(part, charset)));
    for (auto _ : state) benchmark::DoNotOptimize(decode_header_text(raw));
}
BENCHMARK_CAPTURE(decode_subject, utf8, "UTF-8");
BENCHMARK_CAPTURE(decode_subject, gb18030, "GB18030");

void encode_subject(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(encode_header_text("关于召开二零二六年度工作会议的重要通知"));
}
BENCHMARK(encode_subject);

void guess_raw_subject(benchmark::State& state) {
    const auto raw = from_utf8("关于召开二零二六年度工作会议的重要通知", "GB18030");
    for (auto _ : state) benchmark::DoNotOptimize(to_utf8(raw, ""));
}
BENCHMARK(guess_raw_subject);

std::string long_text(std::string_view charset) {
    std::string text;
    while (text.size() < 100'000) text += "关于召开年度工作会议的通知, please read. ";
    return from_utf8(text, charset);
}

void convert_body(benchmark::State& state, std::string_view charset) {
    const auto body = long_text(charset);
    for (auto _ : state) benchmark::DoNotOptimize(to_utf8(body, charset));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK_CAPTURE(convert_body, utf8, "UTF-8");
BENCHMARK_CAPTURE(convert_body, gb18030, "GB18030");
BENCHMARK_CAPTURE(convert_body, big5, "Big5");
BENCHMARK_CAPTURE(convert_body, iso_2022_jp, "ISO-2022-JP");

void check_ascii(benchmark::State& state) {
    const std::string body(100'000, 'x');
    for (auto _ : state) benchmark::DoNotOptimize(valid_utf8(body));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(check_ascii);

void fold_body(benchmark::State& state, std::string_view piece) {
    std::string body;
    while (body.size() < 100'000) body += piece;
    for (auto _ : state) benchmark::DoNotOptimize(fold_for_search(body));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK_CAPTURE(fold_body, ascii, "The quick brown fox jumps over the lazy dog. ");
BENCHMARK_CAPTURE(fold_body, chinese, "关于召开年度工作会议的通知。");

}  // namespace
}  // namespace hongyan::message
