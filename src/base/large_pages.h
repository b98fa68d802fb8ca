// Memory for large tables that are read all over the place.
#pragma once

#include <cstddef>
#include <limits>
#include <new>

#include <sys/mman.h>

namespace hongyan {

// An allocator that asks the kernel for large pages where there is enough for one: a table of some megabytes
// then needs a handful of entries in the processor's table of pages, and not a thousand. A wish only: where
// it is not granted, all is as with any other.
template <typename T>
struct LargePages {
    using value_type = T;
    static constexpr std::size_t page = std::size_t{2} << 20U;  // bytes, of x86-64 and of most of AArch64

    LargePages() = default;
    template <typename U>
    explicit(false) LargePages(const LargePages<U>& /*other*/) {}

    T* allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T))
            throw std::bad_array_new_length();
        const auto size = count * sizeof(T);
        auto* const memory = ::operator new(size, alignment(size));
        if (is_large(size)) (void)::madvise(memory, size / page * page, MADV_HUGEPAGE);
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t count) {
        const auto size = count * sizeof(T);
        ::operator delete(memory, alignment(size));
    }
    friend bool operator==(const LargePages& /*a*/, const LargePages& /*b*/) { return true; }

private:
    static bool is_large(std::size_t size) { return size >= page; }
    static std::align_val_t alignment(std::size_t size) {
        return std::align_val_t(is_large(size) ? page : alignof(std::max_align_t));
    }
};

}  // namespace hongyan
