/* tables.h - the initialisers of the handler tables, by the class and the sizes of the list's lines. Include after the templates. */
#pragma once
#define HS(n, w, f) CAT(PREFIX, n, w, f)

#define SIZES_ALL(row, n)   { row(n, 8), row(n, 16), row(n, 32) }
#define SIZES_WIDE(row, n)  { { NULL }, row(n, 16), row(n, 32) }
#define SIZES_BYTE(row, n)  { row(n, 8) }

#define RM5(n, w) \
    [FORM_RB] = HS(n, w, RB), [FORM_RX] = HS(n, w, RX), [FORM_RG] = HS(n, w, RG), \
    [FORM_RS] = HS(n, w, RS), [FORM_RW] = HS(n, w, RW)
#define MR5(n, w) \
    [FORM_BR] = HS(n, w, BR), [FORM_XR] = HS(n, w, XR), [FORM_GR] = HS(n, w, GR), \
    [FORM_SR] = HS(n, w, SR), [FORM_WR] = HS(n, w, WR)
#define MI5(n, w) \
    [FORM_BI] = HS(n, w, BI), [FORM_XI] = HS(n, w, XI), [FORM_GI] = HS(n, w, GI), \
    [FORM_SI] = HS(n, w, SI), [FORM_WI] = HS(n, w, WI)
#define M5(n, w) \
    [FORM_MB] = HS(n, w, MB), [FORM_MX] = HS(n, w, MX), [FORM_MG] = HS(n, w, MG), \
    [FORM_MS] = HS(n, w, MS), [FORM_MW] = HS(n, w, MW)
#define RR(n, w)  [FORM_RR] = HS(n, w, RR)
#define RI(n, w)  [FORM_RI] = HS(n, w, RI)

#define FAST_TWO(n, w)      { RR(n, w), RI(n, w), RM5(n, w), MR5(n, w), MI5(n, w) }
#define FAST_COMPARE(n, w)  FAST_TWO(n, w)
#define FAST_MOVE(n, w)     FAST_TWO(n, w)
#define FAST_TEST(n, w)     { RR(n, w), RI(n, w), MR5(n, w), MI5(n, w) }
#define FAST_EXCHANGE(n, w) { RR(n, w), MR5(n, w) }
#define FAST_DOUBLE(n, w)   { RR(n, w) }
#define FAST_LOAD(n, w)     { RR(n, w), RM5(n, w) }
#define FAST_ADDRESS(n, w)  { [FORM_RB] = HS(n, w, RB), [FORM_RX] = HS(n, w, RX), [FORM_RW] = HS(n, w, RW) }
#define FAST_ONE(n, w)      { [FORM_R] = HS(n, w, R), M5(n, w) }
#define FAST_CARRY(n, w)    { [FORM_R] = HS(n, w, R) }
#define FAST_STACK(n, w)    { [FORM_FLAT_R] = HS(n, w, FLAT_R), [FORM_ANY_R] = HS(n, w, ANY_R) }
#define FAST_STACK_RI(n, w) { [FORM_FLAT_R] = HS(n, w, FLAT_R), [FORM_FLAT_I] = HS(n, w, FLAT_I), \
                              [FORM_ANY_R] = HS(n, w, ANY_R), [FORM_ANY_I] = HS(n, w, ANY_I) }
#define FAST_PLAIN(n, w)    { [FORM_PLAIN] = HS(n, w, PLAIN) }

#define SLOW_OF_TWO(n, w)      { HS(n, w, RR), HS(n, w, RI), HS(n, w, RM), HS(n, w, MR), HS(n, w, MI) }
#define SLOW_OF_COMPARE(n, w)  SLOW_OF_TWO(n, w)
#define SLOW_OF_MOVE(n, w)     SLOW_OF_TWO(n, w)
#define SLOW_OF_TEST(n, w)     { [SLOW_RR] = HS(n, w, RR), [SLOW_RI] = HS(n, w, RI), [SLOW_MR] = HS(n, w, MR), [SLOW_MI] = HS(n, w, MI) }
#define SLOW_OF_EXCHANGE(n, w) { [SLOW_RR] = HS(n, w, RR), [SLOW_MR] = HS(n, w, MR) }
#define SLOW_OF_DOUBLE(n, w)   SLOW_OF_EXCHANGE(n, w)
#define SLOW_OF_LOAD(n, w)     { [SLOW_RR] = HS(n, w, RR), [SLOW_RM] = HS(n, w, RM) }
#define SLOW_OF_ADDRESS(n, w)  { [SLOW_RM] = HS(n, w, RM) }
#define SLOW_OF_ONE(n, w)      { [SLOW_R] = HS(n, w, R), [SLOW_M] = HS(n, w, M) }
#define SLOW_OF_CARRY(n, w)    SLOW_OF_ONE(n, w)
#define SLOW_OF_STACK(n, w)    { [SLOW_STACK_R] = HS(n, w, FLAT_R) }
#define SLOW_OF_STACK_RI(n, w) { [SLOW_STACK_R] = HS(n, w, FLAT_R), [SLOW_STACK_I] = HS(n, w, FLAT_I) }
#define SLOW_OF_PLAIN(n, w)    { [SLOW_PLAIN] = HS(n, w, PLAIN) }
