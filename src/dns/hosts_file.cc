#include "dns/hosts_file.h"

#include "base/scanner.h"

namespace hongyan::dns {

namespace {

constexpr std::chrono::seconds lifetime = std::chrono::hours(1);  // of an answer, in caches

bool is_of_a_word(char c) { return !ascii::is_space(c) && c != '#'; }

}  // namespace

HostsFile HostsFile::parse(std::string_view text) {
    HostsFile file;
    for (Scanner in(text); !in.at_end(); in.present("\n"))
        file.take_line(in.take_while([](char c) { return c != '\n'; }));
    return file;
}

// An address, names, and a comment perhaps.
void HostsFile::take_line(std::string_view line) {
    Scanner in(line);
    const auto word = [&in] {
        in.skip_blanks();
        return in.take_while(is_of_a_word);
    };
    const auto address = IpAddress::parse(word());
    if (!address) return;
    for (auto host = word(); !host.empty(); host = word())
        if (const auto name = Name::parse(host)) addresses_[*name].push_back(*address);
}

std::optional<RawAnswer> HostsFile::answer(const Question& question) const {
    if (question.type != Type::a && question.type != Type::aaaa) return std::nullopt;
    const auto known = addresses_.find(question.name);
    if (known == addresses_.end()) return std::nullopt;
    RawAnswer answer{.status = Status::no_data, .ttl = lifetime, .canonical = question.name};
    for (const auto& address : known->second)
        if (address.is_ipv6() == (question.type == Type::aaaa)) answer.records.push_back(address.octets());
    if (!answer.records.empty()) answer.status = Status::found;
    return answer;
}

}  // namespace hongyan::dns
