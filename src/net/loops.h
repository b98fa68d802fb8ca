// The threads that sessions live on.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

#include "net/task.h"

namespace hongyan::net {

// One io_context with its thread. What runs here runs on one thread, for life.
class Loop {
public:
    Loop() : context_(1), work_(asio::make_work_guard(context_)) {}
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    Executor executor() { return context_.get_executor(); }
    asio::io_context& context() { return context_; }

    // From any thread: runs the action on this loop's thread.
    void post(std::move_only_function<void()> action);

private:
    friend class Loops;
    asio::io_context context_;
    asio::executor_work_guard<Executor> work_;
};

// A loop per core. Belongs to the thread that made it.
class Loops {
public:
    explicit Loops(std::size_t count);
    // Stops and joins the threads; tasks that still wait are destroyed.
    ~Loops();
    Loops(const Loops&) = delete;
    Loops& operator=(const Loops&) = delete;

    // Ends what runs and joins the threads; tasks that still wait are destroyed with the loops. For an owner
    // whose tasks use what he destroys before them.
    void stop();

    std::size_t size() const { return loops_.size(); }
    Loop& operator[](std::size_t index) { return *loops_[index]; }

private:
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::jthread> threads_;
};

// Begins a task on the loop, from any thread. It is nobody's to wait for; a broken invariant in it ends the
// program, so sessions catch theirs themselves.
void start(Loop& loop, Task<> task);

}  // namespace hongyan::net
