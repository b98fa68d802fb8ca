// Names whose addresses are known without asking, from a file as /etc/hosts.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "dns/answer.h"
#include "dns/ip_address.h"

namespace hongyan::dns {

// It knows all addresses of a name it has, of either family, and nothing else of that name but that it
// exists: what mail hosts and texts a domain has, DNS is asked for.
class HostsFile {
public:
    HostsFile() = default;
    // What cannot be read as an address with names is left out: other programs read the file, too.
    static HostsFile parse(std::string_view text);

    bool has(const Name& name) const { return addresses_.contains(name); }
    std::optional<RawAnswer> answer(const Question& question) const;

private:
    void take_line(std::string_view line);
    std::map<Name, std::vector<IpAddress>> addresses_;
};

}  // namespace hongyan::dns
