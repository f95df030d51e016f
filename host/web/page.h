/* page.h - what the module imports from the page that has it (gui/web/vitrine.mjs, `host`): its clock, and files that it knows by
 * name. Between the files of this folder. Numbers above 32 bits go as doubles, which hold a file's size and a time exactly. */
#pragma once
#include "../failure.h"

#define PAGE(name) __attribute__((import_module("vitrine"), import_name(#name)))

/* Milliseconds since some moment; seconds since 1970 (UTC). */
PAGE(now) double page_now(void);
PAGE(date) double page_date(void);

/* A file's size; negative: there is none of that name. */
PAGE(file_size) double page_file_size(const char *path, size_t n);
/* Its number; negative: PAGE_ABSENT or PAGE_DENIED (to write, where it may only be read). */
PAGE(file_open) i32 page_file_open(const char *path, size_t n, bool write);
PAGE(file_close) void page_file_close(i32 file);
PAGE(file_bytes) double page_file_bytes(i32 file);
/* How many of n bytes; of a read 0 past its end; negative: PAGE_FAILED, PAGE_FULL. */
PAGE(file_read) i32 page_file_read(i32 file, double at, void *to, size_t n);
PAGE(file_write) i32 page_file_write(i32 file, double at, const void *from, size_t n);
/* 0, or as above. */
PAGE(file_resize) i32 page_file_resize(i32 file, double bytes);
/* A whole file that the program leaves behind. */
PAGE(file_put) i32 page_file_put(const char *path, size_t n, const void *bytes, size_t size);
/* Bytes to standard output (1) or error (2). */
PAGE(say) void page_say(i32 handle, const void *bytes, size_t n);

enum { PAGE_ABSENT = -1, PAGE_DENIED = -2, PAGE_FAILED = -3, PAGE_FULL = -4 };

/* What such a number means, as a failure; always false. failure.c */
bool page_failure(struct failure *why, i32 code);
