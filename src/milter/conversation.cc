#include "milter/conversation.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace hongyan::milter {

namespace {

constexpr std::size_t enough_to_write = std::size_t{64} << 10U;  // bytes gathered where no answer is due

// Has the filter said something else than `proceed` to what the whole depends on?
bool is_final(const Verdict& verdict) { return verdict.kind != Verdict::Kind::proceed; }

}  // namespace

// A step of the conversation: what is said, and what the filter may have said about it in the negotiation.
struct Conversation::Row {
    Step step;
    char letter;
    std::uint32_t unwanted;  // the bit by which the filter does without
    std::uint32_t silent;    // the bit by which it does not answer
    std::optional<Stage> macros;
    Wait wait;
};

const Conversation::Row& Conversation::row_of(Step step) {
    static constexpr Row rows[] = {
        {Step::negotiate, command::negotiate, 0, 0, {}, Wait::command},
        {Step::connect, command::connect, step::no_connect, step::silent_connect, Stage::connect,
         Wait::command},
        {Step::unknown, command::unknown, step::no_unknown, step::silent_unknown, {}, Wait::command},
        {Step::helo, command::helo, step::no_helo, step::silent_helo, Stage::helo, Wait::command},
        {Step::mail, command::mail, step::no_mail, step::silent_mail, Stage::mail, Wait::command},
        {Step::recipient, command::recipient, step::no_recipient, step::silent_recipient, Stage::recipient,
         Wait::command},
        {Step::data, command::data, step::no_data, step::silent_data, Stage::data, Wait::command},
        {Step::header, command::header, step::no_headers, step::silent_header, {}, Wait::content},
        {Step::end_of_headers, command::end_of_headers, step::no_end_of_headers, step::silent_end_of_headers,
         Stage::end_of_headers, Wait::content},
        {Step::body, command::body, step::no_body, step::silent_body, {}, Wait::content},
        {Step::end, command::end_of_message, 0, 0, Stage::end_of_message, Wait::end},
    };
    return rows[static_cast<std::size_t>(step)];
}

void Conversation::ask(std::deque<Step> steps, Values values) {
    check(steps_.empty() && !waits_, "one question at a time");
    steps_ = std::move(steps);
    values_ = std::move(values);
    answer_ = {};
    progress_ = 0;
    change_bytes_ = 0;
}

// The filter has given its answer before.
bool Conversation::is_settled(const std::optional<Verdict>& verdict) {
    if (verdict) answer_ = {.verdict = *verdict};
    return verdict.has_value();
}

void Conversation::connect(Connect who, Values values) {
    client_ = std::move(who);
    ask({Step::negotiate, Step::connect}, std::move(values));
}

void Conversation::helo(std::string name, Values values) {
    name_ = std::move(name);
    of_helo_.reset();
    if (!is_settled(of_connection_)) ask({Step::helo}, std::move(values));
}

void Conversation::unknown(std::string line, Values values) {
    name_ = std::move(line);
    if (!is_settled(of_connection_)) ask({Step::unknown}, std::move(values));
}

void Conversation::mail(Spoken sender, Values values) {
    abort();
    spoken_ = std::move(sender);
    if (is_settled(of_connection_) || is_settled(of_helo_)) return;
    in_message_ = true;
    ask({Step::mail}, std::move(values));
}

void Conversation::recipient(Spoken recipient, Values values) {
    spoken_ = std::move(recipient);
    if (is_settled(of_connection_) || is_settled(of_helo_) || is_settled(of_message_)) return;
    ask({Step::recipient}, std::move(values));
}

void Conversation::message(Message message, Values values) {
    message_ = std::move(message);
    next_field_ = 0;
    next_byte_ = 0;
    if (is_settled(of_connection_) || is_settled(of_helo_) || is_settled(of_message_)) return;
    ask({Step::data, Step::header, Step::end_of_headers, Step::body, Step::end}, std::move(values));
}

void Conversation::abort() {
    ask({}, {});
    of_message_.reset();
    if (std::exchange(in_message_, false)) put_packet(command::abort, {});
}

