#include "bench/load/deck.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "bench/load/prose.h"
#include "message/composer.h"

namespace hongyan::load {

namespace {

// What stands in a form where a letter has its own words. All of it are letters and digits, so that no
// encoding changes it; the real words have the same length.
constexpr std::string_view number_blank = "nXXXXXXXXXX";
constexpr std::string_view goose_blank = "gooseXX";
constexpr std::string_view run_blank = "rXXXXXXXXXXXXXXXX";

// A hundred letters hold so many of each kind. Sizes in bytes, as they should lie on the wire.
struct Kind {
    std::size_t count;
    std::size_t least, most;  // sizes grow from one to the other,
    double bend;              // as a straight line (1) or slowly first (above)
    double text, page;        // shares of the size; the rest is a file in base64
};
constexpr Kind kinds[] = {
    {
        45,
        2'000,
        8'000,
        1.0,
        0.4,
        0.6,
    },                                         // notes and notices
    {34, 8'000, 26'000, 1.7, 0.3, 0.7},        // longer ones
    {20, 30'000, 110'000, 1.3, 0.1, 0.4},      // newsletters, small files
    {1, 1'350'000, 1'350'000, 1.0, 0.0, 0.0},  // a large file
};

constexpr double base64_growth = 78.0 / 57.0;  // 57 bytes become a line of 76 and its CRLF (RFC 2045 §6.8)
constexpr std::size_t wrapping = 1'150;        // header, boundaries and the fields of parts

struct Wanted {
    std::size_t text, page, file;
};

std::size_t share(std::size_t size, double part) {
    return static_cast<std::size_t>(static_cast<double>(size) * part);
}

Wanted wanted(std::size_t size, const Kind& kind) {
    const auto content = size > wrapping ? size - wrapping : 1;
    const auto file = 1.0 - kind.text - kind.page;
    return {share(content, kind.text), share(content, kind.page),
            file > 0.01 ? share(content, file / base64_growth) : 0};
}

std::vector<Wanted> mixed() {
    std::vector<Wanted> all;
    for (const auto& kind : kinds)
        for (std::size_t i = 0; i < kind.count; ++i) {
            const auto along =
                static_cast<double>(i) / static_cast<double>(std::max<std::size_t>(kind.count - 1, 1));
            all.push_back(
                wanted(kind.least + share(kind.most - kind.least, std::pow(along, kind.bend)), kind));
        }
    return all;
}

void shuffle(std::vector<Wanted>& all, Prose& prose) {
    for (auto i = all.size(); i > 1; --i) std::swap(all[i - 1], all[prose.below(i)]);
}

std::string compose(const Wanted& size, bool chinese, Prose& prose, Random& random) {
    using namespace message;
    const ManualClock clock;
    std::vector<Entity> versions;
    versions.push_back(
        plain_text(fmt::format("{} {}\r\n\r\n{}\r\n", number_blank, goose_blank, prose.text(size.text))));
    versions.push_back(html_text(prose.page(size.page, chinese)));
    auto body = multipart("alternative", std::move(versions));
    if (size.file > 0) {
        std::vector<Entity> parts;
        parts.push_back(std::move(body));
        parts.push_back(attachment("picture.jpg", "image/jpeg", prose.noise(size.file)));
        body = multipart("mixed", std::move(parts));
    }
    return Composer(clock, random, *Domain::parse("load.test"))
        .structured("From", "Wild Goose <goose@load.test>")
        .structured("To", "Reader <reader@load.test>")
        .structured("Message-ID", fmt::format("<{}.{}@load.test>", number_blank, run_blank))
        .text("Subject", fmt::format("{} {} {}", number_blank, goose_blank, prose.sentence().substr(0, 40)))
        .compose(body);
}

// A letter of the wanted size: quoted-printable and folding change it, so the page is mended once.
std::string compose_exactly(std::size_t size, std::uint64_t seed) {
    auto sizes = wanted(size, {.count = 1, .least = 0, .most = 0, .bend = 1, .text = 0.5, .page = 0.5});
    for (const bool first : {true, false}) {
        Prose prose(seed);
        SeededRandom random(seed);
        auto text = compose(sizes, false, prose, random);
        if (!first) return text;
        const auto other = static_cast<std::ptrdiff_t>(sizes.text) + static_cast<std::ptrdiff_t>(size) -
                           static_cast<std::ptrdiff_t>(text.size());
        sizes.text = static_cast<std::size_t>(std::max<std::ptrdiff_t>(other, 1));
    }
    return {};
}

std::string stuffed(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 64);
    if (text.starts_with('.')) out += '.';
    for (std::size_t at = 0; at < text.size();) {
        const auto dot = text.find("\r\n.", at);
        if (dot == std::string_view::npos) {
            out += text.substr(at);
            break;
        }
        out.append(text.substr(at, dot + 3 - at)).append(".");
        at = dot + 3;
    }
    if (!out.ends_with("\r\n")) out += "\r\n";
    return out + ".\r\n";
}

std::vector<std::size_t> places(std::string_view text, std::string_view word) {
    std::vector<std::size_t> found;
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size()))
        found.push_back(at);
    return found;
}

}  // namespace

Deck::Deck(const Mix& mix, std::uint64_t run) {
    Prose prose(mix.seed);
    SeededRandom random(mix.seed);
    auto sizes = mixed();
    shuffle(sizes, prose);
    for (std::size_t i = 0; i < deck_size; ++i) {
        const auto text = mix.size > 0 ? compose_exactly(mix.size, mix.seed * deck_size + i)
                                       : compose(sizes[i], i % 8 == 0, prose, random);
        cards_.push_back({form_of(text, run), form_of(stuffed(text), run)});
    }
}

Deck::Form Deck::form_of(std::string text, std::uint64_t run) {
    for (const auto at : places(text, run_blank))
        text.replace(at, run_blank.size(), fmt::format("r{:016x}", run));
    Form form{.text = {}, .numbers = places(text, number_blank), .geese = places(text, goose_blank)};
    check(form.numbers.size() == 3 && form.geese.size() == 2, "the blanks of a letter stay readable");
    form.text = std::move(text);
    return form;
}

std::string Deck::filled(const Form& form, std::uint64_t number) {
    auto text = form.text;
    for (const auto at : form.numbers) text.replace(at, number_blank.size(), word_of(number));
    for (const auto at : form.geese) text.replace(at, goose_blank.size(), goose(number));
    return text;
}

std::string Deck::letter(std::uint64_t number) const {
    return filled(cards_[number % deck_size].plain, number);
}
std::string Deck::data(std::uint64_t number) const {
    return filled(cards_[number % deck_size].stuffed, number);
}

std::string Deck::word_of(std::uint64_t number) { return fmt::format("n{:010}", number % 10'000'000'000); }
std::string Deck::goose(std::uint64_t number) { return fmt::format("goose{:02}", number % deck_size); }

}  // namespace hongyan::load
