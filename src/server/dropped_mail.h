// Takes in the mail that programs of this machine leave in the drop folder: what lies there when the server
// begins, and what comes while it runs.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include "base/file.h"
#include "base/put_off.h"
#include "flow/dropped.h"
#include "server/house.h"

namespace hongyan::server {

// The setting drop.folder, or its default in the data folder.
std::filesystem::path drop_folder(const config::Config& config);

// Has a thread of its own, which sleeps until the folder changes or half a minute has passed.
class DroppedMail {
public:
    using CurrentRules = std::function<std::shared_ptr<const Rules>()>;
    // `rules` is asked for each letter, on this thread of its own.
    DroppedMail(std::filesystem::path folder, const flow::World& world, CurrentRules rules);
    // Finishes the letter that it is at.
    ~DroppedMail();
    DroppedMail(const DroppedMail&) = delete;
    DroppedMail& operator=(const DroppedMail&) = delete;

private:
    void work(const std::stop_token& stop);
    void wait();
    void take_all(const std::stop_token& stop);
    void take(const std::string& name);
    Result<flow::Taken> try_to_take(const std::string& name);
    void put_off(const std::string& name, std::string_view what, const Error& why);
    void set_aside(const std::string& name, const Error& why);
    void forget_marks();
    void complain(const Result<void>& outcome) const;

    std::filesystem::path folder_;
    const flow::World& world_;
    CurrentRules rules_;
    Descriptor changes_;  // inotify; none: the folder is only looked at from time to time
    Descriptor ending_;   // an eventfd
    PutOff later_;        // letters that wait
    std::jthread thread_;
};

}  // namespace hongyan::server
