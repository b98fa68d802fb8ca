// How fast structure is found: in typical mail, and in mail made to be slow. Time per byte must stay the same
// when the adversarial messages grow.
#include <cstdlib>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "message/mailbox_file.h"
#include "message/structure.h"
#include "message/transfer_encoding.h"

namespace hongyan::message {
namespace {

std::string text_lines(std::size_t size, std::size_t width) {
    std::string text;
    while (text.size() < size) text += std::string(width, 'x') + "\r\n";
    return text;
}

// As from a mail program by way of three servers: text and HTML, and a picture of the size that is left.
std::string typical(std::size_t size) {
    std::string raw;
    for (int i = 0; i < 3; ++i)
        raw += fmt::format(
            "Received: from mx{0}.example.test (mx{0}.example.test [192.0.2.{0}])\r\n"
            "\tby relay{0}.example.test (Postfix) with ESMTPS id 4XyZ{0}abcdef\r\n"
            "\tfor <bob@example.test>; Tue, 02 Jan 2024 03:04:05 +0000 (UTC)\r\n",
            i);
    raw +=
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.test; s=mail;\r\n"
        "\tt=1704164645; h=from:to:subject:date:message-id:mime-version:content-type;\r\n"
        "\tb=" +
        std::string(70, 'k') + "\r\n\t " + std::string(70, 'k') +
        "\r\n"
        "From: =?utf-8?B?6Zm255C8?= <ann@example.test>\r\nTo: Bob <bob@example.test>\r\n"
        "Subject: =?utf-8?B?5Lya6K6u6K6w5b2V?=\r\nDate: Tue, 02 Jan 2024 03:04:05 +0000\r\n"
        "Message-ID: <20240102030405.12345@example.test>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=\"----=_Part_1_123456789.1704164645\"\r\n\r\n"
        "------=_Part_1_123456789.1704164645\r\n"
        "Content-Type: multipart/alternative; boundary=\"----=_Part_2_987654321.1704164645\"\r\n\r\n"
        "------=_Part_2_987654321.1704164645\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" +
        text_lines(1'000, 60) +
        "\r\n------=_Part_2_987654321.1704164645\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
        text_lines(3'000, 74) +
        "\r\n------=_Part_2_987654321.1704164645--\r\n\r\n------=_Part_1_123456789.1704164645\r\n"
        "Content-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename=\"photo.jpg\"\r\n\r\n";
    if (raw.size() < size) raw += encode_base64(std::string((size - raw.size()) / 78 * 57, '\x5a'));
    return raw + "\r\n------=_Part_1_123456789.1704164645--\r\n";
}

// As many multiparts inside each other as are opened, then lines that each look like the start of a boundary.
std::string deep(std::size_t size) {
    std::string raw;
    for (int i = 0; i < 100; ++i)
        raw += fmt::format("Content-Type: multipart/mixed; boundary={1}{0}\n\n--{1}{0}\n", i,
                           std::string(60, 'b'));
    while (raw.size() < size) raw += "--" + std::string(60, 'b') + "\n";
    return raw;
}
std::string many_parts(std::size_t size) {
    std::string raw = "Content-Type: multipart/mixed; boundary=B\n\n";
    while (raw.size() < size) raw += "--B\nContent-Type: a/b\n\n";
    return raw;
}
std::string nested_messages(std::size_t size) {
    std::string raw;
    while (raw.size() < size) raw += "Content-Type: message/rfc822\n\n";
    return raw;
}
std::string dashes(std::size_t size) {
    std::string raw = "Content-Type: multipart/mixed; boundary=B\n\n--B\n\n";
    while (raw.size() < size) raw += "--\n";
    return raw;
}
std::string long_header(std::size_t size) {
    std::string raw;
    while (raw.size() < size) raw += "Content-X: (((\n ;a=b;\n";
    return raw;
}
std::string comments(std::size_t size) {
    std::string raw = "Content-Type: a/b";
    while (raw.size() < size) raw += "; a=b (;a=b (";
    return raw + "\n\n";
}

void measure(benchmark::State& state, std::string (*make)(std::size_t)) {
    const auto raw = make(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(parse(raw));
    state.SetBytesProcessed(static_cast<std::int64_t>(raw.size()) * state.iterations());
}

// Real mail, if HONGYAN_CORPUS names a folder with it: mostly short messages, whose headers are half of the
// bytes.
void measure_corpus(benchmark::State& state) {
    const char* const folder = std::getenv("HONGYAN_CORPUS");
    if (folder == nullptr) return state.SkipWithError("HONGYAN_CORPUS is not set");
    std::vector<std::string> messages;
    std::int64_t size = 0;
    const auto count = read_mailbox(folder, [&](const FoundMessage& message) -> Result<void> {
        size += static_cast<std::int64_t>(messages.emplace_back(message.raw).size());
        return {};
    });
    if (!count) return state.SkipWithError(count.error().message.c_str());
    for (auto _ : state)
        for (const auto& raw : messages) benchmark::DoNotOptimize(parse(raw));
    state.SetBytesProcessed(size * state.iterations());
    state.SetItemsProcessed(static_cast<std::int64_t>(*count) * state.iterations());
}

BENCHMARK_CAPTURE(measure, typical, &typical)->Arg(8'000)->Arg(16'000)->Arg(30'000)->Arg(1'000'000);
BENCHMARK(measure_corpus)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(measure, deep, &deep)->Arg(100'000)->Arg(10'000'000);
BENCHMARK_CAPTURE(measure, many_parts, &many_parts)->Arg(100'000)->Arg(10'000'000);
BENCHMARK_CAPTURE(measure, nested_messages, &nested_messages)->Arg(100'000)->Arg(10'000'000);
BENCHMARK_CAPTURE(measure, dashes, &dashes)->Arg(100'000)->Arg(10'000'000);
BENCHMARK_CAPTURE(measure, long_header, &long_header)->Arg(100'000)->Arg(10'000'000);
BENCHMARK_CAPTURE(measure, comments, &comments)->Arg(100'000)->Arg(900'000);

}  // namespace
}  // namespace hongyan::message
