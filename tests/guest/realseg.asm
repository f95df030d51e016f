; realseg.asm - real-address mode: the limit of FFFFH, wraps of SP, IP and offsets, 32-bit addresses, the line at 1 MB.
; Follows: Intel SDM Vol. 3A "8086 Emulation", "Limit Checking"; Vol. 1 "Stack Behavior", Vol. 2 "PUSH", "PUSHA", "ENTER",
; "LEAVE", "CALL", "JMP", their lists "Real-Address Mode Exceptions"; Vol. 3A "8086 Emulation" (A20M#).
; Where a fault cannot be delivered for lack of room on the stack the processor shuts down: probes/.
%define GUEST "realseg"
%include "lib.inc"
%include "real.inc"
%include "board.inc"

SEG_    equ 5000h                       ; a segment of its own: 50000h-5FFFFh
FLAT    equ 50000h

; SP_ a: SS:SP is SEG_:a
%macro SP_ 1
        mov ax, SEG_
        mov ss, ax
        mov esp, %1
%endmacro
; REAL_FAULT name, vector, code
%macro REAL_FAULT 3+
        TRY %1
        REAL
        mov bp, SEG_
        mov es, bp
        AT
        %3
        CAUGHT %2, NONE
%endmacro

main:
        call real_setup
        mov edi, FLAT
        xor eax, eax
        mov ecx, 10000h / 4
        cld
        rep stosd
        call data
        call wide
        call stack
        call frames
        call code
        call line
        DONE

data:
        mov dword [FLAT + 0fffch], 44332211h
        TRY "up to FFFFH"
        REAL
        mov ax, SEG_
        mov es, ax
        mov cl, [es:0ffffh]
        mov dx, [es:0fffeh]
        mov ebx, [es:0fffch]
        CAUGHT OK, NONE
        CHECK_BITS "a byte at FFFFH", [rec.ecx], 0ffh, 44h
        CHECK_BITS "a word at FFFEH", [rec.edx], 0ffffh, 4433h
        CHECK "a dword at FFFCH", dword [rec.ebx], 44332211h
        REAL_FAULT "read a word at FFFFH", GP, mov cx, [es:0ffffh]
        REAL_FAULT "write a word at FFFFH", GP, mov [es:0ffffh], cx
        REAL_FAULT "read a dword at FFFDH", GP, mov ecx, [es:0fffdh]
        REAL_FAULT "write a dword at FFFDH", GP, mov [es:0fffdh], ecx
        REAL_FAULT "ADD to a word at FFFFH", GP, add word [es:0ffffh], 1
        REAL_FAULT "a qword at FFF9H", GP, fild qword [es:0fff9h]
        REAL_FAULT "LGDT at FFFCH", GP, lgdt [es:0fffch]
        REAL_FAULT "through SS: #SS", SS_, mov cx, [ss:0ffffh]
        REAL_FAULT "through FS: #GP", GP, mov cx, [fs:0ffffh]
        REAL_FAULT "through CS: #GP", GP, mov cx, [cs:0ffffh]
        CHECK "nothing was written", dword [FLAT + 0fffch], 44332211h
        TRY "BX + SI wraps at 64 KB"
        REAL
        mov ax, SEG_
        mov es, ax
        mov bx, 0ffffh
        mov si, 0fffeh
        mov cx, [es:bx + si + 1]                ; FFFEH
        mov si, 0fffh
        mov dx, [es:bx + si - 0fffh + 0fffdh]   ; 1FFFBH: FFFCH - 1
        CAUGHT OK, NONE
        CHECK_BITS "sum of 17 bits", [rec.ecx], 0ffffh, 4433h
        mov dword [FLAT], 88776655h
        TRY "BP: the stack segment"
        REAL
        mov ax, SEG_
        mov ss, ax
        mov esp, 8000h
        mov bp, 0fffeh
        mov cx, [bp + 2]                        ; wraps to 0
        mov dx, [bp]
        CAUGHT OK, NONE
        CHECK_BITS "offset 0", [rec.ecx], 0ffffh, 6655h
        CHECK_BITS "offset FFFEH", [rec.edx], 0ffffh, 4433h
        TRY "XLAT: BX + AL wraps"
        REAL
        mov ax, SEG_
        mov es, ax
        mov bx, 0fffeh
        mov al, 3
        es xlatb
        movzx ecx, al
        CAUGHT OK, NONE
        CHECK "offset 1", dword [rec.ecx], 66h
        TRY "BT with a negative bit"
        REAL
        mov ax, SEG_
        mov es, ax
        mov cx, -16
        bt [es:0], cx                           ; offset FFFEH
        setc dl
        mov cx, -15
        bt [es:0], cx
        setc dh
        CAUGHT OK, NONE
        CHECK_BITS "bits 0 and 1 of 4433h", [rec.edx], 0ffffh, 101h
        ret

; A 32-bit address is compared with the limit as it is.
wide:
        REAL_FAULT "[EBX] at 10000H", GP, mov ecx, [dword es:10000h]
        TRY "[EBX] at FFFFFFFFH"
        REAL
        mov ebx, -1
        AT
        mov cl, [ebx]
        CAUGHT GP, NONE
        TRY "[ESP] beyond: #SS"
        REAL
        mov esp, 17af0h                         ; SP is what counts for stack operations
        push ax
        pop ax
        mov ebp, 17af0h
        AT
        mov cl, [ebp]
        CAUGHT SS_, NONE
        TRY "[ESP + 10000H] wraps at 4 GB only"
        REAL
        mov ax, SEG_
        mov es, ax
        mov ebx, 0ffffffffh
        mov cx, [es:ebx + 1]
        CAUGHT OK, NONE
        CHECK_BITS "offset 0", [rec.ecx], 0ffffh, 6655h
        TRY "LEA of 32 bits keeps the sum"
        REAL
        mov ebx, 0ffffh
        lea ecx, [ebx + 1]
        lea edx, [bx + 1]
        mov esi, -1
        o16 lea si, [ebx + 1]
        CAUGHT OK, NONE
        CHECK "32-bit addresses", dword [rec.ecx], 10000h
        CHECK "16-bit addresses", dword [rec.edx], 0
        CHECK "16-bit operand", dword [rec.esi], 0ffff0000h
        ret

stack:
        TRY "PUSH with SP 0: FFFEH"
        REAL
        SP_ 0
        mov dx, 1234h
        push dx
        mov cx, sp
        mov bx, [ss:0fffeh]
        CAUGHT OK, NONE
        CHECK_BITS "SP", [rec.ecx], 0ffffh, 0fffeh
        CHECK_BITS "what was pushed", [rec.ebx], 0ffffh, 1234h
        TRY "PUSH with SP 2, then 0"
        REAL
        SP_ 12340002h
        push word 1111h
        mov ecx, esp
        push word 2222h
        mov edx, esp
        mov bx, [ss:0]
        mov di, [ss:0fffeh]
        CAUGHT OK, NONE
        CHECK "ESP: the upper half stays", dword [rec.ecx], 12340000h
        CHECK "ESP after the wrap", dword [rec.edx], 1234fffeh
        CHECK_BITS "at 0", [rec.ebx], 0ffffh, 1111h
        CHECK_BITS "at FFFEH", [rec.edi], 0ffffh, 2222h
        TRY "PUSH of 4 bytes with SP 2: #SS... its frame has room"
        REAL
        SP_ 2
        AT
        push eax                                ; at FFFEH, across the end
        CAUGHT SS_, NONE
        CHECK "SP is as before", dword [rec.esp], 2
        TRY "POP at FFFEH: SP 0"
        REAL
        SP_ 0fffeh
        pop cx
        mov dx, sp
        CAUGHT OK, NONE
        CHECK_BITS "SP", [rec.edx], 0ffffh, 0
        TRY "POP at FFFFH"
        REAL
        SP_ 0ffffh
        AT
        pop cx
        CAUGHT SS_, NONE
        TRY "POP of 4 bytes at FFFEH"
        REAL
        SP_ 0fffeh
        AT
        pop ecx
        CAUGHT SS_, NONE
        TRY "PUSHA with SP 8: the last at FFF8H"
        REAL
        SP_ 8
        mov bx, 4444h
        mov di, 7777h
        pusha
        mov cx, sp
        mov dx, [ss:0fff8h]
        mov si, [ss:0]
        CAUGHT OK, NONE
        CHECK_BITS "SP", [rec.ecx], 0ffffh, 0fff8h
        CHECK_BITS "DI", [rec.edx], 0ffffh, 7777h
        CHECK_BITS "BX", [rec.esi], 0ffffh, 4444h
        mov word [.sp], 7
.odd:   TRY "PUSHA with SP 7, 9, 11, 13, 15: #GP"
        REAL
        mov bx, [.sp]
        SP_ ebx
        AT
        pusha
        CAUGHT GP, NONE
        add word [.sp], 2
        cmp word [.sp], 17
        jb .odd
        TRY "POPA across the end"
        REAL
        SP_ 0fff8h
        popa
        mov cx, sp
        CAUGHT OK, NONE
        CHECK_BITS "SP", [rec.ecx], 0ffffh, 8
        TRY "PUSHF, POPF across the end"
        REAL
        SP_ 0
        stc
        pushf
        clc
        popf
        setc cl
        mov dx, sp
        CAUGHT OK, NONE
        CHECK_BITS "CF", [rec.ecx], 0ffh, 1
        CHECK_BITS "SP", [rec.edx], 0ffffh, 0
        TRY "ENTER across the end"
        REAL
        SP_ 4
        mov ebp, 0abcd0006h
        mov word [ss:4], 5555h
        mov word [ss:2], 6666h
        enter 10h, 3
        mov cx, sp
        mov edx, ebp
        mov bx, [ss:2]                          ; BP
        mov si, [ss:0]                          ; the first outer frame's pointer
        mov di, [ss:0fffch]                     ; this frame's
        mov ax, [ss:0fffeh]
        CAUGHT OK, NONE
        CHECK_BITS "SP", [rec.ecx], 0ffffh, 0ffech
        CHECK "EBP", dword [rec.edx], 0abcd0002h
        CHECK_BITS "old BP", [rec.ebx], 0ffffh, 6
        CHECK_BITS "outer frame 1", [rec.esi], 0ffffh, 5555h
        CHECK_BITS "outer frame 2: already overwritten", [rec.eax], 0ffffh, 6
        CHECK_BITS "this frame", [rec.edi], 0ffffh, 2
        TRY "LEAVE with BP FFFEH"
        REAL
        SP_ 1000h
        mov word [ss:0fffeh], 9876h
        mov ebp, 5555fffeh
        leave
        mov cx, sp
        mov edx, ebp
        CAUGHT OK, NONE
        CHECK_BITS "SP", [rec.ecx], 0ffffh, 0
        CHECK "EBP", dword [rec.edx], 55559876h
        TRY "LEAVE with BP FFFFH"
        REAL
        SP_ 1000h
        mov bp, 0ffffh
        AT
        leave
        CAUGHT SS_, NONE
        CHECK "SP is as before", dword [rec.esp], 1000h
        TRY "RET n and RETF across the end"
        REAL
        SP_ 0fffeh
        mov word [ss:0fffeh], .to
        ret 4
.to:    mov cx, sp
        mov word [ss:4], .far
        mov word [ss:6], 0
        retf 0fff0h
.far:   mov dx, sp
        CAUGHT OK, NONE
        CHECK_BITS "SP after RET 4", [rec.ecx], 0ffffh, 4
        CHECK_BITS "SP after RETF", [rec.edx], 0ffffh, 0fff8h
        TRY "CALL FAR: IP at FFFEH"
        REAL
        SP_ 2
        call 0:.called
.called:
        mov cx, sp
        mov dx, [ss:0fffeh]
        CAUGHT OK, NONE
        CHECK_BITS "SP", [rec.ecx], 0ffffh, 0fffeh
        CHECK_BITS "IP", [rec.edx], 0ffffh, .called
        ret
.sp     dd 0

; Frames of interrupts wrap as pushes do.
frames:
        TRY "INT with SP 0"
        REAL
        SP_ 0
        int 40h
        AT
        CAUGHT 40h, NONE
        CHECK_BITS "SP in the handler", [rec.hesp], 0ffffh, 0fffah
        TRY "INT with SP 2"
        REAL
        SP_ 2
        int 40h
        AT
        CAUGHT 40h, NONE
        CHECK_BITS "SP in the handler", [rec.hesp], 0ffffh, 0fffch
        CHECK "SS", dword [rec.ss], SEG_
        TRY "INT with SP 4"
        REAL
        SP_ 4
        int 40h
        AT
        CAUGHT 40h, NONE
        CHECK_BITS "SP in the handler", [rec.hesp], 0ffffh, 0fffeh
        TRY "INT with SP 7: it fits exactly"
        REAL
        SP_ 7
        int 40h
        AT
        CAUGHT 40h, NONE
        CHECK_BITS "SP in the handler", [rec.hesp], 0ffffh, 1
        TRY "IRET across the end"
        REAL
        SP_ 0fffeh
        mov word [ss:0fffeh], .back
        mov word [ss:0], 0
        mov word [ss:2], 3
        iret
.back:  setc cl
        mov dx, sp
        CAUGHT OK, NONE
        CHECK_BITS "CF", [rec.ecx], 0ffh, 1
        CHECK_BITS "SP", [rec.edx], 0ffffh, 4
        TRY "IRET: a word at FFFFH"
        REAL
        SP_ 0fffdh
        AT
        iret
        CAUGHT SS_, NONE
        ret

; Code at the end of a segment: SEG_ holds it.
code:
        mov dword [FLAT + 0fff0h], 9090eeebh        ; JMP short -16 + 2: FFE0H
        mov word [FLAT + 0ffe0h], 40cdh         ; INT 40H
        TRY "a short jump near the end"
        REAL
        jmp SEG_:0fff0h
        CAUGHT 40h, NONE
        CHECK "IP pushed", dword [rec.eip], 0ffe2h
        CHECK "CS", dword [rec.cs], SEG_
        mov word [FLAT + 0fff0h], 30ebh         ; to 10022H: 22H
        mov word [FLAT + 22h], 40cdh
        TRY "a short jump over the end: IP is 16 bits"
        REAL
        jmp SEG_:0fff0h
        CAUGHT 40h, NONE
        CHECK "IP pushed", dword [rec.eip], 24h
        mov dword [FLAT + 30h], 0e9h                  ; JMP near ...
        mov word [FLAT + 31h], 0ffb0h           ; ... to FFE3H
        mov word [FLAT + 0ffe3h], 42cdh
        TRY "a near jump below 0"
        REAL
        jmp SEG_:30h
        CAUGHT 42h, NONE
        CHECK "IP pushed", dword [rec.eip], 0ffe5h
        mov word [FLAT + 0fffeh], 40cdh         ; the last instruction of the segment
        TRY "INT at FFFEH: IP 0 is pushed"
        REAL
        jmp SEG_:0fffeh
        CAUGHT 40h, NONE
        CHECK "IP pushed", dword [rec.eip], 0
        mov byte [FLAT + 0ffffh], 0b8h          ; MOV AX, imm16: two bytes beyond
        TRY "an instruction across the end"
        REAL
        jmp SEG_:0ffffh
        CAUGHT GP, NONE
        CHECK "IP pushed", dword [rec.eip], 0ffffh
        mov byte [FLAT + 0ffffh], 90h
        TRY "past the end: #GP, not 0"
        REAL
        jmp SEG_:0ffffh
        CAUGHT GP, NONE
        CHECK "CS", dword [rec.cs], SEG_
        REAL_FAULT "a 32-bit jump beyond", GP, o32 jmp near $ + 10000h
        TRY "a 32-bit indirect jump beyond"
        REAL
        mov ecx, 10000h
        AT
        jmp ecx
        CAUGHT GP, NONE
        TRY "a 32-bit return beyond"
        REAL
        push dword 10000h
        AT
        o32 ret
        CAUGHT GP, NONE
        TRY "a far jump beyond"
        REAL
        AT
        jmp dword 0:10000h
        CAUGHT GP, NONE
        TRY "a 32-bit call within"
        REAL
        mov cx, sp
        mov edx, .call
        call edx
.call:  pop ebx
        sub cx, sp
        CAUGHT OK, NONE
        CHECK "EIP pushed", dword [rec.ebx], .call
        CHECK_BITS "balanced", [rec.ecx], 0ffffh, 0
        ret

; FFFFH:0010H is 1 MB, or 0 with A20M#.
line:
        mov dword [0], 0                        ; nobody needs the old table
        mov dword [FREE_HIGH], 10101010h
        mov dword [FREE_HIGH + 0ffech], 0fefefefh
        mov dword [FREE_LOW], 20202020h
        mov dword [FREE_HIGH + FREE_LOW], 30303030h
        TRY "A20 on"
        REAL
        mov ax, 0ffffh
        mov es, ax
        mov ecx, [es:10h]
        mov edx, [es:0fffch]
        mov ebx, [es:FREE_LOW + 10h]
        CAUGHT OK, NONE
        CHECK "FFFF:0010 is 100000H", dword [rec.ecx], 10101010h
        CHECK "FFFF:FFFC is 10FFECH", dword [rec.edx], 0fefefefh
        CHECK "FFFF:0510", dword [rec.ebx], 30303030h
        mov bl, 0dfh & ~2
        call output_port
        TRY "A20 off"
        REAL
        mov al, 0
        out 92h, al
        mov ax, 0ffffh
        mov es, ax
        mov ebx, [es:FREE_LOW + 10h]
        mov ecx, [es:10h]
        mov dword [es:FREE_LOW + 14h], 40404040h
        mov edx, [FREE_LOW + 4]
        mov al, 2
        out 92h, al
        mov esi, [es:FREE_LOW + 10h]
        CAUGHT OK, NONE
        mov bl, 0dfh
        call output_port
        CHECK "FFFF:0510 is 500H", dword [rec.ebx], 20202020h
        CHECK "FFFF:0010 is 0", dword [rec.ecx], 0
        CHECK "a write there", dword [rec.edx], 40404040h
        CHECK "A20 on again", dword [rec.esi], 30303030h
        TRY "code at FFFF:0010"
        mov word [FREE_HIGH], 40cdh
        REAL
        jmp 0ffffh:10h
        CAUGHT 40h, NONE
        CHECK "CS", dword [rec.cs], 0ffffh
        CHECK "IP", dword [rec.eip], 12h
        ret

image_end:
