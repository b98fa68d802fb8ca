// What a listing costs: 50,000 summaries read in at most 12 ms; and what making one costs at delivery.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "message/summary.h"
#include "message/transfer_encoding.h"

namespace hongyan::message {
namespace {

constexpr int listing = 50'000;

std::string message(int number) {
    return fmt::format(
               "Received: from mx.example.test (mx.example.test [192.0.2.1])\r\n"
               "\tby here.example.test (Hongyan) with ESMTPS id 4XyZabcdef{0}; Tue, 2 Jan 2024 03:04:05 "
               "+0000\r\n"
               "From: =?utf-8?B?6Zm255C8?= <ann@example.test>\r\nTo: Bob <bob@example.test>\r\n"
               "Subject: Re: =?utf-8?B?5Lya6K6u6K6w5b2V?= {0}\r\nDate: Tue, 2 Jan 2024 03:04:05 +0000\r\n"
               "Message-ID: <20240102030405.{0}@example.test>\r\nIn-Reply-To: <1.{0}@example.test>\r\n"
               "Content-Type: multipart/alternative; boundary=B{0}\r\n\r\n"
               "--B{0}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
               "base64\r\n\r\n",
               number) +
           encode_base64("重要通知：会议记录在附件里，请大家查收。\r\nThe minutes are attached.\r\n") +
           fmt::format(
               "--B{0}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
               "quoted-printable\r\n\r\n{1}--B{0}--\r\n",
               number, encode_quoted_printable(std::string(6'000, 'x') + "\r\n"));
}

const std::vector<std::string>& records() {
    static const auto made = [] {
        std::vector<std::string> all;
        for (int i = 0; i < listing; ++i) all.push_back(encode(summarize(message(i))));
        return all;
    }();
    return made;
}

void list_mailbox(benchmark::State& state) {
    const auto& all = records();
    std::uint64_t size = 0;
    for (const auto& record : all) size += record.size();
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (const auto& record : all) {
            const auto view = SummaryView::of(record);
            sum += view->size() + view->subject().size() + view->from().size() +
                   (view->has_attachment() ? 1 : 0) +
                   static_cast<std::uint64_t>(view->date() ? view->date()->time_since_epoch().count() : 0);
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * listing);
    state.counters["bytes"] = static_cast<double>(size) / listing;
}
void decode_whole_summary(benchmark::State& state) {
    const auto& record = records().front();
    for (auto _ : state) benchmark::DoNotOptimize(decode(record));
}
void summarize_message(benchmark::State& state) {
    const auto raw = message(1);
    for (auto _ : state) benchmark::DoNotOptimize(summarize(raw));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(raw.size()));
}
void encode_summary(benchmark::State& state) {
    const auto summary = summarize(message(1));
    for (auto _ : state) benchmark::DoNotOptimize(encode(summary));
}

BENCHMARK(list_mailbox)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_whole_summary);
BENCHMARK(summarize_message);
BENCHMARK(encode_summary);

}  // namespace
}  // namespace hongyan::message
