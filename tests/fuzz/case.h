/* case.h - one case of a fuzz harness: what it may cost, and how it fails.
 * A harness is a file f_NAME.c that defines LLVMFuzzerTestOneInput and nothing else that is visible: libFuzzer, AFL++'s libAFLDriver
 * and replay.c run it. See README.md. */
#pragma once
#include "bytes.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* A case that takes more than so much time of the processor (its own: a busy host does not count) is a finding, and so is
 * exhausted host memory: what a guest or a file does may not end the program. An ordinary case takes milliseconds. */
enum { CASE_SECONDS = 20 };
void case_begin(void);
void case_end(void);

/* Where the host may have no such memory, that may come: false if it did. What was allocated in run() leaks then; these programs do not look for leaks. */
bool case_survives(void (*run)(void *with), void *with);

/* The case has failed: says why and aborts, so that the fuzzer keeps the input. */
_Noreturn void case_fail(const char *fmt, ...) printf_like(1, 2);
/* The same unless `good`. */
#define case_check(good, ...) do { if (!(good)) case_fail(__VA_ARGS__); } while (0)

/* A file in the host's memory that begins with these bytes and is `bytes` long (holes are zeros); good until the next call. */
const char *case_file(const u8 *data, size_t size, u64 bytes);

/* What the program says to people on stdout and stderr is not shown from now on; FAILED lines are. */
void case_quiet(void);
