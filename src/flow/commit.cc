#include "flow/commit.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>

#include "net/hand_over.h"

namespace hongyan::flow {

namespace asio = net::asio;

net::Task<std::vector<Result<void>>> commit(engine::Engine& engine, std::vector<engine::Part> parts,
                                            engine::Together together) {
    std::vector<Result<void>> outcomes;
    if (parts.empty()) co_return outcomes;
    auto start = [&](auto handler) {
        // The engine copies what it calls back; a handler cannot be copied. The guard is given away with it:
        // the loop may be gone before the engine has thrown its callback away.
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        auto resume = std::make_shared<std::pair<decltype(handler), net::WorkGuard>>(std::move(handler),
                                                                                     std::move(guard));
        engine.submit(std::move(parts), together, [&outcomes, resume](std::vector<Result<void>> all) {
            outcomes = std::move(all);
            net::hand_over(std::move(resume->second),
                           [rest = std::move(resume->first)]() mutable { std::move(rest)(); });
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<net::Executor>, void()>(
        std::move(start), asio::use_awaitable_t<net::Executor>{});
    co_return outcomes;
}

}  // namespace hongyan::flow
