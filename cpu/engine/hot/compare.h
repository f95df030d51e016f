/* compare.h - for fuse.inc: CMP's conditions straight from its operands. */
#define CMP_o   COND_o
#define CMP_no  COND_no
#define CMP_b   (a < b)
#define CMP_nb  (a >= b)
#define CMP_z   (a == b)
#define CMP_nz  (a != b)
#define CMP_be  (a <= b)
#define CMP_nbe (a > b)
#define CMP_s   ((iW)r < 0)
#define CMP_ns  ((iW)r >= 0)
#define CMP_p   COND_p
#define CMP_np  COND_np
#define CMP_l   ((iW)a < (iW)b)
#define CMP_nl  ((iW)a >= (iW)b)
#define CMP_le  ((iW)a <= (iW)b)
#define CMP_nle ((iW)a > (iW)b)
