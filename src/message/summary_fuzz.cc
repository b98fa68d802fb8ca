// Any message has a summary that fits into one value and comes back from its record; any bytes are either
// refused or a record that means the same when written again.
#include <cstdint>

#include "base/check.h"
#include "message/summary.h"
#include "message/utf8.h"

namespace {

using namespace hongyan;
using namespace hongyan::message;

void examine_message(std::string_view raw) {
    const auto summary = summarize(raw);
    const auto record = encode(summary);
    check(record.size() < max_summary_size, "a summary fits into one value");
    check(valid_utf8(summary.preview), "a preview is UTF-8");
    check(decode(record) == summary, "what is kept is the same summary");
}

void examine_record(std::string_view record) {
    const auto summary = decode(record);
    if (!summary) {
        check(summary.error().kind == Error::Kind::corrupt, "a record is only refused for damage");
        return;
    }
    check(decode(encode(*summary)) == *summary, "what was read means the same when written again");
    const auto view = SummaryView::of(record);
    check(view && view->subject() == summary->envelope.subject && view->date() == summary->date,
          "the view and the whole agree");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    examine_message(bytes);
    examine_record(bytes);
    return 0;
}
