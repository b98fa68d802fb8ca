#include "spam/clamd.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/bytes.h"
#include "config/units.h"

namespace hongyan::spam {

namespace {

constexpr std::string_view code = "clamd";
constexpr std::size_t longest_chunk = std::size_t{128} << 10U;  // bytes
constexpr std::size_t longest_answer = 4'096;                   // bytes

class Scan {
public:
    Scan(const Means& means, const config::Clamd& settings)
        : means_(means), settings_(settings), deadline_(net::after(settings.patience)) {}

    // `text` stays until the answer.
    net::Task<ScanResult> run(std::string_view text) {
        auto stream = co_await reach(means_, *settings_.address, settings_.patience);
        is_reached_ = stream.has_value();
        if (!stream) co_return ScanResult{.words = stream.error().message};
        stream_ = *std::move(stream);
        // Who says that he has had enough stops reading: then his reason is there to be heard.
        const auto said = co_await say(text);
        auto result = co_await hear();
        if (!said && result.words.empty()) result.words = said.error().message;
        co_return result;
    }

    bool is_reached() const { return is_reached_; }
    // Whatever it said.
    bool is_answered() const { return is_answered_; }

private:
    net::Task<Result<void>> say(std::string_view text) {
        std::string out("zINSTREAM\0", 10);
        for (bool more = true; more;) {
            const auto chunk = text.substr(0, longest_chunk);
            text.remove_prefix(chunk.size());
            more = !chunk.empty();  // an empty one is the end
            bytes::put_big_endian(out, static_cast<std::uint32_t>(chunk.size()));
            out += chunk;
            if (auto written = co_await stream_->write(out, deadline_); !written) co_return written;
            out.clear();
        }
        co_return Result<void>{};
    }

    net::Task<ScanResult> hear() {
        std::string answer;
        for (;;) {
            const auto incoming = co_await stream_->read(deadline_);
            if (incoming.kind == net::Incoming::Kind::timed_out)
                co_return ScanResult{.words = "it did not answer in time"};
            if (incoming.kind != net::Incoming::Kind::bytes) break;
            answer += incoming.bytes;
            if (answer.contains('\0') || answer.size() > longest_answer) break;
        }
        if (answer.empty()) co_return ScanResult{};
        is_answered_ = true;
        co_return parse_scan_result(std::string_view(answer).substr(0, answer.find('\0')));
    }

    const Means& means_;
    const config::Clamd& settings_;
    const net::Deadline deadline_;
    std::unique_ptr<net::Stream> stream_;
    bool is_reached_ = false;
    bool is_answered_ = false;
};

Disposition disposition_of(config::Treatment treatment) { return static_cast<Disposition>(treatment); }

class ClamdVisit final : public Visit {
public:
    ClamdVisit(const config::Clamd& settings, const Means& means, Rest& rest, const log::Log& log)
        : settings_(settings), means_(means), rest_(rest), log_(log) {}

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        if (settings_.shown == config::Shown::incoming && is_submission(came.client)) co_return;
        if (judgement.disposition >= Disposition::discard) co_return;
        // Held for as long as it is looked at.
        const auto text = judgement.message ? judgement.message : came.message;
        if (text->size() > settings_.size) co_return tell_of_size(judgement);
        const auto result = co_await scan(*text);
        if (result.kind == ScanResult::Kind::infected) tell_of_virus(result.words, judgement);
        if (result.kind == ScanResult::Kind::failed) {
            const auto why = result.words.empty() ? std::string("it closed the connection") : result.words;
            log_.warning("filter away", {{"filter", "clamd"}, {"why", why}});
            do_without(settings_.otherwise, code, "ClamAV", why, judgement);
        }
    }

private:
    net::Task<ScanResult> scan(std::string_view text) const {
        if (auto why = rest_.reason()) co_return ScanResult{.words = *std::move(why)};
        Scan scan(means_, settings_);
        auto result = co_await scan.run(text);
        // What it says of one message it does not say of the next.
        if (scan.is_answered())
            rest_.worked();
        else
            rest_.failed(scan.is_reached() ? Rest::Failure::broken : Rest::Failure::out_of_reach,
                         result.words);
        co_return result;
    }

    void tell_of_size(Judgement& judgement) const {
        judgement.findings.push_back(
            {std::string(code), fmt::format("ClamAV was not asked: the message is larger than {}.",
                                            config::bytes_to_string(settings_.size))});
    }

    void tell_of_virus(std::string_view name, Judgement& judgement) const {
        const auto virus = on_one_line(name);
        judgement.findings.push_back({std::string(code), fmt::format("ClamAV found {}.", virus)});
        judgement.is_infected = true;
        const auto disposition = disposition_of(settings_.infected);
        const auto& ground =
            disposition == Disposition::defer ? smtp::ground("clamd-later") : smtp::ground("clamd");
        judgement.demand(disposition, ground.because(virus));
    }

    const config::Clamd& settings_;
    const Means& means_;
    Rest& rest_;
    const log::Log log_;
};

}  // namespace

ScanResult parse_scan_result(std::string_view line) {
    using enum ScanResult::Kind;
    constexpr std::string_view prefix = "stream: ", found = " FOUND";
    line = ascii::trim(line);
    if (line == "stream: OK") return {.kind = clean, .words = {}};
    if (line.starts_with(prefix) && line.ends_with(found) && line.size() > prefix.size() + found.size()) {
        line.remove_prefix(prefix.size());
        line.remove_suffix(found.size());
        std::string name;
        for (const char c : line) name += c > ' ' && c < '\x7f' ? c : '?';
        return {.kind = infected, .words = std::move(name)};
    }
    return {.kind = failed,
            .words = line.empty() ? std::string() : fmt::format("it said: {}", on_one_line(line))};
}

std::unique_ptr<Visit> Clamd::visit(const smtp::Client& /*client*/, const log::Log& log) {
    return std::make_unique<ClamdVisit>(settings_, means_, rest_, log);
}

}  // namespace hongyan::spam
