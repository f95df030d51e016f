/* log.h - what the machine says on stderr about its guest: chosen by class with -log. Guest nonsense and what is missing are said
 * once each, and then counted, so that a guest that does it all day floods nothing. */
#pragma once
#include "../host/base.h"
#include "cycle.h"
#include <stdatomic.h>

enum log_class {
    LOG_INT,        /* interrupts and exceptions */
    LOG_GUEST,      /* the guest did what the manual forbids */
    LOG_UNIMP,      /* the guest wants what Vitrine does not have */
    LOG_IO,         /* every port and MMIO access */
    LOG_PCI, LOG_DISK, LOG_VGA, LOG_INPUT, LOG_SERIAL, LOG_TIMER, LOG_DMA, LOG_POWER, LOG_SMM,
    LOG_CLASSES
};

struct log;

/* A log that prints nothing but LOG_GUEST and LOG_UNIMP, each site once. Never NULL. */
struct log *log_new(void);
void log_free(struct log *log);

/* Turn classes on, a comma list such as "int,io" ("all", "none"; "-name" turns one off).
 * False and the offending word copied to bad (size bytes) when a word is unknown. */
bool log_select(struct log *log, const char *list, char *bad, size_t size);
/* Name of a class ("int"), NULL past the end; and what it shows, for -log help. */
const char *log_class_name(int class);
const char *log_class_title(int class);

/* Where lines go; stderr when NULL. `text` is a line without its newline. */
void log_redirect(struct log *log, void (*out)(void *to, const char *text), void *to);
/* Who knows where the guest is: writes what is put behind a line of LOG_GUEST and LOG_UNIMP (", at CS:EIP"). */
void log_place(struct log *log, void (*place)(void *to, char *text, size_t size), void *to);

/* True when the class was selected with log_select. */
bool log_on(const struct log *log, enum log_class class);

/* Text as it is, whole lines, to stderr, also where lines are redirected: a report. */
void log_text(struct log *log, const char *text);
/* Lines that were dropped because nobody reads stderr (outlet.h): said at their place when there is room again, and by log_totals. */
u64 log_lost(const struct log *log);
/* Where this comes to be true, nothing waits for who reads stderr. */
void log_hurry(struct log *log, const atomic_bool *hurry);
/* Send what a slow reader has left, without waiting. */
void log_drain(struct log *log);

/* Print "class: text". Of a selected class every event, but of lines that repeat (cycle.h) a few and then the count; and
 * LOG_GUEST and LOG_UNIMP print each key of a site once, then its count when it reaches 10, 100, ...; of one site at most 64
 * keys. Not selected, these two print a site once, and with a key of their own the first 4 keys of a site. `site` must outlive the log. */
void log_at(struct log *log, enum log_class class, const char *site, u64 key, const char *fmt, ...) printf_like(5, 6);
/* Print the counts that are not yet known, at the end of a run. */
void log_totals(struct log *log);

enum { LOG_SITE = 0, LOG_TEXT = 2 };            /* keys: everything from a site is one; the text is the key */
#define LOG_STR2(x) #x
#define LOG_STR(x) LOG_STR2(x)
/* Macros because they name their own site. Cheap when off: test log_on() first on hot paths. log_event_key is for texts that
 * differ in what does not matter; its key is an address, a register's number, ..., and 1 and more. */
#define log_event(log, class, ...) log_at(log, class, __FILE__ ":" LOG_STR(__LINE__), LOG_TEXT, __VA_ARGS__)
#define log_event_key(log, class, key, ...) log_at(log, class, __FILE__ ":" LOG_STR(__LINE__), ((u64)(key) + 1) << 2, __VA_ARGS__)
