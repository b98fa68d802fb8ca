// The mail server's side of a conversation with one filter.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "milter/macros.h"
#include "milter/reply.h"
#include "session/action.h"

namespace hongyan::milter {

// Who has connected. An empty address: by a unix socket, or it is not known.
struct Connect {
    std::string host;     // its name, or its address in brackets
    std::string address;  // "192.0.2.1", "2001:db8::1"
};

// A path as the client said it, in angle brackets, and the parameters after it.
struct Spoken {
    std::string path;
    std::vector<std::string> parameters = {};
};

// A field of the header: the value is what stands after the colon, folding and blanks kept, without its last
// line end.
struct Field {
    std::string_view name;
    std::string_view value;
};

// Both stay where they are until the answer.
struct Message {
    std::vector<Field> fields;
    std::string_view body;
};

// Which patience a wait has: the longest for the answer to the whole message.
enum class Wait { command, content, end };

struct Read {
    Wait wait = Wait::command;
    friend bool operator==(const Read&, const Read&) = default;
};

// What came of the question. Changes only of a message, and only with `proceed` or `accept`.
struct Answered {
    Verdict verdict = {};
    std::vector<Change> changes = {};
    std::optional<std::string> body = {};  // in place of the one that came
};

// Nothing more can be asked here; close the connection.
struct Broken {
    std::string why;  // for people
};

using Action = std::variant<session::Write, Read, Answered, Broken>;

// What a filter can do to us. It is trusted with mail, but may be sick.
struct Limits {
    std::size_t packet = std::size_t{1} << 20U;        // bytes of one
    std::size_t changes = 10'000;                      // of one message
    std::size_t change_bytes = std::size_t{1} << 20U;  // of all of them, the body not counted
    std::size_t body = std::size_t{64} << 20U;         // bytes of a new body
    std::size_t progress = 10'000;                     // how often it may say that it takes longer
};

// A value of one connection: belongs to one thread and knows nobody. One question at a time, in the order
// connect, helo, then for each message mail, recipient, message; then repeat next() and do what it says until
// Answered or Broken. What the filter does not want to hear is answered at once.
class Conversation {
public:
    explicit Conversation(Limits limits = {}) : limits_(limits) {}

    // Negotiates first. What the filter says here is its answer to all that follows, unless it is `proceed`.
    void connect(Connect who, Values values);
    // May come again; its answer, too, stands until then.
    void helo(std::string name, Values values);
    // The client has said that, which is no command; at any time after connect. The answer is about that
    // alone, unless it ends the connection.
    void unknown(std::string line, Values values);
    // Begins a message; one that has not come to its end is aborted.
    void mail(Spoken sender, Values values);
    void recipient(Spoken recipient, Values values);
    void message(Message message, Values values);
    // The message that has begun does not come. No answer of the filter is waited for.
    void abort();
    void quit();

    Action next();
    void receive(std::string_view bytes) { input_ += bytes; }
    // The connection is gone, or nothing came in time.
    void lost(std::string why);

    // Known after connect(): a value of a header field that the filter gives begins with the blank after the
    // colon, if there is to be one.
    bool keeps_leading_space() const { return (negotiated_.steps & step::leading_space) != 0; }
    bool is_broken() const { return !broken_.empty(); }

private:
    enum class Step {
        negotiate,
        connect,
        unknown,
        helo,
        mail,
        recipient,
        data,
        header,
        end_of_headers,
        body,
        end
    };
    struct Row;
    static const Row& row_of(Step step);

    void ask(std::deque<Step> steps, Values values);
    bool is_settled(const std::optional<Verdict>& verdict);
    bool is_wanted(const Row& row) const;
    void perform();
    void put_data(Step step, std::string& data);
    bool has_more(Step step) const;
    void put_macros(Stage stage, char letter);
    void put_packet(char letter, std::string_view data);
    void put_text(std::string& out, std::string_view text) const;
    void put_connect(std::string& out) const;
    void put_field(std::string& out);

    void hear();
    std::optional<std::string> take_packet();
    void hear(const Verdict& verdict);
    void hear(const Progress& progress);
    void hear(const Skip& skip);
    void hear(Negotiated negotiated);
    void hear(BodyPiece piece);
    void hear(Change change);
    void conclude(const Verdict& verdict);
    void breaks(std::string why) { broken_ = std::move(why); }

    Limits limits_;
    Negotiated negotiated_;
    std::string input_;   // not read yet
    std::string output_;  // not written yet
    std::string broken_;  // why; empty while all is well

    // The question.
    Values values_;
    Connect client_;
    std::string name_;
    Spoken spoken_;
    Message message_;
    std::size_t next_field_ = 0;
    std::size_t next_byte_ = 0;  // of the body
    std::deque<Step> steps_;     // still to be taken
    std::optional<Step> waits_;  // whose answer is to come
    std::size_t progress_ = 0;
    std::size_t change_bytes_ = 0;
    Answered answer_;

    std::optional<Verdict> of_connection_, of_helo_, of_message_;  // once it is not `proceed`
    bool in_message_ = false;
};

}  // namespace hongyan::milter
