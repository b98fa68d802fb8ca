#include "net/loops.h"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/thread_name.h"

namespace hongyan::net {

void Loop::post(std::move_only_function<void()> action) { asio::post(context_, std::move(action)); }

Loops::Loops(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>());
    for (auto& loop : loops_)
        threads_.emplace_back([context = &loop->context_] {
            name_this_thread("loop");
            context->run();
        });
}

Loops::~Loops() { stop(); }

void Loops::stop() {
    for (auto& loop : loops_) loop->context_.stop();
    threads_.clear();
}

void start(Loop& loop, Task<> task) {
    asio::co_spawn(loop.executor(), std::move(task), [](const std::exception_ptr& broken) {
        if (broken) std::rethrow_exception(broken);
    });
}

}  // namespace hongyan::net
