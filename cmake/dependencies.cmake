# Everything comes from packages of Debian 12 or 13; tools/setup.sh installs them.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers)  # CMake's own module for it is being removed.
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(simdjson REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(Protobuf REQUIRED)  # Module mode first: gRPC's own configuration expects its targets.
find_package(gRPC CONFIG REQUIRED)
find_package(GTest REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
pkg_check_modules(BSON REQUIRED IMPORTED_TARGET libbson-1.0)
pkg_check_modules(MONGOC REQUIRED IMPORTED_TARGET libmongoc-1.0)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.40)

# Asio and Beast are compiled once (src/asio.cpp) instead of in every file that includes them.
add_library(productd_asio STATIC ${CMAKE_SOURCE_DIR}/src/asio.cpp)
target_compile_definitions(productd_asio PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(productd_asio PUBLIC Boost::headers OpenSSL::SSL Threads::Threads)

# What programs allocate with (decision 13). Sanitizers bring their own.
add_library(productd_allocator INTERFACE)
if(NOT PRODUCTD_SANITIZERS)
    target_sources(productd_allocator INTERFACE ${CMAKE_SOURCE_DIR}/src/allocator.cpp)
    target_link_libraries(productd_allocator INTERFACE PkgConfig::JEMALLOC)
endif()
