include(GoogleTest)

# Modules that know no Asio are compiled without what is parsed once for those that do.
set(PRODUCTD_WITHOUT_ASIO domain codec tracing telemetry inbound/tls)
# Modules of which a mutant replaces one file when it is linked (chaos/node/mutants.cmake): an object a file, no batches.
set(PRODUCTD_FILE_BY_FILE domain app/worker app/worker/core app/worker/offsets outbound/mongo)
# Every adapter, for the tests that run over all of them.
set(PRODUCTD_OUTBOUND outbound/sqlite/log outbound/sqlite/store outbound/kafka outbound/mongo outbound/redis outbound/admin
    outbound/observed outbound/otlp)

# Names the libraries of modules: app/ports is productd_app_ports.
function(productd_libraries output)
    set(libraries ${ARGN})
    list(TRANSFORM libraries REPLACE "/" "_")
    list(TRANSFORM libraries PREPEND productd_)
    set(${output} ${libraries} PARENT_SCOPE)
endfunction()

# productd_module(PATH [FOLDERS folder...] [USES module...] [LINKS library...])
# One static library from src/PATH/*.cpp, and from those FOLDERS of it that are no modules of their own.
function(productd_module path)
    cmake_parse_arguments(MODULE "" "" "FOLDERS;USES;LINKS" ${ARGN})
    set(patterns ${CMAKE_SOURCE_DIR}/src/${path}/*.cpp)
    foreach(folder ${MODULE_FOLDERS})
        list(APPEND patterns ${CMAKE_SOURCE_DIR}/src/${path}/${folder}/*.cpp)
    endforeach()
    file(GLOB sources CONFIGURE_DEPENDS ${patterns})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")

    productd_libraries(library ${path})
    productd_libraries(used ${MODULE_USES})
    set(kind PUBLIC)
    if(sources)
        add_library(${library} STATIC ${sources})
        if(path IN_LIST PRODUCTD_FILE_BY_FILE)
            set_target_properties(${library} PROPERTIES UNITY_BUILD OFF)
        endif()
        target_link_libraries(${library} PRIVATE productd_options)
        if(NOT path IN_LIST PRODUCTD_WITHOUT_ASIO)
            target_precompile_headers(${library} REUSE_FROM productd_precompiled_asio)
        endif()
    else()
        set(kind INTERFACE)  # Headers alone.
        add_library(${library} INTERFACE)
    endif()
    target_include_directories(${library} ${kind} ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${library} ${kind} ${used} ${MODULE_LINKS})
endfunction()

# productd_unit_tests(FOLDER USES module...): FOLDER_test from every *_test.cpp below src/FOLDER.
function(productd_unit_tests folder)
    cmake_parse_arguments(TEST "" "" "USES" ${ARGN})
    file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*_test.cpp)
    productd_test(${folder}_test SOURCES ${tests} USES ${TEST_USES})
endfunction()

# productd_test(NAME SOURCES file... USES module... [LINKS library...] [MAIN own] [PROPERTIES of its tests...])
function(productd_test name)
    cmake_parse_arguments(TEST "" "MAIN" "SOURCES;USES;LINKS;PROPERTIES" ${ARGN})
    set(main GTest::gtest_main)
    if(TEST_MAIN)
        set(main GTest::gtest)
    endif()
    add_executable(${name} ${TEST_SOURCES})
    productd_libraries(used ${TEST_USES})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    # Told only to those who ask: with a path of this folder among its flags a file is compiled anew in every checkout.
    foreach(source ${TEST_SOURCES})
        file(STRINGS ${source} asks REGEX "PRODUCTD_SOURCE_DIR")
        if(asks OR source MATCHES "tests/stack/")
            set_property(SOURCE ${source} APPEND PROPERTY
                COMPILE_DEFINITIONS PRODUCTD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
        endif()
    endforeach()
    target_link_libraries(${name} PRIVATE ${used} ${TEST_LINKS} productd_options GTest::gmock ${main} rapidcheck)
    target_link_libraries(${name} PRIVATE productd_asio)
    target_precompile_headers(${name} REUSE_FROM productd_precompiled_test)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120 ${TEST_PROPERTIES})
endfunction()
