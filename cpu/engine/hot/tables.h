/* tables.h - the initialisers of the handler tables, from the lists in bodies.h. Include after the templates. */
#pragma once
#define HS(n, w, f) CAT(PREFIX, n, w, f)
#define ROW_TWO_FAST(n, w) { HS(n, w, RR), HS(n, w, RI), \
    HS(n, w, RB), HS(n, w, RX), HS(n, w, RG), HS(n, w, RS), HS(n, w, RW), \
    HS(n, w, BR), HS(n, w, XR), HS(n, w, GR), HS(n, w, SR), HS(n, w, WR), \
    HS(n, w, BI), HS(n, w, XI), HS(n, w, GI), HS(n, w, SI), HS(n, w, WI) }
#define ROW_TEST_FAST(n, w) { [FORM_RR] = HS(n, w, RR), [FORM_RI] = HS(n, w, RI), \
    [FORM_BR] = HS(n, w, BR), [FORM_XR] = HS(n, w, XR), [FORM_GR] = HS(n, w, GR), [FORM_SR] = HS(n, w, SR), [FORM_WR] = HS(n, w, WR), \
    [FORM_BI] = HS(n, w, BI), [FORM_XI] = HS(n, w, XI), [FORM_GI] = HS(n, w, GI), [FORM_SI] = HS(n, w, SI), [FORM_WI] = HS(n, w, WI) }
#define ROW_LOAD_FAST(n, w) { [FORM_RR] = HS(n, w, RR), [FORM_RB] = HS(n, w, RB), [FORM_RX] = HS(n, w, RX), \
    [FORM_RG] = HS(n, w, RG), [FORM_RS] = HS(n, w, RS), [FORM_RW] = HS(n, w, RW) }
#define ROW_LEA_FAST(n, w) { [FORM_RB] = HS(n, w, RB), [FORM_RX] = HS(n, w, RX), [FORM_RW] = HS(n, w, RW) }
#define ROW_UNARY_FAST(n, w) { [FORM_RI] = HS(n, w, RI), [FORM_BI] = HS(n, w, BI), [FORM_XI] = HS(n, w, XI), \
    [FORM_GI] = HS(n, w, GI), [FORM_SI] = HS(n, w, SI), [FORM_WI] = HS(n, w, WI) }
#define ROW_REGISTER_FAST(n, w) { [FORM_RI] = HS(n, w, RI) }
#define ROW_XCHG_FAST(n, w) { [FORM_RR] = HS(n, w, RR), [FORM_BR] = HS(n, w, BR), [FORM_XR] = HS(n, w, XR), \
    [FORM_GR] = HS(n, w, GR), [FORM_SR] = HS(n, w, SR), [FORM_WR] = HS(n, w, WR) }
#define ROW_STACK_FAST(n, w) { [FORM_RR] = HS(n, w, RR), [FORM_RI] = HS(n, w, RI), [FORM_RB] = HS(n, w, RB), [FORM_RX] = HS(n, w, RX) }
#define ROW_STACK1_FAST(n, w) { [FORM_RR] = HS(n, w, RR), [FORM_RB] = HS(n, w, RB) }
#define ROW_PLAIN(n, w) { HS(n, w, RR) }

#define ROW_TWO_SLOW(n, w)   { HS(n, w, RR), HS(n, w, RI), HS(n, w, RM), HS(n, w, MR), HS(n, w, MI) }
#define ROW_TEST_SLOW(n, w)  { [SLOW_RR] = HS(n, w, RR), [SLOW_RI] = HS(n, w, RI), [SLOW_MR] = HS(n, w, MR), [SLOW_MI] = HS(n, w, MI) }
#define ROW_XCHG_SLOW(n, w)  { [SLOW_RR] = HS(n, w, RR), [SLOW_MR] = HS(n, w, MR) }
#define ROW_LOAD_SLOW(n, w)  { [SLOW_RR] = HS(n, w, RR), [SLOW_RM] = HS(n, w, RM) }
#define ROW_MEM_SLOW(n, w)   { [SLOW_RM] = HS(n, w, RM) }
#define ROW_UNARY_SLOW(n, w) { [SLOW_RI] = HS(n, w, RI), [SLOW_MI] = HS(n, w, MI) }
#define ROW_STACK_SLOW(n, w) { [SLOW_RR] = HS(n, w, RR), [SLOW_RI] = HS(n, w, RI) }
#define ROW_STACK1_SLOW(n, w) { [SLOW_RR] = HS(n, w, RR) }
