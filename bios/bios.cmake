# Our firmware, assembled by NASM where that is found (HAVE_NASM), as a C file: ${embedded}.

set(blobs kernelboot handover isarom hello)
set(embedded ${CMAKE_BINARY_DIR}/bios/embedded.c)
set(bins)
set(missing ${blobs})
if(NASM)
    set(missing)
    add_compile_definitions(HAVE_NASM)
    foreach(name ${blobs})
        set(bin ${CMAKE_BINARY_DIR}/bios/${name}.bin)
        add_custom_command(OUTPUT ${bin} DEPENDS ${CMAKE_CURRENT_LIST_DIR}/${name}.asm
            COMMAND ${NASM} -f bin -o ${bin} ${CMAKE_CURRENT_LIST_DIR}/${name}.asm)
        list(APPEND bins ${bin})
    endforeach()
endif()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/bios)
add_custom_command(OUTPUT ${embedded} DEPENDS ${bins} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    COMMAND ${CMAKE_COMMAND} -DOUT=${embedded} "-DIN=${bins}" "-DMISSING=${missing}"
        -DHEADER=${CMAKE_CURRENT_LIST_DIR}/bios.h -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake VERBATIM)
