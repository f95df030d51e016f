/* parts.h - struct stub, for the files that make it up. */
#pragma once
#include "stub.h"
#include "target.h"
#include "wire.h"
#include "../../cpu/cpu.h"
#include <stdio.h>

/* The numbers of errors where gdb takes no words. */
enum { ERROR_ADDRESS = 0x0e, ERROR_PACKET = 0x16 };

/* A Z packet's kinds, by number. */
enum z_kind { Z_SOFTWARE, Z_HARDWARE, Z_WRITE, Z_READ, Z_ACCESS, Z_KINDS };

struct gdb_stop {
    enum z_kind kind;
    struct point *point;
};

struct stub {
    struct control *control;
    struct machine *m;
    struct stub_ways ways;
    struct stub_back back;
    struct target *target;
    struct wire wire;
    struct answer answer;
    char frame[WIRE_MOST + 4];          /* the last answer as it was sent, for `-` */
    size_t frame_n;
    u8 in[512];                         /* what came: in[in_at] up to in_n is not taken yet */
    int in_at, in_n;
    enum stub_state state;
    bool no_ack;
    bool tells_swbreak, tells_hwbreak;  /* gdb understands these in a stop reply */
    bool dead_end;                      /* the machine can only end from here on, and that was told, after so many instructions: */
    u64 dead_at;
    int cpu, cpu_of_c;                  /* the processor that g, m and so on mean, and the one that it stopped in; c: -1 any */
    int stopped_in;
    struct gdb_stop *stops;
    int stop_count;
    char reply[200];                    /* the last stop reply, for `?` */
};

/* stub.c */
struct cpu *stub_cpu(const struct stub *s);
int stub_cpu_count(const struct stub *s);
/* May the machine be changed? Else the answer says why not. */
bool stub_may_change(struct stub *s);
/* Send what stands in s->answer; or a packet of its own before that, while the machine runs ("O"). */
void stub_send(struct stub *s, const struct answer *a);
void stub_answer(struct stub *s, const char *fmt, ...) printf_like(2, 3);   /* s->answer becomes this text */
/* What has come while it ran? Noise is gone then; a packet or an interrupt waits for stub_serve(). */
enum arrival { ARRIVAL_NONE, ARRIVAL_NOISE, ARRIVAL_PACKET, ARRIVAL_END };
enum arrival stub_arrived(struct stub *s);

/* packets.c: one packet into s->answer. False: none is to be sent. */
bool packet_obey(struct stub *s, const char *p, size_t n);

/* registers.c, memory.c: each takes what stands behind the packet's letter. */
void packet_g(struct stub *s);
void packet_G(struct stub *s, const char *p);
void packet_p(struct stub *s, const char *p);
void packet_P(struct stub *s, const char *p);
void packet_m(struct stub *s, const char *p);
void packet_M(struct stub *s, const char *p);
void packet_X(struct stub *s, const char *p, size_t n);
/* qXfer:memory-map's document, to be freed. */
char *memory_map_xml(struct stub *s, size_t *n);

/* query.c: q and Q packets. */
void packet_query(struct stub *s, const char *p);

/* stops.c: Z and z (`set`); all of them away; is a place among them; which of them ended the last run, and how: NULL none. */
void packet_Z(struct stub *s, const char *p, bool set);
void stops_clear(struct stub *s);
bool stops_at(const struct stub *s, u64 linear);
const struct gdb_stop *stops_hit(const struct stub *s, const struct point_hit **hit);

/* resume.c: what lets the machine run. False: the answer, if one is due, has been sent. */
bool packet_resume(struct stub *s, const char *p);
bool packet_vcont(struct stub *s, const char *p);
bool packet_back(struct stub *s, const char *p);
/* "PID.TID", "TID", "-1" (all) or "0" (any): the processor's number, -1 for all or any. False: no such thread. */
bool thread_number(const struct stub *s, const char **at, int *k);
