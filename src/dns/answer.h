// What became of a question to DNS. A value, so that whatever needs DNS can be fed from a test.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "dns/record.h"

namespace hongyan::dns {

enum class Status {
    found,
    no_data,    // the name exists, but not with this type
    no_domain,  // the name does not exist (NXDOMAIN)
    failed,     // no answer, or SERVFAIL: it may work later
    bogus,  // signatures are missing or wrong (RFC 4035 §4.3): never to be believed, may be repaired later
};
std::string_view to_string(Status status);

struct Question {
    Name name;
    Type type = Type::a;
    friend auto operator<=>(const Question&, const Question&) = default;
};

template <typename Record>
struct Answer {
    Status status = Status::failed;
    // Validated by DNSSEC from a trust anchor on, the whole chain of CNAMEs too; also that there is nothing.
    bool secure = false;
    std::vector<Record> records = {};
    std::chrono::seconds ttl{};
    Name canonical = {};   // where CNAMEs led; the name that was asked for if there were none
    std::string why = {};  // of failed and bogus, for a person

    bool is_found() const { return status == Status::found; }
    // There is nothing, and that is certain.
    bool is_empty() const { return status == Status::no_data || status == Status::no_domain; }
    // To be asked again.
    bool is_trouble() const { return status == Status::failed || status == Status::bogus; }
    friend bool operator==(const Answer&, const Answer&) = default;
};

// The records' octets.
using RawAnswer = Answer<std::string>;

// The same with the records read. Malformed ones are left out; if there is no other, the answer has failed.
template <typename Record>
Answer<Record> read(const RawAnswer& raw) {
    Answer<Record> answer{.status = raw.status,
                          .secure = raw.secure,
                          .records = {},
                          .ttl = raw.ttl,
                          .canonical = raw.canonical,
                          .why = raw.why};
    for (const auto& rdata : raw.records) {
        if (auto record = Record::parse(rdata))
            answer.records.push_back(*std::move(record));
        else
            answer.why = record.error().message;
    }
    if (raw.is_found() && answer.records.empty()) answer.status = Status::failed;
    if (answer.is_found()) answer.why.clear();
    return answer;
}

}  // namespace hongyan::dns
