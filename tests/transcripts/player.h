// Plays a conversation against a session, and says where the two part.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "session/action.h"
#include "session/security.h"
#include "transcripts/script.h"

namespace hongyan::transcripts {

// What a session says must not depend on how the network cut the bytes, so each conversation is played in
// both ways.
enum class Cut { whole, byte_by_byte };

// TLS as it is when a transcript says so.
inline session::Security test_security() {
    return {.description = "TLSv1.3 TLS_AES_256_GCM_SHA384",
            .circumstances = {.encrypted = true, .bindings = {{"tls-exporter", "exported"}}}};
}

// A line of what a session reports.
struct Told {
    std::string text;
};

// One play of one script. `Session` is any of the protocols' sessions; its questions are compared by
// to_text().
template <typename Session>
class Player {
public:
    using Question = typename Session::Question;
    using Answer = typename Session::Answer;
    // What the text of an answer to that question means; nothing if it means nothing.
    using ParseAnswer = std::function<std::optional<Answer>(const Question&, std::string_view)>;

    Player(const Script& script, Session& session, Cut cut, ParseAnswer parse_answer)
        : script_(script), session_(session), cut_(cut), parse_answer_(std::move(parse_answer)) {}

    // Nothing if all went as written, else what did not, with file and line.
    std::optional<std::string> play() {
        while (!finished_ && problem_.empty()) {
            auto action = session_.next();
            std::visit([this](auto&& wish) { this->act(wish); }, action);
        }
        if (problem_.empty()) return std::nullopt;
        return problem_;
    }

private:
    using Kind = Item::Kind;

    void act(const session::Write& write) { heard_ += write.bytes; }

    void act(const session::Read&) {
        if (!unsent_.empty()) return send();
        if (!check_what_was_said()) return;
        if (at_end()) return finish();
        if (is(Kind::peer)) return gather_peer_bytes();
        if (is(Kind::event)) return happen();
        differ("the session waits for its peer");
    }

    void act(const session::StartTls&) {
        if (!asked("StartTls")) return;
        if (take().text != "secured") return differ("StartTls is answered by 'secured'");
        session_.secured(test_security());
    }

    void act(const session::Close&) {
        if (!unsent_.empty()) unsent_.clear();
        if (!check_what_was_said()) return;
        if (!is(Kind::closes)) return differ("the session closes");
        take();
        if (!at_end()) return differ("the session has closed");
        finish();
    }

    void act(const Question& question) {
        if (!asked(to_text(question))) return;
        auto answer = parse_answer_(question, item().text);
        if (!answer) return differ("that is no answer to: " + to_text(question));
        take();
        session_.answer(*std::move(answer));
    }

    // What a session tells of its own accord.
    void act(const Told& told) {
        if (!check_what_was_said()) return;
        if (!is(Kind::report) || !matches(told.text, item().text)) return differ("R: " + told.text);
        take();
    }

    bool asked(const std::string& question) {
        if (!check_what_was_said()) return false;
        if (!is(Kind::question) || item().text != question)
            return differ("the session asks: " + question), false;
        take();
        if (!is(Kind::answer)) return differ("an answer to the question must follow"), false;
        return true;
    }

    void send() {
        const auto count = cut_ == Cut::whole ? unsent_.size() : 1;
        session_.receive(std::string_view(unsent_).substr(0, count));
        unsent_.erase(0, count);
    }

    void gather_peer_bytes() {
        while (!at_end() && is(Kind::peer)) unsent_ += take().text;
    }

    void happen() {
        const auto event = take().text;
        if (event == "timed out") return session_.timed_out();
        if (event == "server shuts down") return session_.shut_down();
        if constexpr (requires { session_.happen(event); })
            if (session_.happen(event)) return;
        differ("there is no such event");
    }

    // Compares what was heard with the lines of the session that come now.
    bool check_what_was_said() {
        while (!at_end() && is(Kind::session)) {
            const auto end = heard_.find("\r\n");
            if (end == heard_.npos) return differ("the session has said no more"), false;
            const auto line = heard_.substr(0, end);
            if (!matches(line, item().text)) return differ(letter(Kind::session) + (": " + line)), false;
            heard_.erase(0, end + 2);
            take();
        }
        return true;
    }

    void finish() {
        finished_ = true;
        if (!heard_.empty()) differ("the session says more: " + heard_);
    }

    bool at_end() const { return position_ == script_.items.size(); }
    bool is(Kind kind) const { return !at_end() && item().kind == kind; }
    const Item& item() const { return script_.items[position_]; }
    const Item& take() { return script_.items[position_++]; }

    char letter(Kind kind) const {
        const bool is_server = script_.side == Side::server;
        const std::string_view letters = is_server ? "CS?=!RX" : "SC?=!RX";
        return letters[static_cast<std::size_t>(kind)];
    }

    void differ(const std::string& actual) {
        const auto line = at_end() ? script_.items.back().line : item().line;
        const auto expected =
            at_end() ? std::string("the end") : fmt::format("{}: {}", letter(item().kind), item().text);
        problem_ = fmt::format("{}:{}: {}\n  - {}\n  + {}\n", script_.file, line,
                               cut_ == Cut::whole ? "played whole" : "played byte by byte", expected, actual);
    }

    const Script& script_;
    Session& session_;
    Cut cut_;
    ParseAnswer parse_answer_;
    std::size_t position_ = 0;
    std::string unsent_;
    std::string heard_;
    std::string problem_;
    bool finished_ = false;
};

}  // namespace hongyan::transcripts
