# For CMake: WebAssembly by clang and wasi-libc (Debian: clang-19, lld-19, wasi-libc, libclang-rt-19-dev-wasm32).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
find_program(WASM_CC NAMES clang-19 clang-20 clang-21 clang-22 clang)
set(CMAKE_C_COMPILER ${WASM_CC})
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
