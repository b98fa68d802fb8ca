# The libraries we use, each as a target package_NAME. All of them are Debian packages (see tools/packages).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(package_from_pkgconfig name module)
  pkg_check_modules(${name} REQUIRED QUIET IMPORTED_TARGET ${module})
  add_library(package_${name} INTERFACE)
  target_link_libraries(package_${name} INTERFACE PkgConfig::${name})
endfunction()

package_from_pkgconfig(icu_uc icu-uc)
package_from_pkgconfig(icu_i18n icu-i18n)
package_from_pkgconfig(openssl openssl)
package_from_pkgconfig(zstd libzstd)
package_from_pkgconfig(zlib zlib)
package_from_pkgconfig(pugixml pugixml)
package_from_pkgconfig(lz4 liblz4)
package_from_pkgconfig(argon2 libargon2)
package_from_pkgconfig(idn2 libidn2)
package_from_pkgconfig(crypt libcrypt)
package_from_pkgconfig(psl libpsl)
package_from_pkgconfig(fmt fmt)
package_from_pkgconfig(spdlog spdlog)
package_from_pkgconfig(yaml_cpp yaml-cpp)  # tests only

function(package_from_library name library)
  find_library(${name}_LIBRARY ${library} REQUIRED)
  add_library(package_${name} INTERFACE)
  target_link_libraries(package_${name} INTERFACE ${${name}_LIBRARY} Threads::Threads)
endfunction()

package_from_library(rocksdb rocksdb)
package_from_library(prometheus prometheus-cpp-core)
package_from_library(rapidcheck rapidcheck)
# Its headers use std::aligned_storage, which the standard library of Debian 13 calls deprecated.
target_compile_options(package_rapidcheck INTERFACE -Wno-deprecated-declarations)
package_from_library(unbound unbound)

foreach(headers_only asio cli11 tomlplusplus)
  add_library(package_${headers_only} INTERFACE)
  target_link_libraries(package_${headers_only} INTERFACE Threads::Threads)
endforeach()
# Our handlers run on one thread per context, and an error is a value: exceptions stay for broken invariants.
# Asio's own recycling gives a small frame of an idle connection the large block that some other frame left behind.
target_compile_definitions(package_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_EXPERIMENTAL_WARNING
                           BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
target_compile_definitions(package_tomlplusplus INTERFACE TOML_EXCEPTIONS=0)

find_library(boost_json_LIBRARY boost_json REQUIRED)
add_library(package_boost_json INTERFACE)
target_link_libraries(package_boost_json INTERFACE ${boost_json_LIBRARY})

find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
