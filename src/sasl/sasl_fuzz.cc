// Any client against any mechanism. The first byte chooses the mechanism and what the world answers; every
// line that follows is a response, the first one the initial response.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/random.h"
#include "sasl/exchange.h"

namespace {

using namespace hongyan;

sasl::Answer answer_to(const sasl::Question& question, bool refuse) {
    if (refuse) return sasl::Refused{};
    if (const auto* scram = std::get_if<sasl::FetchScramKeys>(&question))
        return sasl::KnownKeys{"ann",
                               {.hash = scram->hash, .salt = "salt", .stored_key = "", .server_key = ""}};
    if (std::holds_alternative<sasl::FetchSecret>(question)) return sasl::KnownSecret{"ann", "secret"};
    return sasl::Granted{"ann", {}};
}

std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto all = sasl::mechanisms();
    const auto& mechanism = all[data[0] % all.size()];
    const bool refuse = data[0] >= 128;

    const sasl::Settings settings{.pretence_key = "key"};
    SeededRandom random(1);
    sasl::Exchange exchange(
        mechanism, settings,
        {.encrypted = true, .bindings = {{"tls-exporter", "data"}}, .certificate = sasl::Certificate{"f1"}},
        random);
    exchange.begin(take_line(rest));
    for (int step = 0;; ++step) {
        check(step < 8, "every mechanism ends after a few steps");
        if (const auto* question = std::get_if<sasl::Question>(&exchange.next()))
            exchange.answer(answer_to(*question, refuse));
        else if (std::holds_alternative<sasl::Challenge>(exchange.next()))
            exchange.receive(take_line(rest));
        else
            break;
    }
    const bool granted = std::holds_alternative<sasl::Granted>(exchange.next());
    check(!granted || !refuse, "nobody gets in whom the world refused");
    return 0;
}
