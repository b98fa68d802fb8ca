#include "smtp_client/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "message/utf8.h"

namespace hongyan::smtp_client {

namespace {

struct Meaning {
    int code;
    Stage stage;  // connection: any
    std::string_view status;
};

constexpr auto anywhere = Stage::connection;

// RFC 5321 §4.2.3, RFC 4954 §6 and RFC 7504 §3 in the terms of RFC 3463 §3. A bare 550 tells not whether it
// is the mailbox or a policy, and so becomes no 5.1.1: an address that was only refused today is not to be
// forgotten.
constexpr Meaning meanings[] = {
    {421, anywhere, "4.3.2"},         {432, anywhere, "4.7.12"},        {450, Stage::recipient, "4.2.0"},
    {451, anywhere, "4.3.0"},         {452, Stage::recipient, "4.5.3"}, {452, anywhere, "4.3.1"},
    {454, anywhere, "4.7.0"},         {455, anywhere, "4.5.4"},         {500, anywhere, "5.5.2"},
    {501, anywhere, "5.5.4"},         {502, anywhere, "5.5.1"},         {503, anywhere, "5.5.1"},
    {504, anywhere, "5.5.4"},         {521, anywhere, "5.3.2"},         {530, anywhere, "5.7.0"},
    {534, anywhere, "5.7.9"},         {535, anywhere, "5.7.8"},         {538, anywhere, "5.7.11"},
    {551, Stage::recipient, "5.1.6"}, {552, Stage::recipient, "5.2.2"}, {552, anywhere, "5.3.4"},
    {553, Stage::mail, "5.1.7"},      {553, Stage::recipient, "5.1.3"}, {554, Stage::greeting, "5.3.2"},
    {555, anywhere, "5.5.4"},         {556, anywhere, "5.1.10"},
};

std::string joined(const std::vector<std::string>& lines) {
    return fmt::format("{}", fmt::join(lines, " / "));
}

}  // namespace

std::string_view to_string(Stage stage) {
    constexpr std::string_view names[] = {"connection", "greeting", "EHLO", "STARTTLS", "AUTH",    "offer",
                                          "RSET",       "MAIL",     "RCPT", "DATA",     "message", "QUIT"};
    return names[static_cast<std::size_t>(stage)];
}

std::string_view to_string(Fate fate) {
    constexpr std::string_view names[] = {"accepted", "relayed", "delivered", "deferred", "failed"};
    return names[static_cast<std::size_t>(fate)];
}

std::string to_text(const Outcome& outcome) {
    auto text = fmt::format("{} {} at {}", to_string(outcome.fate), outcome.status, to_string(outcome.stage));
    if (outcome.reply.code != 0)
        text += fmt::format(": {}{}{} {}", outcome.reply.code, outcome.reply.status.empty() ? "" : " ",
                            outcome.reply.status, joined(outcome.reply.lines));
    if (!outcome.reason.empty()) text += ": " + outcome.reason;
    if (outcome.uncertain) text += " (uncertain)";
    if (outcome.untried) text += " (untried)";
    return text;
}

bool Report::has_success() const { return std::ranges::any_of(outcomes, &Outcome::is_success); }

std::string derived_status(Stage stage, int code) {
    for (const auto& row : meanings)
        if (row.code == code && (row.stage == stage || row.stage == anywhere)) return std::string(row.status);
    return fmt::format("{}.0.0", code / 100 == 2 || code / 100 == 5 ? code / 100 : 4);
}

smtp::Reply shortened(const smtp::Reply& reply) {
    auto kept = reply;
    kept.lines.clear();
    for (auto room = longest_reply; const auto& line : reply.lines) {
        if (room == 0) break;
        kept.lines.push_back(message::truncate_utf8(line, room));
        if (kept.lines.back().size() < line.size()) break;
        room -= line.size();
    }
    return kept;
}

Outcome refused(Stage stage, const smtp::Reply& reply) {
    Outcome outcome{.fate = reply.is_refusal() ? Fate::failed : Fate::deferred,
                    .stage = stage,
                    .reply = shortened(reply)};
    // What was to be no success at all, such as 250 to DATA, is a fault of the peer (RFC 5321 §4.3.2).
    const bool is_failure = reply.code >= 400;
    outcome.status = !is_failure            ? "4.5.0"
                     : reply.status.empty() ? derived_status(stage, reply.code)
                                            : reply.status;
    return outcome;
}

Outcome refused(Stage stage, std::string_view status, std::string reason) {
    return {.fate = status.starts_with('5') ? Fate::failed : Fate::deferred,
            .stage = stage,
            .status = std::string(status),
            .reason = std::move(reason)};
}

Outcome deferred(Outcome outcome) {
    outcome.fate = Fate::deferred;
    outcome.status.front() = '4';
    return outcome;
}

}  // namespace hongyan::smtp_client
