// The readers of records and names. The first byte chooses.
#include <cstdint>

#include "base/check.h"
#include "dns/record.h"

namespace {

using namespace hongyan;

template <typename Record>
void goes_round(std::string_view rdata) {
    const auto record = Record::parse(rdata);
    if (!record) return;
    const auto again = Record::parse(record->to_rdata());
    check(again && *again == *record, "a record goes round");
}

void check_name(std::string_view text) {
    const auto name = dns::Name::parse(text);
    if (!name) return;
    check(name->text().size() <= dns::Name::longest, "a name has a limit");
    if (!name->is_root()) check(dns::Name::parse(name->text()) == name, "a name goes round as text");
    const auto wire = name->to_wire();
    std::string_view in = wire;
    check(dns::Name::take(in) == name && in.empty(), "a name goes round in a record");
}

constexpr void (*readers[])(std::string_view) = {
    &goes_round<dns::A>,    &goes_round<dns::Aaaa>,  &goes_round<dns::Mx>,
    &goes_round<dns::Txt>,  &goes_round<dns::Ptr>,   &goes_round<dns::Srv>,
    &goes_round<dns::Tlsa>, &goes_round<dns::Cname>, &check_name,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    readers[data[0] % std::size(readers)](text);
    if (const auto address = dns::IpAddress::parse(text))
        check(dns::IpAddress::parse(address->to_string()) == address, "an address goes round");
    (void)dns::IpAddress::parse_literal(text);
    return 0;
}
