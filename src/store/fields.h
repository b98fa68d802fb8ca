// How the members of a record are written and read, by their types. Both walk the same table of fields
// (records.cc), so they cannot disagree. For this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/named.h"
#include "base/record.h"
#include "store/changes.h"
#include "store/flags.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/types.h"

namespace hongyan::store {

// Older programs read what newer ones write as long as this stays.
inline constexpr std::uint32_t record_version = 1;

constexpr auto last_value(MailboxState::Kind) { return MailboxState::Kind::leaving; }
constexpr auto last_value(SpecialUse) { return SpecialUse::important; }

inline std::uint64_t to_number(Instant instant) { return bytes::zigzag(instant.time_since_epoch().count()); }
inline Instant to_instant(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(bytes::unzigzag(number)));
}

// Values that are a text of their own within a field.
std::string to_text(const Home& home);
bool from_text(std::string_view text, Home& home);
std::string to_text(const Origin& origin);
bool from_text(std::string_view text, Origin& origin);
std::string to_text(const std::vector<ChangeRun>& runs);
bool from_text(std::string_view text, std::vector<ChangeRun>& runs);

// Writes the fields that it is shown. What is zero, empty or false is left out: a reader starts from these.
class FieldWriter {
public:
    template <typename Value, typename Tag>
    void operator()(FieldTag tag, const Named<Value, Tag>& value) {
        out_.number_unless_zero(tag, value.value());
    }
    template <typename Value>
        requires std::is_enum_v<Value>
    void operator()(FieldTag tag, Value value) {
        out_.number_unless_zero(tag, static_cast<std::uint64_t>(value));
    }
    void operator()(FieldTag tag, std::uint64_t value) { out_.number_unless_zero(tag, value); }
    void operator()(FieldTag tag, bool value) { out_.number_unless_zero(tag, value ? 1 : 0); }
    void operator()(FieldTag tag, Instant value) { out_.number_unless_zero(tag, to_number(value)); }
    void operator()(FieldTag tag, std::string_view value) { out_.text_unless_empty(tag, value); }
    void operator()(FieldTag tag, const BlobId& value) { out_.text(tag, value.bytes()); }
    // The keywords follow under the next tag, once for each.
    void operator()(FieldTag tag, const Flags& value) {
        out_.number_unless_zero(tag, value.bits());
        for (const auto& keyword : value.keywords()) out_.text(tag + 1, keyword);
    }
    void operator()(FieldTag tag, const std::vector<Home>& value) {
        for (const auto& home : value) out_.text(tag, to_text(home));
    }
    void operator()(FieldTag tag, const std::optional<Origin>& value) {
        if (value) out_.text(tag, to_text(*value));
    }
    void operator()(FieldTag tag, const std::vector<ChangeRun>& value) {
        out_.text_unless_empty(tag, to_text(value));
    }

    std::string with(std::string_view unknown) { return out_.fields(unknown).take(); }

private:
    RecordWriter out_{record_version};
};

// Stands at a field of a record; a member whose tag that is takes it, and the reader goes on to the next. Our
// own records have their fields in the order of the table, so one walk through it reads them all. What does
// not fit its member is damage.
class FieldReader {
public:
    explicit FieldReader(std::string_view bytes) : in_(bytes) { advance(); }

    template <typename Value, typename Tag>
    void operator()(FieldTag tag, Named<Value, Tag>& value) {
        if (!is_at(tag)) return;
        const auto number = in_.number();
        value = Named<Value, Tag>(static_cast<Value>(number));
        expect(value.value() == number);
        advance();
    }
    template <typename Value>
        requires std::is_enum_v<Value>
    void operator()(FieldTag tag, Value& value) {
        if (!is_at(tag)) return;
        const auto number = in_.number();
        const bool is_known = number <= static_cast<std::uint64_t>(last_value(Value{}));
        if (is_known) value = static_cast<Value>(number);
        expect(is_known);
        advance();
    }
    void operator()(FieldTag tag, std::uint64_t& value) {
        if (!is_at(tag)) return;
        value = in_.number();
        advance();
    }
    void operator()(FieldTag tag, bool& value) {
        if (!is_at(tag)) return;
        value = in_.number() != 0;
        advance();
    }
    void operator()(FieldTag tag, Instant& value) {
        if (!is_at(tag)) return;
        value = to_instant(in_.number());
        advance();
    }
    void operator()(FieldTag tag, std::string& value) {
        if (!is_at(tag)) return;
        value = in_.text();
        advance();
    }
    void operator()(FieldTag tag, std::string_view& value) {
        if (!is_at(tag)) return;
        value = in_.text();
        advance();
    }
    void operator()(FieldTag tag, BlobId& value) {
        if (!is_at(tag)) return;
        expect(in_.text().size() == value.hash.size());
        value = BlobId::from_bytes(in_.text()).value_or(BlobId{});
        advance();
    }
    void operator()(FieldTag tag, Flags& value) {
        for (; is_at(tag); advance()) value.add(Flags::of_bits(static_cast<std::uint8_t>(in_.number())));
        for (; is_at(tag + 1); advance()) {
            expect(is_keyword(in_.text()));
            value.add(in_.text());
        }
    }
    void operator()(FieldTag tag, std::vector<Home>& value) {
        for (; is_at(tag); advance()) expect(from_text(in_.text(), value.emplace_back()));
    }
    void operator()(FieldTag tag, std::optional<Origin>& value) {
        for (; is_at(tag); advance()) expect(from_text(in_.text(), value.emplace()));
    }
    void operator()(FieldTag tag, std::vector<ChangeRun>& value) {
        for (; is_at(tag); advance()) expect(from_text(in_.text(), value));
    }

    bool at_end() const { return !has_field_; }
    std::size_t fields_taken() const { return taken_; }
    // The present field, which no member took.
    std::string_view pass_over() {
        const auto field = in_.field();
        advance();
        return field;
    }
    // What is not so is damage.
    void expect(bool fits) { damaged_ |= !fits; }
    bool damaged() const { return damaged_ || in_.failed(); }

private:
    bool is_at(FieldTag tag) const { return has_field_ && in_.tag() == tag; }
    void advance() {
        has_field_ = in_.next();
        ++taken_;
    }

    RecordReader in_;
    bool has_field_ = false;
    bool damaged_ = false;
    std::size_t taken_ = 0;
};

}  // namespace hongyan::store
