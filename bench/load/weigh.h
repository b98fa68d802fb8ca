// What a server's processes use, as Linux counts it in /proc. Reading another user's processes takes root.
#pragma once

#include <cstdint>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "net/task.h"

namespace hongyan::load {

struct Usage {
    double cpu = 0;             // seconds, user and system; counted in ticks of 10 ms
    std::uint64_t written = 0;  // bytes the processes caused to be written to a disk

    friend Usage operator-(const Usage& a, const Usage& b) { return {a.cpu - b.cpu, a.written - b.written}; }
};

// A server: some processes and all their descendants. Children that have ended are counted in their parents.
class Scale {
public:
    explicit Scale(std::vector<pid_t> roots) : roots_(std::move(roots)) {}

    // Nothing is weighed without a process.
    bool in_use() const { return !roots_.empty(); }
    // A Failure where a root has gone: what it used would be missing.
    Usage usage() const;
    // Resident memory in bytes; pages shared with others count as a share (PSS).
    std::uint64_t memory() const;
    std::size_t processes() const { return tree().size(); }

    // Until the server has hardly worked for a while, at most until the deadline: what it does late belongs
    // to what was asked of it.
    net::Task<> settle(net::Deadline deadline) const;

private:
    std::vector<pid_t> tree() const;
    std::vector<pid_t> roots_;
};

// Watches the memory on a thread of its own and keeps the highest it saw. The scale must outlive it.
class Peak {
public:
    explicit Peak(const Scale& scale);
    // Ends the watch; bytes.
    std::uint64_t highest();

private:
    const Scale& scale_;
    std::uint64_t highest_ = 0;  // the thread's until it has ended
    std::jthread watch_;
};

// Of this process.
double own_cpu();

}  // namespace hongyan::load
