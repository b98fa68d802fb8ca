#include "flow/commit.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace hongyan::flow {

namespace asio = net::asio;
using Guard = asio::executor_work_guard<net::Executor>;

net::Task<std::vector<Result<void>>> commit(engine::Engine& engine, std::vector<engine::Part> parts,
                                            engine::Together together) {
    std::vector<Result<void>> outcomes;
    if (parts.empty()) co_return outcomes;
    auto start = [&](auto handler) {
        const auto executor = asio::get_associated_executor(handler);
        // The engine copies what it calls back; a handler cannot be copied. The guard goes along with it: the
        // loop may be gone before the engine has thrown its callback away.
        auto resume = std::make_shared<std::pair<decltype(handler), Guard>>(std::move(handler),
                                                                            asio::make_work_guard(executor));
        engine.submit(std::move(parts), together,
                      [&outcomes, executor, resume](std::vector<Result<void>> all) {
                          outcomes = std::move(all);
                          asio::post(executor, [rest = std::move(*resume)]() mutable {
                              rest.second.reset();
                              std::move(rest.first)();
                          });
                      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<net::Executor>, void()>(
        std::move(start), asio::use_awaitable_t<net::Executor>{});
    co_return outcomes;
}

}  // namespace hongyan::flow
