// Lines of the log that go out together with the next one: one call of the system for both.
#pragma once

namespace hongyan::log {

// What this thread writes while one of these lives waits for the next line, whoever writes that, or for the
// end of the Output. Only for what another line follows for certain and soon, whatever happens.
class WithNext {
public:
    WithNext();
    ~WithNext();
    WithNext(const WithNext&) = delete;
    WithNext& operator=(const WithNext&) = delete;
};

}  // namespace hongyan::log
