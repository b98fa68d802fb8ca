// Who may come in: connections are counted, in all and for each site.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"
#include "net/endpoint.h"

namespace hongyan::server {

// May be used from any thread.
class Admission {
public:
    // A place in the house; given back when it is destroyed. The Admission must outlive it.
    class Ticket {
    public:
        Ticket(Ticket&& other) noexcept
            : admission_(std::exchange(other.admission_, nullptr)), site_(std::move(other.site_)) {}
        Ticket& operator=(Ticket&&) = delete;
        ~Ticket() { give_back(); }
        void give_back() {
            if (admission_ != nullptr) std::exchange(admission_, nullptr)->leave(site_);
        }

        bool is_named() const { return site_.has_value(); }

    private:
        friend class Admission;
        explicit Ticket(Admission& admission) : admission_(&admission) {}
        Admission* admission_;
        std::optional<std::string> site_ = {};  // nothing: he has not said yet where he is from
    };

    // `unavailable` with a text for the client if there are too many, here and below.
    Result<Ticket> admit(const net::Endpoint& peer, const config::Limits& limits);
    // For whom a proxy is going to name: counted in all, and at his site when it is known.
    Result<Ticket> admit_unnamed(const config::Limits& limits);
    Result<void> name(Ticket& ticket, const net::Endpoint& client, const config::Limits& limits);

    std::size_t inside() const;

private:
    void leave(const std::optional<std::string>& site);

    mutable std::mutex mutex_;  // guards all below
    std::size_t inside_ = 0;
    std::map<std::string, std::size_t, std::less<>> by_site_;
};

}  // namespace hongyan::server
