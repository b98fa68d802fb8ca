// A judge at one session, asked without a server. For tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "spam/judge.h"

namespace hongyan::spam {

// What the task returns, on a loop of its own.
template <typename T>
T run(net::Task<T> task) {
    net::asio::io_context context(1);
    std::optional<T> result;
    auto talk = [&]() -> net::Task<void> { result = co_await std::move(task); };
    net::asio::co_spawn(context.get_executor(), talk(), [](const std::exception_ptr& broken) {
        if (broken) std::rethrow_exception(broken);
    });
    context.run();
    return std::move(*result);
}
inline void run(net::Task<void> task) {
    auto talk = [&]() -> net::Task<int> {
        co_await std::move(task);
        co_return 0;
    };
    (void)run<int>(talk());
}

inline smtp::Path to_path(std::string_view address) {
    return message::parse_path(fmt::format("<{}>", address)).value();
}

inline smtp::Deliver mail(smtp::Client client, std::string_view sender,
                          std::initializer_list<std::string_view> recipients,
                          std::string_view text = "Subject: hello\r\n\r\nHello\r\n") {
    smtp::Deliver came{.client = std::move(client),
                       .envelope = {.sender = to_path(sender)},
                       .message = std::make_shared<const std::string>(text)};
    for (const auto recipient : recipients) came.envelope.recipients.push_back({.path = to_path(recipient)});
    return came;
}

// The codes of what was found: "dnsbl hello-own-name".
inline std::string codes(const Judgement& judgement) {
    std::string codes;
    for (const auto& finding : judgement.findings) codes += (codes.empty() ? "" : " ") + finding.code;
    return codes;
}

// "550 5.7.1 words", or nothing.
inline std::string said(const std::optional<smtp::Reply>& reply) {
    return reply ? smtp::to_text(*reply) : std::string();
}

}  // namespace hongyan::spam
