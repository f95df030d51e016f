/* base.h - the few types and helpers every file uses. Includes nothing of ours. */
#pragma once
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t  u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t   i8;
typedef int16_t  i16;
typedef int32_t  i32;
typedef int64_t  i64;

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define likely(x)    __builtin_expect(!!(x), 1)
#define unlikely(x)  __builtin_expect(!!(x), 0)
#define noinline     __attribute__((noinline))
#ifdef __clang__
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define printf_like(fmt, args) __attribute__((format(gnu_printf, fmt, args)))    /* C99's, on every host */
#endif

static inline u16 swap16(u16 v) { return __builtin_bswap16(v); }
static inline u32 swap32(u32 v) { return __builtin_bswap32(v); }
static inline u64 swap64(u64 v) { return __builtin_bswap64(v); }

/* Guest memory is little-endian: these read and write it at any alignment, on every host. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { HOST_BIG_ENDIAN = 0 };
#else
enum { HOST_BIG_ENDIAN = 1 };
#endif
static inline u16 get16(const void *p) { u16 v; memcpy(&v, p, 2); return HOST_BIG_ENDIAN ? swap16(v) : v; }
static inline u32 get32(const void *p) { u32 v; memcpy(&v, p, 4); return HOST_BIG_ENDIAN ? swap32(v) : v; }
static inline u64 get64(const void *p) { u64 v; memcpy(&v, p, 8); return HOST_BIG_ENDIAN ? swap64(v) : v; }
static inline void put16(void *p, u16 v) { if (HOST_BIG_ENDIAN) v = swap16(v); memcpy(p, &v, 2); }
static inline void put32(void *p, u32 v) { if (HOST_BIG_ENDIAN) v = swap32(v); memcpy(p, &v, 4); }
static inline void put64(void *p, u64 v) { if (HOST_BIG_ENDIAN) v = swap64(v); memcpy(p, &v, 8); }

/* Letters of names and numbers: ASCII, whatever the user's language. */
static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_letter(char c) { return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }
static inline char to_lower(char c) { return is_letter(c) ? (char)(c | 0x20) : c; }

/* The low `size` (1, 2, 4, 8) bytes of all ones. */
static inline u64 mask_bytes(int size) { return size >= 8 ? ~0ull : (1ull << (8 * size)) - 1; }

/* calloc that never returns NULL: for what is small. Guest memory, whole files and the like are asked for where a failure can be
 * told of (ram_new, calloc itself). */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

/* Where these find no memory. The program defines this function; without one it is abort(). */
_Noreturn void vitrine_out_of_memory(size_t bytes);
