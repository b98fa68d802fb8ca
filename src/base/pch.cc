// The pre-compiled header needs a translation unit to be compiled in.
