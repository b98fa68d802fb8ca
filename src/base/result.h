// What can happen is a value: a Result is either the thing or the reason there is none.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace hongyan {

struct Error {
    // Chosen where the reason is known. Each protocol turns it into its own words in one function.
    enum class Kind {
        invalid,      // the input breaks a grammar or a bound
        not_found,    // no such mailbox, message, account, file
        exists,       // there is one already
        denied,       // no right, wrong password, disabled
        conflict,     // somebody else holds it or changed it first
        over_quota,   // the account's limit
        too_large,    // a limit of ours
        no_space,     // the disk is full
        unavailable,  // may work later: busy, shutting down, time-out
        unsupported,  // we know what is meant and do not do it
        corrupt,      // what we kept is damaged
        io,           // the operating system refused
        internal,     // our own fault
    };

    Kind kind = Kind::internal;
    std::string message;  // for a person: what was wanted, what was found, where

    friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

template <typename... Arguments>
[[nodiscard]] std::unexpected<Error> fail(Error::Kind kind, fmt::format_string<Arguments...> text,
                                          Arguments&&... arguments) {
    return std::unexpected(Error{kind, fmt::format(text, std::forward<Arguments>(arguments)...)});
}

// The same error, seen from one step further out: "cannot open the store: " + what the step said.
[[nodiscard]] inline std::unexpected<Error> fail(Error&& error, std::string_view context) {
    error.message = fmt::format("{}: {}", context, error.message);
    return std::unexpected(std::move(error));
}

std::string_view to_string(Error::Kind kind);

// For the place where errno has just been set: its text, and the kind that fits (ENOSPC is no_space).
Error from_errno(int number, std::string_view doing);

}  // namespace hongyan

// TRY(auto value, expression) names the value of a Result or returns its error; TRY(expression) only returns
// the error.
#define HONGYAN_JOIN_(a, b) a##b
#define HONGYAN_JOIN(a, b) HONGYAN_JOIN_(a, b)
#define HONGYAN_TRY_VALUE(temporary, declaration, ...)            \
    auto temporary = (__VA_ARGS__);                               \
    if (!temporary) [[unlikely]]                                  \
        return ::std::unexpected(::std::move(temporary).error()); \
    declaration = *::std::move(temporary)
#define HONGYAN_TRY_2(declaration, ...) \
    HONGYAN_TRY_VALUE(HONGYAN_JOIN(result_of_line_, __LINE__), declaration, __VA_ARGS__)
#define HONGYAN_TRY_1(...)                                                     \
    do {                                                                       \
        if (auto result_of_step = (__VA_ARGS__); !result_of_step) [[unlikely]] \
            return ::std::unexpected(::std::move(result_of_step).error());     \
    } while (false)
#define HONGYAN_TRY_PICK(_1, _2, _3, _4, _5, _6, _7, _8, name, ...) name
#define TRY(...)                                                                                             \
    HONGYAN_TRY_PICK(__VA_ARGS__, HONGYAN_TRY_2, HONGYAN_TRY_2, HONGYAN_TRY_2, HONGYAN_TRY_2, HONGYAN_TRY_2, \
                     HONGYAN_TRY_2, HONGYAN_TRY_2, HONGYAN_TRY_1, )(__VA_ARGS__)
