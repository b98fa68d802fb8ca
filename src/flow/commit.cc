#include "flow/commit.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace hongyan::flow {

namespace asio = net::asio;

net::Task<std::vector<Result<void>>> commit(engine::Engine& engine, std::vector<engine::Part> parts,
                                            engine::Together together) {
    std::vector<Result<void>> outcomes;
    if (parts.empty()) co_return outcomes;
    auto start = [&](auto handler) {
        const auto executor = asio::get_associated_executor(handler);
        auto work = asio::make_work_guard(executor);
        // The engine copies what it calls back; a handler cannot be copied.
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        engine.submit(std::move(parts), together,
                      [&outcomes, executor, work, resume](std::vector<Result<void>> all) {
                          outcomes = std::move(all);
                          asio::post(executor, std::move(*resume));
                      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<net::Executor>, void()>(
        std::move(start), asio::use_awaitable_t<net::Executor>{});
    co_return outcomes;
}

}  // namespace hongyan::flow
