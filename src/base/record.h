// Records as they lie on disk: a version, then fields of tag and length, in any order. A reader keeps the
// fields it does not know, so that an older program can change a record of a newer one without loss. Grammar:
// docs/formats/.
//
//   record = version *field          version = varint
//   field  = tag length *OCTET       tag, length = varint
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace hongyan {

using FieldTag = std::uint32_t;

class RecordWriter {
public:
    explicit RecordWriter(std::uint32_t version) { bytes::put_varint(out_, version); }

    RecordWriter& text(FieldTag tag, std::string_view value) {
        bytes::put_varint(out_, tag);
        bytes::put_text(out_, value);
        return *this;
    }
    RecordWriter& number(FieldTag tag, std::uint64_t value) {
        std::string digits;
        bytes::put_varint(digits, value);
        return text(tag, digits);
    }
    // A field of zero or of no text need not be written: a reader starts from these.
    RecordWriter& number_unless_zero(FieldTag tag, std::uint64_t value) {
        return value == 0 ? *this : number(tag, value);
    }
    RecordWriter& text_unless_empty(FieldTag tag, std::string_view value) {
        return value.empty() ? *this : text(tag, value);
    }
    // Fields as a RecordReader handed them out through unknown().
    RecordWriter& fields(std::string_view encoded) {
        out_.append(encoded);
        return *this;
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

// Looks at bytes that the caller keeps. Damage is a failure that sticks:
//   RecordReader in(bytes);
//   while (in.next()) switch (in.tag()) { case tag_name: name = in.text(); break; default: unknown +=
//   in.field(); } if (in.failed()) …
class RecordReader {
public:
    explicit RecordReader(std::string_view record) : rest_(record) {
        const auto version = bytes::take_varint(rest_);
        failed_ = !version || *version > UINT32_MAX;
        version_ = failed_ ? 0 : static_cast<std::uint32_t>(*version);
    }

    std::uint32_t version() const { return version_; }
    bool failed() const { return failed_; }

    bool next() {
        if (failed_ || rest_.empty()) return false;
        const auto start = rest_;
        const auto tag = bytes::take_varint(rest_);
        const auto value = tag && *tag <= UINT32_MAX ? bytes::take_text(rest_) : std::nullopt;
        if (!value) {
            failed_ = true;
            return false;
        }
        tag_ = static_cast<FieldTag>(*tag);
        value_ = *value;
        field_ = start.substr(0, start.size() - rest_.size());
        return true;
    }

    FieldTag tag() const { return tag_; }
    std::string_view text() const { return value_; }
    // The whole field, tag and length too, to be kept as it is.
    std::string_view field() const { return field_; }
    std::uint64_t number() {
        auto value = value_;
        const auto number = bytes::take_varint(value);
        if (!number || !value.empty()) failed_ = true;
        return number.value_or(0);
    }

private:
    std::string_view rest_;
    std::string_view value_;
    std::string_view field_;
    std::uint32_t version_ = 0;
    FieldTag tag_ = 0;
    bool failed_ = false;
};

}  // namespace hongyan
