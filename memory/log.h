/* log.h - what the machine says about its guest: chosen by class with -log. Guest nonsense and what is missing are said
 * once each, and then counted, so that a guest that does it all day floods nothing. */
#pragma once
#include "../host/handle.h"
#include "cycle.h"
#include <stdatomic.h>

struct log;

/* A class is a word: "disk". Two are everybody's and fold by themselves: "guest", the guest did what the manual forbids, and
 * "unimp", it wants what Vitrine does not have. The others are traces, of the processor or of devices, which make them known.
 * A log that knows "guest", "unimp" and "io", and tells nothing but the first two, each site once; where it goes
 * must be said. Never NULL. */
struct log *log_new(void);
void log_free(struct log *log);

/* Make a class known, by its word and what it shows; of the same word from several, all that they show. The word must outlive the log. */
void log_class_add(struct log *log, const char *name, const char *title);
/* Name of the k-th class, NULL past the end; and what it shows, for -log help. */
const char *log_class_name(const struct log *log, int k);
const char *log_class_title(const struct log *log, int k);

/* Turn classes on, a comma list such as "int,io" ("all", "none"; "-name" turns one off).
 * False and the offending word copied to bad (size bytes) when a word is unknown. */
bool log_select(struct log *log, const char *list, char *bad, size_t size);

/* Lines and reports go to this handle of the host, by way of an outlet. */
void log_to(struct log *log, struct handle out);
/* Lines go here instead; NULL: not any more. `text` is a line without its newline. */
void log_redirect(struct log *log, void (*out)(void *to, const char *text), void *to);
/* Who knows where the guest is: writes what is put behind a line of "guest" and "unimp" (", at CS:EIP"). */
void log_place(struct log *log, void (*place)(void *to, char *text, size_t size), void *to);

/* Who hears every event of the traces, selected or not, but those of "io" and "int" (who wants these has them from spaces and
 * processors), and of the other two what is said of them. Lines that are printed are not changed. NULL: nobody. */
void log_tap(struct log *log, void (*told)(void *to, const char *class, const char *text), void *to);

/* True when the class was selected with log_select, or is heard by log_tap; false of a class that nobody made known. Cheap while
 * nothing is selected. */
bool log_on(const struct log *log, const char *class);

/* Nothing is told, folded or counted meanwhile: what happens has happened before, and was told then. */
void log_mute(struct log *log, bool on);

/* Text as it is, whole lines, to the handle, also where lines are redirected: a report. */
void log_text(struct log *log, const char *text);
/* Lines that were dropped because nobody reads the handle (outlet.h): said where they are missing once there is room again, and by
 * log_totals. */
u64 log_lost(const struct log *log);
/* Where this comes to be true, nothing waits for its reader. */
void log_hurry(struct log *log, const atomic_bool *hurry);
/* Send what a slow reader has left, without waiting. */
void log_drain(struct log *log);

/* Print "class: text". Of a selected class every event, but of lines that repeat (cycle.h) a few and then the count; and
 * "guest" and "unimp" print each key of a site once, then its count when it reaches 10, 100, ...; of one site at most 64
 * keys. Not selected, these two print a site once, and with a key of their own the first 4 keys of a site. `site` must outlive the log. */
void log_at(struct log *log, const char *class, const char *site, u64 key, const char *fmt, ...) printf_like(5, 6);
/* Print the counts that are not yet known, at the end of a run. */
void log_totals(struct log *log);

enum { LOG_SITE = 0, LOG_TEXT = 2 };            /* keys: everything from a site is one; the text is the key */
#define LOG_STR2(x) #x
#define LOG_STR(x) LOG_STR2(x)
/* Macros because they name their own site. Cheap when off: test log_on() first on hot paths. log_event_key is for texts that
 * differ in what does not matter; its key is an address, a register's number, ..., and 1 and more. */
#define log_event(log, class, ...) log_at(log, class, __FILE__ ":" LOG_STR(__LINE__), LOG_TEXT, __VA_ARGS__)
#define log_event_key(log, class, key, ...) log_at(log, class, __FILE__ ":" LOG_STR(__LINE__), ((u64)(key) + 1) << 2, __VA_ARGS__)
