/* forms.h - compile TEMPLATE for each operand size and the forms that FORMS_OF selects: 2 two operands, 1 one, 'L' load,
 * 'P' plain (one form, sizes 16 and 32),
 * 'S' stack (flat or not, register or immediate), 'J' what a conditional jump is fused with,
 * 'Q' registers and immediates only, 'q' one register, 'M' a source in memory, flat. */
/* uW, iW: of the operand's width; uDOUBLE, iDOUBLE: of a product's; uSHIFT, iSHIFT: for a width shifted by any count. */
#define uSHIFT u64
#define iSHIFT i64
#define COUNT_MASK 31
#define W 8
#define uW u8
#define iW i8
#define uDOUBLE u16
#define iDOUBLE i16
#if FORMS_OF != 'P' && FORMS_OF != 'S'
#include "forms1.h"
#endif
#undef W
#undef uW
#undef iW
#undef uDOUBLE
#undef iDOUBLE
#define W 16
#define uW u16
#define iW i16
#define uDOUBLE u32
#define iDOUBLE i32
#include "forms1.h"
#undef W
#undef uW
#undef iW
#undef uDOUBLE
#undef iDOUBLE
#define W 32
#define uW u32
#define iW i32
#define uDOUBLE u64
#define iDOUBLE i64
#include "forms1.h"
#undef W
#undef uW
#undef iW
#undef uDOUBLE
#undef iDOUBLE
#undef TEMPLATE
#undef FORMS_OF
#undef uSHIFT
#undef iSHIFT
#undef COUNT_MASK
