// A Resolver without a network, for tests: it knows what it is told.
#pragma once

#include <map>

#include "base/check.h"
#include "net/resolver.h"

namespace hongyan::net {

enum class Signed { no, yes };

// Names with any record exist; all others do not. What is not told to be signed is insecure. Belongs to one
// thread.
class MemoryResolver final : public Resolver {
public:
    // Adds a record to those of the name.
    template <typename Record>
    void add(std::string_view name, const Record& record, Signed is_signed = Signed::no) {
        auto& answer = at(name, Record::type);
        answer.status = dns::Status::found;
        answer.secure = is_signed == Signed::yes;
        answer.records.push_back(record.to_rdata());
    }
    // The name's next answer for this type is this: failed, bogus, or an empty one that is signed.
    void set(std::string_view name, dns::Type type, dns::Status status, Signed is_signed = Signed::no) {
        auto& answer = at(name, type);
        answer = {.status = status,
                  .secure = is_signed == Signed::yes,
                  .records = {},
                  .ttl = {},
                  .canonical = {},
                  .why = "as the test says"};
    }

    Task<dns::RawAnswer> ask(dns::Question question, Deadline) override {
        ++asked_;
        co_return answer(std::move(question));
    }
    int times_asked() const { return asked_; }

private:
    dns::RawAnswer& at(std::string_view name, dns::Type type) {
        auto parsed = dns::Name::parse(name);
        check(parsed.has_value(), "a test names what can be asked for");
        known_[*parsed][type].ttl = std::chrono::seconds(300);
        return known_[*parsed][type];
    }

    dns::RawAnswer answer(dns::Question question) const {
        constexpr int longest_chain = 8;
        bool all_signed = true;
        for (int i = 0; i < longest_chain; ++i) {
            const auto name = known_.find(question.name);
            if (name == known_.end()) return empty(dns::Status::no_domain, question.name);
            if (const auto found = name->second.find(question.type); found != name->second.end()) {
                auto answer = found->second;
                answer.secure = answer.secure && all_signed;
                answer.canonical = question.name;
                return answer;
            }
            const auto alias = name->second.find(dns::Type::cname);
            if (alias == name->second.end()) return empty(dns::Status::no_data, question.name);
            all_signed = all_signed && alias->second.secure;
            question.name = dns::Cname::parse(alias->second.records.front())->target;
        }
        return empty(dns::Status::failed, question.name);
    }
    static dns::RawAnswer empty(dns::Status status, const dns::Name& name) {
        return {.status = status, .secure = false, .records = {}, .ttl = {}, .canonical = name, .why = {}};
    }

    std::map<dns::Name, std::map<dns::Type, dns::RawAnswer>> known_;
    int asked_ = 0;
};

}  // namespace hongyan::net
