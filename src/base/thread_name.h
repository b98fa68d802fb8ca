// What a thread is called where the system shows threads: in top -H, in a debugger, in a profile.
#pragma once

#include <pthread.h>

namespace hongyan {

// At most 15 characters; longer ones change nothing.
inline void name_this_thread(const char* name) { (void)::pthread_setname_np(::pthread_self(), name); }

}  // namespace hongyan
