#include "dns/message.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/bytes.h"

namespace hongyan::dns {

namespace {

constexpr std::uint16_t internet = 1;               // the class IN, RFC 1035 §3.2.4
constexpr unsigned longest_chain = 8;               // CNAMEs
constexpr unsigned most_jumps = 64;                 // from pointer to pointer, in one name
constexpr std::uint32_t longest_ttl = 0x7fff'ffff;  // what is longer is none, RFC 2181 §8
constexpr char strange = '\\';                      // stands for an octet that no name of ours holds

// RFC 1035 §4.1.1
constexpr unsigned is_answer = 0x8000U, is_truncated = 0x0200U, recursion_desired = 0x0100U,
                   code_mask = 0x000fU;
constexpr unsigned no_error = 0, no_such_name = 3;

// Reads on; the first failure sticks.
class Reader {
public:
    explicit Reader(std::string_view message) : message_(message) {}

    bool failed() const { return failed_; }
    std::size_t position() const { return position_; }

    template <typename Number>
    Number number() {
        auto rest = message_.substr(std::min(position_, message_.size()));
        const auto found = bytes::take_big_endian<Number>(rest);
        if (!found) failed_ = true;
        position_ += sizeof(Number);
        return found.value_or(Number{});
    }

    std::string_view octets(std::size_t count) {
        if (failed_ || message_.size() - position_ < count) {
            failed_ = true;
            return {};
        }
        const auto found = message_.substr(position_, count);
        position_ += count;
        return found;
    }

    // domain-name, as text in lower case without the last dot, perhaps compressed (RFC 1035 §4.1.4).
    std::string name() {
        constexpr unsigned pointer = 0xc0U;
        std::string text;
        auto at = position_;
        bool jumped = false;
        for (unsigned jumps = 0; jumps < most_jumps;) {
            const auto size = octet(at);
            if (size == 0) {
                if (!jumped) position_ = at + 1;
                return text;
            }
            if ((size & pointer) == pointer) {
                if (!jumped) position_ = at + 2;
                at = ((size & ~pointer) << 8U) | octet(at + 1);
                jumped = true;
                ++jumps;
                continue;
            }
            if (failed_ || size > Name::longest_label || message_.size() - at <= size) break;
            add_label(text, message_.substr(at + 1, size));
            if (text.size() > Name::longest) break;
            at += 1 + size;
        }
        failed_ = true;
        return {};
    }

private:
    unsigned octet(std::size_t at) {
        if (at < message_.size()) return static_cast<std::uint8_t>(message_[at]);
        failed_ = true;
        return 0;
    }

    static void add_label(std::string& text, std::string_view label) {
        if (!text.empty()) text += '.';
        for (const char c : label)
            text += c == '.' || c == '\0' || ascii::is_8bit(c) ? strange : ascii::lower(c);
    }

    std::string_view message_;
    std::size_t position_ = 0;
    bool failed_ = false;
};

// RFC 1035 §4.1.3
struct Record {
    std::string owner;
    std::uint16_t type = 0;
    std::uint32_t ttl = 0;
    std::string_view data;
    std::string target;  // of a CNAME
};

Record read_record(std::string_view message, Reader& in) {
    Record record;
    record.owner = in.name();
    record.type = in.number<std::uint16_t>();
    const auto in_class = in.number<std::uint16_t>();
    record.ttl = in.number<std::uint32_t>();
    if (record.ttl > longest_ttl) record.ttl = 0;
    const auto size = in.number<std::uint16_t>();
    const auto begin = in.position();
    record.data = in.octets(size);
    if (in_class != internet) record.type = 0;
    if (record.type != static_cast<std::uint16_t>(Type::cname) || in.failed()) return record;
    Reader target(message);
    target.octets(begin);
    record.target = target.name();
    return record;
}

bool is_same_question(Reader& in, const Question& question) {
    const auto name = in.name();
    const auto type = in.number<std::uint16_t>();
    const auto in_class = in.number<std::uint16_t>();
    return !in.failed() && name == question.name.text() &&
           type == static_cast<std::uint16_t>(question.type) && in_class == internet;
}

// The records of the name, or where its CNAME leads; they live no longer than what leads to them.
void collect(const std::vector<Record>& records, const Question& question, RawAnswer& answer) {
    auto owner = question.name.text();
    auto ttl = std::chrono::seconds(longest_ttl);
    for (unsigned links = 0;; ++links) {
        if (links > longest_chain) {  // a circle is an error, RFC 1034 §3.6.2
            answer.status = Status::failed;
            answer.why = "aliases lead to aliases without end";
            return;
        }
        std::string next;
        for (const auto& record : records) {
            if (record.owner != owner) continue;
            if (record.type == static_cast<std::uint16_t>(question.type)) {
                ttl = std::min(ttl, std::chrono::seconds(record.ttl));
                answer.records.emplace_back(record.data);
            } else if (!record.target.empty()) {
                ttl = std::min(ttl, std::chrono::seconds(record.ttl));
                next = record.target;
            }
        }
        if (!answer.records.empty() || next.empty()) break;
        owner = next;
    }
    if (auto name = Name::computed(owner)) answer.canonical = *std::move(name);
    if (answer.records.empty()) return;
    answer.status = Status::found;
    answer.ttl = ttl;
}

std::unexpected<Error> malformed() { return fail(Error::Kind::invalid, "an answer of DNS is malformed"); }

}  // namespace

std::string question_message(std::uint16_t id, const Question& question) {
    std::string out;
    for (const unsigned number : {unsigned{id}, recursion_desired, 1U, 0U, 0U, 0U})
        bytes::put_big_endian(out, static_cast<std::uint16_t>(number));
    out += question.name.to_wire();
    bytes::put_big_endian(out, static_cast<std::uint16_t>(question.type));
    bytes::put_big_endian(out, internet);
    return out;
}

Result<ReadAnswer> read_answer(std::string_view message, std::uint16_t id, const Question& question) {
    Reader in(message);
    const auto seen = in.number<std::uint16_t>();
    const unsigned flags = in.number<std::uint16_t>();
    const auto questions = in.number<std::uint16_t>();
    const auto answers = in.number<std::uint16_t>();
    in.octets(4);  // how many records of other kinds there are
    if (in.failed() || seen != id || (flags & is_answer) == 0 || questions != 1 ||
        !is_same_question(in, question))
        return fail(Error::Kind::invalid, "this is no answer to the question about {}", question.name.text());
    ReadAnswer read{.truncated = (flags & is_truncated) != 0, .answer = {}};
    auto& answer = read.answer;
    answer.canonical = question.name;
    const auto code = flags & code_mask;
    if (code != no_error && code != no_such_name)
        answer.why = fmt::format("the name server answered with code {}", code);
    answer.status = code == no_error       ? Status::no_data
                    : code == no_such_name ? Status::no_domain
                                           : Status::failed;
    if (read.truncated || code != no_error) return read;
    std::vector<Record> records;
    for (unsigned i = 0; i < answers && !in.failed(); ++i) records.push_back(read_record(message, in));
    if (in.failed()) return malformed();
    collect(records, question, answer);
    return read;
}

}  // namespace hongyan::dns
