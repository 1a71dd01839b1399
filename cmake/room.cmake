# helio_room(NAME LINKS targets...): the library helio_NAME of all sources below NAME/.
#
# The room is reached through <build>/rooms/NAME/NAME, a link to its folder, and that link is the
# only thing on the include path it gives away.  Its .proto files are compiled to
# <build>/generated/NAME and are included as "NAME/proto/x.pb.h".  A folder with a CMakeLists.txt
# of its own (a program or a library with other links) is left out here and added after the room.
function(helio_room name)
    cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
    string(REPLACE "-" "_" target helio_${name})

    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/rooms/${name})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${name} ${CMAKE_BINARY_DIR}/rooms/${name}/${name} SYMBOLIC)

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
    file(GLOB_RECURSE own_lists CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*/CMakeLists.txt)
    foreach(list ${own_lists})
        get_filename_component(folder ${list} DIRECTORY)
        list(FILTER sources EXCLUDE REGEX "^${folder}/")
    endforeach()

    file(GLOB_RECURSE protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.proto)
    set(generated_root ${CMAKE_BINARY_DIR}/generated/${name})
    file(MAKE_DIRECTORY ${generated_root})
    foreach(proto ${protos})
        file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR} ${proto})
        string(REGEX REPLACE "\\.proto$" "" stem ${relative})
        add_custom_command(
            OUTPUT ${generated_root}/${stem}.pb.cc ${generated_root}/${stem}.pb.h
            COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR} --cpp_out=${generated_root}
                    ${relative}
            DEPENDS ${proto}
            WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        list(APPEND generated ${generated_root}/${stem}.pb.cc)
        list(APPEND generated_headers ${generated_root}/${stem}.pb.h)
    endforeach()
    set_source_files_properties(${generated} PROPERTIES COMPILE_OPTIONS "-w")

    if(sources OR generated)
        add_library(${target} STATIC ${sources} ${generated} ${generated_headers})
        set(scope PUBLIC)
        if(generated)
            add_custom_target(${target}_protos DEPENDS ${generated_headers})
            add_dependencies(${target} ${target}_protos)
        endif()
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_include_directories(${target} ${scope} ${CMAKE_BINARY_DIR}/rooms/${name} ${generated_root})
    target_link_libraries(${target} ${scope} ${ARG_LINKS})

    foreach(list ${own_lists})
        get_filename_component(folder ${list} DIRECTORY)
        add_subdirectory(${folder})
    endforeach()
endfunction()
