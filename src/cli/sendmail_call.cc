#include "cli/sendmail_call.h"

#include <optional>

#include <fmt/format.h>

namespace hongyan::cli {

namespace {

using What = SendmailCall::What;

// Whether the letter has a value, and where.
enum class Takes {
    nothing,   // others may be joined to it: -ti
    value,     // joined, or the next word
    the_rest,  // what is joined to it, if anything: -oi, -q30m
};

struct Row {
    char letter;
    Takes takes;
    // Null: read and forgotten. False: that value cannot be.
    bool (*apply)(SendmailCall&, const std::string& value);
};

template <std::string SendmailCall::* member>
bool set(SendmailCall& call, const std::string& value) {
    call.*member = value;
    return true;
}

bool set_sender(SendmailCall& call, const std::string& value) {
    call.sender = value == "<>" ? std::string() : value;
    call.has_sender = true;
    return true;
}

bool set_mode(SendmailCall& call, const std::string& value) {
    if (value == "m") return true;
    if (value == "p")
        call.what = What::list;
    else if (value == "s")
        call.what = What::serve_smtp;
    else if (value == "i" || value == "I")
        call.what = What::nothing;
    else
        return false;
    return true;
}

bool set_option(SendmailCall& call, const std::string& value) {
    if (value == "i") call.dot_ends = false;
    return true;
}

constexpr Row rows[] = {
    {'A', Takes::the_rest, nullptr},
    {'B', Takes::value, nullptr},
    {'b', Takes::value, &set_mode},
    {'C', Takes::value, &set<&SendmailCall::settings_file>},
    {'d', Takes::the_rest, nullptr},
    {'e', Takes::the_rest, nullptr},
    {'F', Takes::value, &set<&SendmailCall::full_name>},
    {'f', Takes::value, &set_sender},
    {'G', Takes::nothing, nullptr},
    {'h', Takes::value, nullptr},
    {'I', Takes::nothing,
     [](SendmailCall& call, const std::string&) {
         call.what = What::nothing;
         return true;
     }},
    {'i', Takes::nothing,
     [](SendmailCall& call, const std::string&) {
         call.dot_ends = false;
         return true;
     }},
    {'L', Takes::value, nullptr},
    {'m', Takes::nothing, nullptr},
    {'N', Takes::value, &set<&SendmailCall::notify>},
    {'n', Takes::nothing, nullptr},
    {'O', Takes::value, nullptr},
    {'o', Takes::the_rest, &set_option},
    {'p', Takes::value, nullptr},
    {'q', Takes::the_rest,
     [](SendmailCall& call, const std::string&) {
         call.what = What::nothing;
         return true;
     }},
    {'R', Takes::value, &set<&SendmailCall::wanted_return>},
    {'r', Takes::value, &set_sender},
    {'t', Takes::nothing,
     [](SendmailCall& call, const std::string&) {
         call.reads_recipients = true;
         return true;
     }},
    {'U', Takes::nothing, nullptr},
    {'V', Takes::value, &set<&SendmailCall::envelope_id>},
    {'v', Takes::nothing, nullptr},
    {'X', Takes::value, nullptr},
};

// Walks over the words.
class Parser {
public:
    explicit Parser(const std::vector<std::string>& words) : words_(words) {}

    std::variant<SendmailCall, WrongCall> parse(SendmailCall call) {
        for (; next_ < words_.size(); ++next_) {
            const auto& word = words_[next_];
            if (is_over_ || word.size() < 2 || word.front() != '-')
                call.recipients.push_back(word);
            else if (word == "--")
                is_over_ = true;
            else if (auto wrong = take_options(call, word.substr(1)))
                return *wrong;
        }
        return call;
    }

private:
    // The letters of one word.
    std::optional<WrongCall> take_options(SendmailCall& call, std::string_view letters) {
        while (!letters.empty()) {
            const auto* row = std::ranges::find(rows, letters.front(), &Row::letter);
            if (row == std::end(rows)) return WrongCall{fmt::format("unknown option -{}", letters.front())};
            letters.remove_prefix(1);
            std::string value;
            if (row->takes != Takes::nothing) value = std::exchange(letters, {});
            if (row->takes == Takes::value && value.empty()) {
                if (++next_ == words_.size())
                    return WrongCall{fmt::format("option -{} wants a value", row->letter)};
                value = words_[next_];
            }
            if (row->apply != nullptr && !row->apply(call, value))
                return WrongCall{fmt::format("option -{}{} is not supported", row->letter, value)};
        }
        return std::nullopt;
    }

    const std::vector<std::string>& words_;
    std::size_t next_ = 0;
    bool is_over_ = false;
};

}  // namespace

bool is_sendmail_name(std::string_view name) {
    return name == "sendmail" || name == "mailq" || name == "newaliases";
}

std::variant<SendmailCall, WrongCall> parse_sendmail_call(std::string_view name,
                                                          const std::vector<std::string>& words) {
    SendmailCall call;
    if (name == "mailq") call.what = What::list;
    if (name == "newaliases") call.what = What::nothing;
    return Parser(words).parse(std::move(call));
}

}  // namespace hongyan::cli
