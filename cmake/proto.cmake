# productd_proto: what protoc makes of proto/, in the build tree. Generated code is compiled without our warnings and
# included as system headers.
set(PROTO_SOURCE_DIR ${CMAKE_SOURCE_DIR}/proto)
set(PROTO_OUTPUT_DIR ${CMAKE_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${PROTO_OUTPUT_DIR})

set(proto_generated "")
foreach(file product/product google/rpc/status google/rpc/error_details grpc/health/v1/health)
    set(outputs ${PROTO_OUTPUT_DIR}/${file}.pb.cc ${PROTO_OUTPUT_DIR}/${file}.pb.h)
    set(arguments --cpp_out=${PROTO_OUTPUT_DIR})
    if(file STREQUAL "product/product")  # The one with a service.
        list(APPEND outputs ${PROTO_OUTPUT_DIR}/${file}.grpc.pb.cc ${PROTO_OUTPUT_DIR}/${file}.grpc.pb.h)
        list(APPEND arguments --grpc_out=${PROTO_OUTPUT_DIR}
            --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
        OUTPUT ${outputs}
        COMMAND protobuf::protoc -I ${PROTO_SOURCE_DIR} ${arguments} ${PROTO_SOURCE_DIR}/${file}.proto
        DEPENDS ${PROTO_SOURCE_DIR}/${file}.proto
        COMMENT "Generating ${file}.proto"
        VERBATIM)
    list(APPEND proto_generated ${outputs})
endforeach()

add_library(productd_proto STATIC ${proto_generated})
target_include_directories(productd_proto SYSTEM PUBLIC ${PROTO_OUTPUT_DIR})
target_compile_options(productd_proto PRIVATE -w)
target_link_libraries(productd_proto PUBLIC gRPC::grpc++ gRPC::grpc++_reflection protobuf::libprotobuf)
set_target_properties(productd_proto PROPERTIES CXX_CLANG_TIDY "")
set_target_properties(productd_proto PROPERTIES UNITY_BUILD OFF)  # Its files have names of one another.