void Conversation::quit() {
    ask({}, {});
    put_packet(command::quit, {});
}

void Conversation::lost(std::string why) {
    if (broken_.empty()) breaks(std::move(why));
}

Action Conversation::next() {
    for (;;) {
        if (!broken_.empty()) return Broken{broken_};
        if (!waits_ && !steps_.empty() && output_.size() < enough_to_write) {
            perform();
            continue;
        }
        if (!output_.empty()) return session::Write{std::exchange(output_, {})};
        if (!waits_ && steps_.empty()) return std::move(answer_);
        if (waits_) {
            const auto before = input_.size();
            hear();
            if (broken_.empty() && waits_ && input_.size() == before) return Read{row_of(*waits_).wait};
        }
    }
}

bool Conversation::is_wanted(const Row& row) const {
    if (row.step == Step::data && negotiated_.version < first_version_with_data) return false;
    if (row.step == Step::unknown && negotiated_.version < first_version_with_unknown) return false;
    return (negotiated_.steps & row.unwanted) == 0 && has_more(row.step);
}

bool Conversation::has_more(Step step) const {
    if (step == Step::header) return next_field_ < message_.fields.size();
    if (step == Step::body) return next_byte_ < message_.body.size();
    return true;
}

void Conversation::perform() {
    const auto& row = row_of(steps_.front());
    if (!is_wanted(row)) {
        steps_.pop_front();
        return;
    }
    // Whoever answers what was not asked would have all later answers taken for those to other questions.
    if (!input_.empty()) return breaks("it said something that it was not asked");
    if (row.macros) put_macros(*row.macros, row.letter);
    std::string data;
    put_data(row.step, data);
    put_packet(row.letter, data);
    if ((negotiated_.steps & row.silent) == 0) waits_ = row.step;
    if ((row.step != Step::header && row.step != Step::body) || !has_more(row.step)) steps_.pop_front();
}

void Conversation::put_data(Step step, std::string& data) {
    switch (step) {
        case Step::negotiate:
            bytes::put_big_endian(data, newest_version);
            bytes::put_big_endian(data, action::all);
            bytes::put_big_endian(data, step::offered);
            break;
        case Step::connect:
            put_connect(data);
            break;
        case Step::unknown:
        case Step::helo:
            put_text(data, name_);
            break;
        case Step::mail:
        case Step::recipient:
            put_text(data, spoken_.path);
            for (const auto& parameter : spoken_.parameters) put_text(data, parameter);
            break;
        case Step::header:
            put_field(data);
            break;
        case Step::body:
            data = message_.body.substr(next_byte_, longest_chunk);
            next_byte_ += data.size();
            break;
        case Step::data:
        case Step::end_of_headers:
        case Step::end:
            break;
    }
}

// Families: 4 and 6 with port and address, U if nobody knows. The port is not known here.
void Conversation::put_connect(std::string& out) const {
    put_text(out, client_.host);
    if (client_.address.empty()) {
        out += 'U';
        return;
    }
    out += client_.address.contains(':') ? '6' : '4';
    bytes::put_big_endian(out, std::uint16_t{0});
    put_text(out, client_.address);
}

// Lines of a value are divided by LF; the blank after the colon stays with those who asked for it.
void Conversation::put_field(std::string& out) {
    const auto& field = message_.fields[next_field_++];
    put_text(out, field.name);
    auto value = field.value;
    if (!keeps_leading_space()) value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    std::string lines;
    lines.reserve(value.size());
    for (const char c : value)
        if (c != '\r') lines += c;
    constexpr std::size_t ends = 2;  // NUL after name and value
    put_text(out,
             std::string_view(lines).substr(0, longest_data - std::min(longest_data, out.size() + ends)));
}

void Conversation::put_macros(Stage stage, char letter) {
    std::string data(1, letter);
    for (const auto& name : negotiated_.symbols.names(stage)) {
        const auto value = values_.find(name);
        if (value == values_.end()) continue;
        put_text(data, name);
        put_text(data, value->second);
    }
    if (data.size() > 1) put_packet(command::macros, data);
}

