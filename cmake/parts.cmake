# The libraries we stand on, all from the distribution's packages, and the flags of every target.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(Boost 1.75 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CURL REQUIRED)
find_path(WSLAY_INCLUDE wslay/wslay.h REQUIRED)
find_library(WSLAY_LIBRARY wslay REQUIRED)  # the package has no .pc file
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv>=1.44)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_search_module(MOZJS REQUIRED IMPORTED_TARGET mozjs-128 mozjs-115 mozjs-102)

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
add_link_options(-Wl,--as-needed)
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers)
# What GCC's optimizer believes of std::optional and short arrays is wrong where it warns.
add_compile_options($<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-maybe-uninitialized>
                    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-array-bounds>
                    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-stringop-overflow>)
if(HELIO_SANITIZE)
    add_compile_options(-fsanitize=${HELIO_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${HELIO_SANITIZE})
endif()
if(HELIO_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# What every room may use.  <uv.h>, <lmdb.h> and the like are kept to their folders by tests/tidy.
add_library(part_base INTERFACE)
target_link_libraries(part_base INTERFACE
    Boost::headers fmt::fmt spdlog::spdlog tl::expected protobuf::libprotobuf
    PkgConfig::UV PkgConfig::LMDB PkgConfig::TOMLPLUSPLUS Threads::Threads OpenSSL::SSL
    CURL::libcurl ${WSLAY_LIBRARY})

add_library(part_openssl INTERFACE)
target_link_libraries(part_openssl INTERFACE OpenSSL::Crypto OpenSSL::SSL)

add_library(part_bridge INTERFACE)
target_link_libraries(part_bridge INTERFACE CURL::libcurl PkgConfig::RE2)

# Only bridge/payload/js and the codec child process.
add_library(part_javascript INTERFACE)
target_link_libraries(part_javascript INTERFACE PkgConfig::MOZJS PkgConfig::SECCOMP)
