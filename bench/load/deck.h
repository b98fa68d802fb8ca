// The messages that are sent: a deck of a hundred letters that is dealt over and over. The same seed gives
// the same deck; every letter dealt is a message of its own, so no server can keep two of them as one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::load {

// How the sizes of a deck are spread.
struct Mix {
    // 0: as mail is (see deck.cc): median 8 KB, mean 33 KB, one letter in a hundred above 1 MB. Else every
    // letter has about so many bytes; at least smallest_letter.
    std::size_t size = 0;
    std::uint64_t seed = 1;
};

inline constexpr std::size_t smallest_letter = 1'500;  // bytes: header and two parts with hardly any text
inline constexpr std::size_t deck_size = 100;

// Immutable once made.
class Deck {
public:
    // `run` sets apart what several runs with one seed send: it becomes part of every letter.
    Deck(const Mix& mix, std::uint64_t run);

    // Letter `number` with CRLF. Its subject and text hold word_of(number) and number % 100 as goose(number).
    std::string letter(std::uint64_t number) const;
    // The same as DATA carries it: dots stuffed and the final dot sent (RFC 5321 §4.5.2).
    std::string data(std::uint64_t number) const;
    // Bytes of letter(number).
    std::size_t size(std::uint64_t number) const { return cards_[number % deck_size].plain.text.size(); }

    // A word that only this letter holds.
    static std::string word_of(std::uint64_t number);
    // A word that one letter in a hundred holds.
    static std::string goose(std::uint64_t number);

private:
    // A text with blanks for what differs from letter to letter.
    struct Form {
        std::string text;
        std::vector<std::size_t> numbers, geese;  // where word_of and goose stand
    };
    struct Card {
        Form plain, stuffed;
    };
    static Form form_of(std::string text, std::uint64_t run);
    static std::string filled(const Form& form, std::uint64_t number);

    std::vector<Card> cards_;
};

}  // namespace hongyan::load
