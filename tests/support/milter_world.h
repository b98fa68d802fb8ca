// A filter's conversation as transcripts play it: packets are lines, questions and answers are texts.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/scanner.h"
#include "milter/conversation.h"
#include "transcripts/player.h"

namespace hongyan::milter_world {

// NUL, CR and LF by their letters, other bytes that are no text as \xHH.
inline std::string escape(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        if (c == '\0')
            out += "\\0";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\n')
            out += "\\n";
        else if (c < ' ' || c > '~')
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out;
}

// What the world says to a conversation that is ready: "CONNECT NAME ADDRESS", "HELO NAME", "MAIL <a@b> X=Y",
// "RCPT <a@b>", "UNKNOWN LINE", "MESSAGE a: b\r\n\r\ntext", "ABORT", "QUIT".
struct Command {
    std::string verb = {};
    std::string rest = {};
};

inline std::optional<Command> parse_command(std::string_view text) {
    Scanner in(text);
    Command command{.verb = std::string(in.take_some(ascii::is_alnum))};
    in.skip_blanks();
    command.rest = transcripts::unescape(in.rest());
    if (in.failed()) return std::nullopt;
    return command;
}

struct Ready {};
inline std::string to_text(const Ready& /*ready*/) { return "Ready"; }

class Stage {
public:
    using Question = Ready;
    using Answer = Command;
    using Action = std::variant<session::Read, session::Write, session::StartTls, session::Close,
                                transcripts::Told, Ready>;

    explicit Stage(milter::Limits limits) : conversation_(limits) {}

    Action next() {
        if (told_.empty() && has_quit_ && !is_asked_) return session::Close{};
        if (told_.empty() && !is_asked_) return Ready{};
        if (told_.empty()) {
            auto action = conversation_.next();
            if (const auto* write = std::get_if<session::Write>(&action)) return show(write->bytes);
            if (std::holds_alternative<milter::Read>(action)) return session::Read{};
            is_asked_ = false;
            if (has_quit_) return session::Close{};
            tell(std::move(action));
        }
        auto line = std::move(told_.front());
        told_.pop_front();
        return line;
    }

    void answer(const Command& command) {
        is_asked_ = true;
        const auto words = words_of(command.rest);
        if (command.verb == "CONNECT")
            conversation_.connect({.host = words.at(0), .address = words.size() > 1 ? words.at(1) : ""},
                                  values());
        else if (command.verb == "HELO")
            conversation_.helo(command.rest, values());
        else if (command.verb == "MAIL")
            conversation_.mail({words.at(0), {words.begin() + 1, words.end()}}, values());
        else if (command.verb == "RCPT")
            conversation_.recipient({words.at(0), {words.begin() + 1, words.end()}}, values());
        else if (command.verb == "UNKNOWN")
            conversation_.unknown(command.rest, values());
        else if (command.verb == "MESSAGE")
            give(command.rest);
        else if (command.verb == "ABORT")
            conversation_.abort();
        else
            has_quit_ = true, conversation_.quit();
    }

    // A line is a packet; played byte by byte, it is also cut so.
    void receive(std::string_view bytes) {
        const bool in_pieces = bytes.size() == 1;
        heard_ += bytes;
        for (auto end = heard_.find("\r\n"); end != heard_.npos; end = heard_.find("\r\n")) {
            const auto payload = transcripts::unescape(heard_.substr(0, end));
            heard_.erase(0, end + 2);
            std::string packet;
            if (payload.starts_with("raw "))
                packet = payload.substr(4);
            else
                bytes::put_big_endian(packet, static_cast<std::uint32_t>(payload.size())), packet += payload;
            for (std::size_t i = 0; in_pieces && i < packet.size(); ++i)
                conversation_.receive(std::string_view(packet).substr(i, 1));
            if (!in_pieces) conversation_.receive(packet);
        }
    }
    void secured(const session::Security& /*security*/) {}
    void timed_out() { conversation_.lost("nothing came in time"); }
    void shut_down() { conversation_.quit(); }

private:
    static std::vector<std::string> words_of(std::string_view text) {
        std::vector<std::string> words;
        for (Scanner in(text); in.skip_blanks(), !in.at_end();)
            words.emplace_back(in.take_some([](char c) { return c != ' '; }));
        return words;
    }

    static milter::Values values() {
        return {{"j", "mx.test"},
                {"i", "4711"},
                {"{client_addr}", "192.0.2.1"},
                {"{tls_version}", "TLSv1.3"},
                {"{auth_authen}", "ann"},
                {"{mail_addr}", "ann@here.test"},
                {"{rcpt_addr}", "bob@there.test"}};
    }

    // "a: b\r\nc: d\r\n\r\nbody"
    void give(const std::string& text) {
        text_ = text;
        const auto end = text_.find("\r\n\r\n");
        std::string_view header(text_);
        milter::Message message;
        message.body = header.substr(std::min(end, header.size() - 4) + 4);
        header = header.substr(0, end + 2);
        while (!header.empty()) {
            auto line = header.find("\r\n");
            while (line + 2 < header.size() && ascii::is_blank(header[line + 2]))
                line = header.find("\r\n", line + 2);
            const auto field = header.substr(0, line);
            const auto colon = field.find(':');
            message.fields.push_back({field.substr(0, colon), field.substr(colon + 1)});
            header.remove_prefix(line + 2);
        }
        conversation_.message(std::move(message), values());
    }

    // Each packet as a line.
    static session::Write show(std::string_view bytes) {
        session::Write out;
        while (!bytes.empty()) {
            const auto size = *bytes::take_big_endian<std::uint32_t>(bytes);
            out.bytes += escape(bytes.substr(0, size)) + "\r\n";
            bytes.remove_prefix(size);
        }
        return out;
    }

    void tell(milter::Action action) {
        if (const auto* broken = std::get_if<milter::Broken>(&action)) {
            told_.push_back({"broken: " + broken->why});
            has_quit_ = true;
            return;
        }
        const auto& answered = std::get<milter::Answered>(action);
        for (const auto& change : answered.changes) told_.push_back({escape(to_text(change))});
        if (answered.body) told_.push_back({"body: " + escape(*answered.body)});
        told_.push_back({to_text(answered.verdict)});
    }

    milter::Conversation conversation_;
    std::string text_;
    std::string heard_;
    std::deque<transcripts::Told> told_;
    bool is_asked_ = false;
    bool has_quit_ = false;
};

}  // namespace hongyan::milter_world
