; othercode.asm - code changed behind the processor's back: by DMA of the floppy controller, by A20, by page tables; A20 by each
; of its switches, with paging, for reads, writes and fetches.
; Follows: Intel SDM Vol. 3A "Handling Self- and Cross-Modifying Code", "8086 Emulation" (A20M#), "Caching Translation
; Information"; Intel 8237A, 82077AA and 8042 data sheets; Intel 82371SB (port 92h).
%define GUEST "othercode"
%include "lib.inc"
%include "board.inc"
%define PAGING_AT 200000h       ; in an even megabyte: A20 does not matter
%include "pages.inc"

HIGH_CODE equ 101000h           ; with A20 masked this is 1000h
LOW_CODE  equ 1000h
TRACK equ 18

%macro PUT_CODE 2               ; address, value: MOV EAX, value; RET
        mov byte [%1], 0b8h
        mov dword [(%1) + 1], %2
        mov byte [(%1) + 5], 0c3h
%endmacro
%macro RUN 3                    ; name, address, value
        mov ebx, %2
        mov eax, 0
        call ebx
        CHECK %1, eax, %3
%endmacro

main:
        cld
        ; ---- DMA ----
        call floppy_ready
        PUT_CODE HIGH_CODE, 1111h
        RUN "before", HIGH_CODE, 1111h
        RUN "again", HIGH_CODE, 1111h
        mov esi, HIGH_CODE
        mov edi, (page1 - $$) / 512
        call floppy_read
        RUN "DMA over code that has run", HIGH_CODE, 2222h
        PUT_CODE HIGH_CODE, 3333h
        RUN "stored over it", HIGH_CODE, 3333h
        mov esi, HIGH_CODE
        mov edi, (page2 - $$) / 512
        call floppy_read
        RUN "another sector over it", HIGH_CODE, 4444h
        RUN "and its end", HIGH_CODE + 500, 5555h
        ; a sector that begins in the middle of a routine
        mov byte [HIGH_CODE - 2], 90h
        mov byte [HIGH_CODE - 1], 0b8h
        mov dword [HIGH_CODE], 0c3c3c3c3h
        mov byte [HIGH_CODE + 4], 0c3h
        RUN "across the border", HIGH_CODE - 2, 0c3c3c3c3h
        mov esi, HIGH_CODE
        mov edi, (page3 - $$) / 512
        call floppy_read
        RUN "across the border, its end by DMA", HIGH_CODE - 2, 66666666h

        ; ---- A20: each switch; the board ORs them ----
        PUT_CODE HIGH_CODE, 0aaaah
        PUT_CODE LOW_CODE, 0bbbbh
        mov dword [HIGH_CODE + 10h], 1
        mov dword [LOW_CODE + 10h], 2
%macro A20_IS 2                 ; name, 1 or 0
  %if %2
        RUN %1, HIGH_CODE, 0aaaah
        CHECK %1, dword [HIGH_CODE + 10h], 1
  %else
        RUN %1, HIGH_CODE, 0bbbbh
        CHECK %1, dword [HIGH_CODE + 10h], 2
  %endif
        RUN %1, LOW_CODE, 0bbbbh
        CHECK %1, dword [LOW_CODE + 10h], 2
%endmacro
        A20_IS "both on", 1
        call keyboard_off
        A20_IS "port 92h alone", 1
        call port92_off
        A20_IS "both off", 0
        mov dword [HIGH_CODE + 14h], 77h
        CHECK "a write goes to 0", dword [LOW_CODE + 14h], 77h
        CHECK "3 MB is 2 MB", dword [300000h], dword [200000h]
        ; code written through the masked address is the low code
        PUT_CODE HIGH_CODE, 0cccch
        RUN "written while masked", LOW_CODE, 0cccch
        PUT_CODE LOW_CODE, 0bbbbh
        RUN "written below, run above", HIGH_CODE, 0bbbbh
        call keyboard_on
        A20_IS "8042 alone", 1
        call keyboard_off
        A20_IS "off again", 0
        call port92_on
        A20_IS "port 92h again", 1
        call keyboard_on
        in al, 92h
        and al, 2
        movzx eax, al
        CHECK "port 92h reads back", eax, 2
        call read_output
        and eax, 2
        CHECK "8042's output port reads back", eax, 2

        ; ---- with paging: physical addresses are masked, after the translation ----
        call make_pages
        mov dword [PT1], (HIGH_CODE & ~0fffh) + 7
        mov dword [PT1 + 100h * 4], (LOW_CODE & ~0fffh) + 7     ; linear bit 20 is set, physical is not
        PAGING_ON
        RUN "paging, A20 on", WIN, 0aaaah
        CHECK "paging, A20 on: data", dword [WIN + 10h], 1
        call port92_off
        call keyboard_off
        RUN "paging, A20 masked", WIN, 0bbbbh
        CHECK "paging, A20 masked: data", dword [WIN + 10h], 2
        RUN "bit 20 of the linear address does not matter", WIN + 100000h, 0bbbbh
        CHECK "... for data", dword [WIN + 100010h], 2
        call port92_on
        call keyboard_on
        RUN "paging, A20 on again", WIN, 0aaaah
        CHECK "paging, A20 on again: data", dword [WIN + 10h], 1

        ; ---- page tables change what lies under running code ----
        PUT_CODE PAGES, 1
        PUT_CODE PAGES + 1000h, 2
        mov dword [PT1], PAGES + 7
        invlpg [WIN]
        mov dword [count], 0
        xor edx, edx
  .remap:
        mov ebx, WIN
        call ebx
        add edx, eax
        xor dword [PT1], (PAGES ^ (PAGES + 1000h))
        invlpg [WIN]
        inc dword [count]
        cmp dword [count], 100
        jb .remap
        CHECK "a page that is swapped 100 times", edx, 150
        ; the instruction behind an INVLPG that remaps the page it is on
        mov esi, swap
        mov edi, PAGES + 200h
        mov ecx, swap_end - swap
        rep movsb
        mov esi, swap
        mov edi, PAGES + 1200h
        mov ecx, swap_end - swap
        rep movsb
        mov byte [PAGES + 1200h + swap_value - swap], 0bah      ; MOV EDX for MOV EAX
        mov dword [PT1], PAGES + 7
        invlpg [WIN]
        xor edx, edx
        xor eax, eax
        mov ebx, WIN + 200h
        call ebx
        CHECK "after INVLPG the other page's instruction runs", edx, 9999h
        CHECK "not this one's", eax, 0
        ; the same by MOV CR3
        mov esi, swap3
        mov edi, PAGES + 300h
        mov ecx, swap3_end - swap3
        rep movsb
        mov esi, swap3
        mov edi, PAGES + 1300h
        mov ecx, swap3_end - swap3
        rep movsb
        mov byte [PAGES + 1300h + swap3_value - swap3], 0bah
        mov dword [PT1], PAGES + 7
        invlpg [WIN]
        xor edx, edx
        xor eax, eax
        mov ecx, cr3
        mov ebx, WIN + 300h
        call ebx
        CHECK "after MOV CR3 the other page's instruction runs", edx, 8888h
        ; written through one address, run through another, next instruction
        mov dword [PT1 + 4], PAGES + 7
        invlpg [WIN + 1000h]
        mov dword [PT1], PAGES + 7
        invlpg [WIN]
        mov esi, alias
        mov edi, PAGES + 400h
        mov ecx, alias_end - alias
        rep movsb
        xor ecx, ecx
        mov ebx, WIN + 400h
        call ebx
        CHECK "the next instruction, through an alias", ecx, 1
        mov esi, alias
        mov edi, PAGES + 400h
        mov ecx, alias_end - alias
        rep movsb
        mov byte [PAGES + 400h + alias_end - alias - 2], 90h
        xor ecx, ecx
        call ebx
        CHECK "and once more", ecx, 1
        ; REP MOVSB through an alias over code of the same page that is running
        SET_CR0 7fffffffh, 0
        DONE

swap:   xor dword [PT1], (PAGES ^ (PAGES + 1000h))
        invlpg [WIN]
swap_value:
        mov eax, 9999h
        ret
swap_end:
swap3:  xor dword [PT1], (PAGES ^ (PAGES + 1000h))
        mov cr3, ecx
swap3_value:
        mov eax, 8888h
        ret
swap3_end:
alias:  mov byte [WIN + 1400h + .next - alias], 41h             ; INC ECX
  .next:
        nop
        ret
alias_end:

; ---- the switches ----
port92_off:
        in al, 92h
        and al, 0fch
        out 92h, al
        ret
port92_on:
        in al, 92h
        or al, 2
        and al, 0feh
        out 92h, al
        ret
keyboard_off:
        mov bl, 0ddh
        jmp output_port
keyboard_on:
        mov bl, 0dfh
        jmp output_port
read_output:
        call output_port.ready
        in al, 64h
        test al, 1
        jz .empty
        in al, 60h
        jmp read_output
  .empty:
        mov al, 0d0h
        out 64h, al
  .wait:
        in al, 64h
        test al, 1
        jz .wait
        in al, 60h
        movzx eax, al
        ret

; ---- the floppy controller, polled ----
floppy_put:                                                     ; AL
        push edx
        push eax
        mov dx, 3f4h
  .wait:
        in al, dx
        and al, 0c0h
        cmp al, 80h
        jne .wait
        pop eax
        inc dx
        out dx, al
        pop edx
        ret
floppy_get:                                                     ; AL
        push edx
        mov dx, 3f4h
  .wait:
        in al, dx
        and al, 0c0h
        cmp al, 0c0h
        jne .wait
        inc dx
        in al, dx
        pop edx
        ret
; Until a seek has ended.
floppy_seeked:
        mov al, 8                                               ; sense interrupt status
        call floppy_put
        call floppy_get
        mov ah, al
        cmp al, 80h                                             ; no interrupt: one byte only
        je floppy_seeked
        call floppy_get
        test ah, 20h
        jz floppy_seeked
        ret
floppy_ready:
        mov dx, 3f2h
        mov al, 1ch                                             ; motor of drive 0, DMA
        out dx, al
        mov dx, 3f7h
        mov al, 0                                               ; 500 kbit/s
        out dx, al
        mov al, 3                                               ; specify
        call floppy_put
        mov al, 0dfh
        call floppy_put
        mov al, 2
        call floppy_put
        mov al, 7                                               ; recalibrate
        call floppy_put
        mov al, 0
        call floppy_put
        jmp floppy_seeked
; ESI: physical address, EDI: logical sector.
floppy_read:
        mov eax, edi
        xor edx, edx
        mov ecx, TRACK
        div ecx
        inc edx
        mov [sector], dl
        mov ebx, eax
        shr al, 1
        mov [cylinder], al
        and bl, 1
        mov [head], bl
        mov al, 0fh                                             ; seek
        call floppy_put
        mov al, [head]
        shl al, 2
        call floppy_put
        mov al, [cylinder]
        call floppy_put
        call floppy_seeked
        mov al, 6                                               ; DMA channel 2: masked, address, count, mode
        out 0ah, al
        out 0ch, al
        mov eax, esi
        out 4, al
        mov al, ah
        out 4, al
        shr eax, 16
        out 81h, al
        out 0ch, al
        mov al, 0ffh
        out 5, al
        mov al, 1
        out 5, al
        mov al, 46h
        out 0bh, al
        mov al, 2
        out 0ah, al
        mov al, 46h                                             ; read data, MFM
        call floppy_put
        mov al, [head]
        shl al, 2
        call floppy_put
        mov al, [cylinder]
        call floppy_put
        mov al, [head]
        call floppy_put
        mov al, [sector]
        call floppy_put
        mov al, 2
        call floppy_put
        mov al, [sector]                                        ; the last sector is this one
        call floppy_put
        mov al, 1bh
        call floppy_put
        mov al, 0ffh
        call floppy_put
        mov ecx, 7
        call floppy_get
        and al, 0c0h
        movzx eax, al
        CHECK "floppy: ST0 says it is well", eax, 0
  .rest:
        dec ecx
        jz .end
        call floppy_get
        jmp .rest
  .end: ret

sector  db 0
cylinder db 0
head    db 0
        align 4
count   dd 0
%macro SECTOR 0
        times (512 - ($ - $$) % 512) % 512 db 0
%endmacro
        SECTOR
page1:  mov eax, 2222h
        ret
        SECTOR
page2:  mov eax, 4444h
        ret
        times 500 - ($ - page2) db 90h
        mov eax, 5555h
        ret
        SECTOR
page3:  dd 66666666h
        ret
        SECTOR
image_end:
