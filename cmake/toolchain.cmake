# Warnings are errors for our code; Debian's headers arrive as system headers.
set(PRODUCTD_SANITIZERS "" CACHE STRING "Sanitizers for -fsanitize, empty for none")

add_library(productd_options INTERFACE)
target_compile_options(productd_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wswitch -Wnon-virtual-dtor -Wold-style-cast
    -Wimplicit-fallthrough -Wno-missing-designated-field-initializers -Werror)

# libstdc++ deprecates std::aligned_storage from 13 on, which Beast and RapidCheck use in templates; clang tells of that in each
# file of ours that makes one. With 12 what is deprecated is an error, for our code on both.
include(CheckCXXSourceCompiles)
check_cxx_source_compiles("#include <version>\nstatic_assert(_GLIBCXX_RELEASE < 13);\nint main() {}" PRODUCTD_DEPRECATIONS_ARE_OURS)
if(NOT PRODUCTD_DEPRECATIONS_ARE_OURS)
    target_compile_options(productd_options INTERFACE -Wno-deprecated-declarations)
endif()

# In a batch a parameter would shadow another file's constant: clang-tidy looks for this file by file (.clang-tidy).
if(NOT CMAKE_UNITY_BUILD)
    target_compile_options(productd_options INTERFACE -Wshadow)
endif()

if(PRODUCTD_SANITIZERS)
    add_compile_options(-fsanitize=${PRODUCTD_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${PRODUCTD_SANITIZERS})
endif()

add_link_options(-fuse-ld=lld-19 -Wl,--as-needed)

find_program(CCACHE ccache)
set(PRODUCTD_CCACHE_BASE ${CMAKE_SOURCE_DIR} CACHE PATH "What is below it has relative paths, in debug information too; empty: nothing has")
if(CCACHE)
    # A base folder makes builds of several checkouts share what they compiled.
    # What is sloppy here is what ccache wants for precompiled headers; their time stamp is left out, see below.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PRODUCTD_CCACHE_BASE} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_PCH_EXTSUM=1 ${CCACHE})
endif()
# The same everywhere, or what is parsed once could not be shared (some libraries ask for -pthread).
add_compile_options(-pthread "SHELL:-Xclang -fno-pch-timestamp")
# CMake would name the header by its full path too, which ccache does not make relative.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)
