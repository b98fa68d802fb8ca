# How every file is compiled: the language, the warnings, the sanitizers of the preset, cache and linker.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)  # we have none, and looking for them reads every file twice
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(HONGYAN_SANITIZE "" CACHE STRING "empty, 'address', 'thread' or 'fuzzer'")
option(HONGYAN_COVERAGE "count which lines the tests reach" OFF)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wimplicit-fallthrough -Werror)
# One setting for libraries and programs, so that they share one pre-compiled header.
add_compile_options(-fPIE)
add_link_options(-pie)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # A pre-compiled header without a time stamp can come from ccache.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp" -fcolor-diagnostics)
endif()

if(HONGYAN_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(HONGYAN_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(HONGYAN_SANITIZE STREQUAL "fuzzer")
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(HONGYAN_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
find_program(LLD NAMES ld.lld-19 ld.lld)
if(MOLD)
  add_link_options(-fuse-ld=mold)
elseif(LLD)
  add_link_options(-fuse-ld=lld)
endif()
set(CMAKE_JOB_POOLS link=2)
set(CMAKE_JOB_POOL_LINK link)
