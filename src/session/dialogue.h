// What every session that talks in lines does alike: it gathers its answers, waits with patience, and ends
// politely.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "session/action.h"
#include "session/filter.h"
#include "session/line_reader.h"
#include "session/security.h"

namespace hongyan::session {

// Why a session ends that the client has not ended.
enum class Farewell { timed_out, shutting_down, too_many_mistakes };

// The base of the protocols' sessions. A session is a value of one conversation: it belongs to one thread and
// knows nobody. Its caller repeats next(), does what it says, and reports back.
template <typename QuestionType, typename AnswerType>
class Dialogue {
public:
    using Question = QuestionType;
    using Answer = AnswerType;

    virtual ~Dialogue() = default;
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;

    // The peer sent these. They are copied as far as needed.
    void receive(std::string_view bytes) {
        if (auto* const filter = filter_ ? filter_.get() : last_filter_.get())
            filter->receive(bytes);
        else
            input_.append(bytes);
    }
    // The answer to the Question that next() has returned.
    void answer(Answer given) {
        question_.reset();
        answered(std::move(given));
    }
    // The handshake that next() asked for has succeeded.
    void secured(Security security) { became_secure(std::move(security)); }
    // Nothing came within the patience of the last Read.
    void timed_out() { part(Farewell::timed_out); }
    // The server ends: so does the session, as soon as it stands between two commands.
    void shut_down() { shutting_down_ = true; }

    // Answers are held back until we need to hear more, so that what came in one piece is answered in one
    // (RFC 2920 §3.2).
    Action<Question> next() {
        begin_filter();
        look_behind_filter();
        do {
            while (may_go_on() && advance()) continue;
        } while (filter_ && may_go_on() && read_filter());
        if (question_) return *question_;
        if (shutting_down_ && !ending_ && !starting_tls_ && between_commands()) part(Farewell::shutting_down);
        if (!output_.empty()) return Write{outgoing(std::exchange(output_, {}))};
        if (ending_) return Close{};
        if (std::exchange(starting_tls_, false)) return forget_plain_text();
        return wish();
    }

protected:
    // A client that makes `most_mistakes` is sent away.
    explicit Dialogue(std::size_t line_limit, int most_mistakes = 20)
        : input_(line_limit), most_mistakes_(most_mistakes) {}

    // Takes one thing (a line, a run of bytes) from the input and acts on it; false if none is complete.
    virtual bool advance() = 0;
    virtual void answered(Answer given) = 0;
    virtual void became_secure(Security security) = 0;
    virtual void say_goodbye(Farewell why) = 0;
    // How long to wait for the client now.
    virtual Read wish() const = 0;
    virtual bool between_commands() const { return true; }

    LineReader& input() { return input_; }
    void say(std::string_view bytes) { output_ += bytes; }
    // What has been said and not yet been sent; more may be appended.
    std::string& output() { return output_; }
    void ask(Question question) { question_ = std::move(question); }
    // After what has been said.
    void end() { ending_ = true; }
    // After what has been said.
    void start_tls() { starting_tls_ = true; }
    // After what has been said: all that is said and heard then goes through it.
    void start_filter(std::unique_ptr<Filter> filter) { next_filter_ = std::move(filter); }
    bool has_filter() const { return filter_ || next_filter_ || last_filter_; }
    // After what has been said, and from behind what the client has said last.
    void stop_filter() { stopping_filter_ = filter_ != nullptr; }
    // A client that only makes mistakes is not worth our time.
    void count_mistake() {
        if (++mistakes_ >= most_mistakes_) part(Farewell::too_many_mistakes);
    }

    // It has shown that it can do without.
    void forgive_mistakes() { mistakes_ = 0; }

private:
    // What the client has sent already came in plain text from anybody on the way (RFC 3207 §4.2, RFC 9051
    // §6.2.1): the end of a stream that was begun there is not looked for behind the handshake.
    StartTls forget_plain_text() {
        input_.clear();
        last_filter_.reset();
        return {};
    }

    static constexpr std::size_t enough_output = 64 * 1024;  // bytes; then they go out before more are made

    void begin_filter() {
        if (next_filter_ && output_.empty() && !ending_) filter_ = std::move(next_filter_);
    }
    // One piece at a time, so that nothing is held but what the session keeps.
    bool read_filter() {
        const auto piece = filter_->next_piece();
        if (filter_->is_broken()) end();
        input_.append(piece);
        return !piece.empty();
    }
    std::string outgoing(std::string said) {
        if (std::exchange(stopping_filter_, false)) {
            last_filter_ = std::move(filter_);
            return last_filter_->last(said);
        }
        return filter_ ? filter_->outgoing(said) : std::move(said);
    }
    void look_behind_filter() {
        if (!last_filter_) return;
        if (const auto behind = last_filter_->behind_end()) {
            input_.append(*behind);
            last_filter_.reset();
        } else if (last_filter_->is_broken()) {
            end();
        }
    }

    bool may_go_on() const {
        return !question_ && !next_filter_ && !stopping_filter_ && !ending_ && !starting_tls_ &&
               output_.size() < enough_output;
    }
    void part(Farewell why) {
        if (ending_) return;
        say_goodbye(why);
        end();
    }

    LineReader input_;
    std::string output_;
    std::unique_ptr<Filter> filter_;       // null: bytes are what they are
    std::unique_ptr<Filter> next_filter_;  // begins when all has been said
    std::unique_ptr<Filter> last_filter_;  // of whose end the client's next bytes come
    std::optional<Question> question_;
    int most_mistakes_;
    int mistakes_ = 0;
    bool stopping_filter_ = false;
    bool starting_tls_ = false;
    bool ending_ = false;
    bool shutting_down_ = false;
};

}  // namespace hongyan::session