// No text can hold a NUL.
void Conversation::put_text(std::string& out, std::string_view text) const {
    for (const char c : text.substr(0, longest_data)) out += c == '\0' ? ' ' : c;
    out += '\0';
}

void Conversation::put_packet(char letter, std::string_view data) {
    bytes::put_big_endian(output_, static_cast<std::uint32_t>(data.size() + 1));
    output_ += letter;
    output_ += data;
}

std::optional<std::string> Conversation::take_packet() {
    std::string_view rest(input_);
    const auto size = bytes::take_big_endian<std::uint32_t>(rest);
    if (!size) return std::nullopt;
    if (*size == 0 || *size > limits_.packet)
        return breaks(fmt::format("it announced a packet of {} bytes", *size)), std::nullopt;
    if (rest.size() < *size) return std::nullopt;
    std::string packet(rest.substr(0, *size));
    input_.erase(0, sizeof(*size) + *size);
    return packet;
}

void Conversation::hear() {
    const auto packet = take_packet();
    if (!packet) return;
    auto reply = parse_reply(*packet);
    if (!reply) return breaks(fmt::format("it said {}", reply.error()));
    const bool is_negotiation = std::holds_alternative<Negotiated>(*reply);
    if (is_negotiation != (waits_ == Step::negotiate)) return breaks("it did not keep to the protocol");
    std::visit([this](auto&& said) { hear(std::forward<decltype(said)>(said)); }, *std::move(reply));
}

void Conversation::hear(Negotiated negotiated) {
    if (negotiated.version < oldest_version || negotiated.version > newest_version)
        return breaks(fmt::format("it speaks version {} of the protocol", negotiated.version));
    if ((negotiated.actions & ~action::all) != 0 || (negotiated.steps & ~step::offered) != 0)
        return breaks("it wants what we do not offer");
    negotiated_ = std::move(negotiated);
    waits_.reset();
}

void Conversation::hear(const Progress& /*progress*/) {
    if (++progress_ > limits_.progress) breaks("it takes longer and longer");
}

void Conversation::hear(const Skip& /*skip*/) {
    if (waits_ != Step::body) return breaks("it skipped what is no body");
    next_byte_ = message_.body.size();
    waits_.reset();
}

void Conversation::hear(BodyPiece piece) {
    if (waits_ != Step::end || (negotiated_.actions & action::change_body) == 0)
        return breaks("it gave a new body without having asked to");
    if (!answer_.body) answer_.body.emplace();
    if (answer_.body->size() + piece.bytes.size() > limits_.body)
        return breaks(fmt::format("it gave a body of more than {} bytes", limits_.body));
    *answer_.body += piece.bytes;
}

void Conversation::hear(Change change) {
    if (waits_ != Step::end || (negotiated_.actions & permission_for(change)) == 0)
        return breaks(fmt::format("it wanted to {} without having asked to", to_text(change)));
    change_bytes_ += to_text(change).size();
    if (answer_.changes.size() >= limits_.changes || change_bytes_ > limits_.change_bytes)
        return breaks("it wants too many changes");
    answer_.changes.push_back(std::move(change));
}

void Conversation::hear(const Verdict& verdict) {
    if (waits_ == Step::end) in_message_ = false;
    if (is_final(verdict)) conclude(verdict);
    waits_.reset();
}

// What is said of the session or the message stands for the rest of it; of a recipient it is said of him
// alone, unless it takes or throws away the message. Changes only go with a message that goes on.
void Conversation::conclude(const Verdict& verdict) {
    const bool is_about_message =
        verdict.kind == Verdict::Kind::accept || verdict.kind == Verdict::Kind::discard;
    answer_.verdict = verdict;
    if (verdict.kind != Verdict::Kind::accept) {
        answer_.changes.clear();
        answer_.body.reset();
    }
    const bool ends = verdict.kind == Verdict::Kind::connection_fails;
    if (waits_ == Step::connect || ends) of_connection_ = verdict;
    if (waits_ == Step::helo) of_helo_ = verdict;
    if (waits_ > Step::helo && is_about_message) of_message_ = verdict;
    steps_.clear();
}

}  // namespace hongyan::milter
