# SeaBIOS as it travels with Vitrine: sets `seabios_files`, its images, and `seabios_notes`, its licence (copyright.txt) and where its source is
# (SOURCE.txt), made in the build's folder; both empty where Debian's package seabios is not installed.
set(seabios /usr/share/seabios CACHE PATH "Where Debian's package seabios has its images")
set(seabios_licence /usr/share/doc/seabios/copyright CACHE FILEPATH "Its licence text")
set(seabios_files)
set(seabios_notes)
if(EXISTS ${seabios}/bios-256k.bin AND EXISTS ${seabios_licence})
    set(seabios_files ${seabios}/bios-256k.bin ${seabios}/vgabios-stdvga.bin)
    execute_process(COMMAND dpkg-query -W -f \${Version} seabios OUTPUT_VARIABLE seabios_version ERROR_QUIET)
    configure_file(${CMAKE_CURRENT_LIST_DIR}/SOURCE.txt.in ${CMAKE_BINARY_DIR}/seabios/SOURCE.txt @ONLY)
    configure_file(${seabios_licence} ${CMAKE_BINARY_DIR}/seabios/copyright.txt COPYONLY)
    set(seabios_notes ${CMAKE_BINARY_DIR}/seabios/SOURCE.txt ${CMAKE_BINARY_DIR}/seabios/copyright.txt)
endif()
