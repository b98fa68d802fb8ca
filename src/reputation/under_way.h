// Log-ins of which nobody knows yet how they end: each may be a guess.
#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hongyan::reputation {

// Counts them by names, and makes those wait who would be one too many, were all that are under way to fail.
// Some hundreds wait for one name at most; for all names as many as there are connections. Any thread.
class UnderWay {
public:
    // How many more may fail of that name. One may be under way in any case: how it ends settles what is to
    // become of the others.
    struct Room {
        std::string name = {};
        double left = 0;
    };

    // One that is under way, in each of its rooms, until this is destroyed. UnderWay must outlive it.
    class Place {
    public:
        Place() = default;
        Place(Place&& other) noexcept
            : under_way_(std::exchange(other.under_way_, nullptr)), names_(std::move(other.names_)) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(under_way_, other.under_way_);
            std::swap(names_, other.names_);
            return *this;
        }
        ~Place();

    private:
        friend class UnderWay;
        Place(UnderWay& under_way, std::vector<std::string> names)
            : under_way_(&under_way), names_(std::move(names)) {}
        UnderWay* under_way_ = nullptr;
        std::vector<std::string> names_;
    };

    // Somebody who may have to wait, as long as he tries to begin. UnderWay must outlive him.
    class Waiter {
    public:
        // `when_room` is called on the thread of whoever makes room, who holds our lock meanwhile.
        Waiter(UnderWay& under_way, std::function<void()> when_room)
            : under_way_(under_way), when_room_(std::move(when_room)) {}
        ~Waiter();
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;

    private:
        friend class UnderWay;
        UnderWay& under_way_;
        const std::function<void()> when_room_;
        // Guarded by UnderWay's lock; empty for none:
        std::string waits_for_;   // the room
        std::string called_for_;  // the room where another may begin if he does not
    };

    enum class Not { now, at_all };  // he waits; there are too many who do
    // May be tried again by one who has not been called: he keeps his turn where he has to wait on.
    // `rooms` is asked while nothing else begins or ends.
    std::expected<Place, Not> begin(Waiter& waiter, const std::function<std::vector<Room>()>& rooms);

private:
    bool is_full(const Room& room) const;
    Not wait(Waiter& waiter, const std::string& name);
    void stop_waiting(Waiter& waiter);
    void call_next(const std::string& name);
    void leave(const std::vector<std::string>& names);
    void leave(Waiter& waiter);

    std::mutex mutex_;  // guards what follows
    std::unordered_map<std::string, std::size_t> under_way_;
    std::unordered_map<std::string, std::deque<Waiter*>> waiting_;
};

}  // namespace hongyan::reputation
