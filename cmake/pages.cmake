# The web pages, embedded in the library of REST: tools/make_pages.py makes a C++ file of api/ and of Swagger UI, which
# `make setup` fetches into the user's cache folder. Where it is not there, its page is a plain one.
set(PRODUCTD_SWAGGER_UI "" CACHE PATH "The folder of Swagger UI's files; empty for the cache folder, where `make setup` puts them")

set(swagger_ui ${PRODUCTD_SWAGGER_UI})
if(NOT swagger_ui)
    execute_process(COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/fetch_swagger.py --where
        OUTPUT_VARIABLE swagger_ui OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()
file(GLOB swagger_files CONFIGURE_DEPENDS ${swagger_ui}/swagger-ui.css ${swagger_ui}/swagger-ui-bundle.js)
if(NOT swagger_files)
    message(STATUS "Swagger UI is not in ${swagger_ui}: its page will be a plain one (tools/fetch_swagger.py fetches it)")
endif()
file(GLOB page_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/api/openapi.yaml ${CMAKE_SOURCE_DIR}/api/pages/*)
set(page_tools ${CMAKE_SOURCE_DIR}/tools/make_pages.py ${CMAKE_SOURCE_DIR}/tools/plain_page.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/fetch_swagger.py)

set(embedded_pages ${CMAKE_BINARY_DIR}/pages/embedded_pages.cpp)
add_custom_command(
    OUTPUT ${embedded_pages}
    COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tools/make_pages.py
        --output ${CMAKE_BINARY_DIR}/pages --version ${PROJECT_VERSION} ${swagger_files}
    DEPENDS ${page_sources} ${page_tools} ${swagger_files}
    COMMENT "Making the web pages"
    VERBATIM)
target_sources(productd_inbound_rest PRIVATE ${embedded_pages})
# By itself: nothing but its own source says which files the assembler takes in, and that has a mark of what they hold.
set_source_files_properties(${embedded_pages} TARGET_DIRECTORY productd_inbound_rest PROPERTIES
    SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
