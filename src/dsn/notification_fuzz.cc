// Whatever comes back is read within limits; and whatever another server said, the notification that quotes
// it tells of exactly the recipient that was meant, in lines that pass everywhere.
#include <cstdint>

#include "base/check.h"
#include "dsn/automatic.h"
#include "dsn/compose.h"
#include "dsn/parse.h"
#include "message/utf8.h"

namespace {

using namespace hongyan;
using namespace hongyan::dsn;

void examine_reading(std::string_view raw) {
    (void)find_automatic("ann@here.test", raw);
    const auto returned = parse_notification(raw);
    if (!returned) return;
    check(!returned->recipients.empty() && returned->recipients.size() <= most_reported, "some recipients");
    check(returned->traces.size() <= most_traces, "some traces");
    for (const auto& recipient : returned->recipients) {
        check(recipient.diagnostic.size() <= longest_value && message::valid_utf8(recipient.diagnostic),
              "a line of text");
        check(parse_status(to_string(recipient.status)) == recipient.status, "a status reads back");
    }
    (void)queue_id_of(*returned, "mx.here.test");
}

void examine_writing(std::string_view input, std::string_view sender, Language language) {
    const ManualClock clock;
    SeededRandom random(1);
    const Settings settings{.host = *message::Domain::parse("mx.here.test"),
                            .from = *message::parse_address("postmaster@here.test"),
                            .language = language,
                            .most_returned = 100'000,
                            .most_returned_unasked = 100'000};
    const Subject subject{
        .sender = *message::parse_address(sender), .envelope_id = std::string(input), .message = input};
    const Outcome outcome{.address = "bob@far.test",
                          .original = std::string(input),
                          .remote_host = std::string(input),
                          .remote_reply = std::string(input),
                          .explanation = std::string(input)};
    const auto made = compose(settings, subject, {outcome}, clock, random);
    check(made.eight_bit || message::is_ascii(made.message), "it says whether it has 8 bits");
    const auto returned = parse_notification(made.message);
    check(returned && returned->recipients.size() == 1, "it tells of one recipient");
    check(returned->recipients[0].final_recipient.address == "bob@far.test", "of the one that was meant");
    check(returned->recipients[0].action == Action::failed &&
              to_string(returned->recipients[0].status) == "5.0.0",
          "and of what became of it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    examine_reading(input);
    examine_writing(input, "ann@here.test", Language::english);
    examine_writing(input, "安@here.test", Language::simplified_chinese);
    return 0;
}
