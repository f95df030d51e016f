; hostile.asm - asks devices for what no driver would: commands and resets in the middle of others, and a lot of work by one OUT.
; All of it must end, in the same state in every engine, and the devices must be as good as new afterwards.
; Follows: ATA/ATAPI-6 "Protocol"; Intel 8237A and 8254 data sheets; Motorola MC146818A; QEMU's fw_cfg; "Bochs VBE Display API";
; "Programming Interface for Bus Master IDE Controller". The drives: a disk at 1F0h, a CD drive at 170h (CMakeLists.txt).
%define GUEST "hostile"
%include "lib.inc"
%include "board.inc"

DISK    equ 1f0h
CD      equ 170h
BUFFER  equ FREE_HIGH           ; 64 KB that DMA may fill
PRDS    equ FREE_HIGH + 20000h  ; a table of a bus master
FWCFG   equ FREE_HIGH + 40000h  ; a descriptor
NOWHERE equ 0e0000000h
HIGHEST equ 2000000             ; more turns of a waiting loop than anything takes

; OUTB port, value: AL and DX are lost.
%macro OUTB 2
        mov dx, %1
        mov al, %2
        out dx, al
%endmacro
%macro DISPI 2                  ; register, value
        mov dx, 1ceh
        mov ax, %1
        out dx, ax
        inc dx
        mov ax, %2
        out dx, ax
%endmacro

; EBX: a channel. Waits until BSY is clear; AL: the status (alternate).
not_busy:
        push ecx
        mov ecx, HIGHEST
.look:  lea edx, [ebx + 206h]
        in al, dx
        test al, 80h
        loopnz .look
        pop ecx
        ret
; A software reset.
srst:   lea edx, [ebx + 206h]
        mov al, 4
        out dx, al
        mov al, 0
        out dx, al
        jmp not_busy
; EBX: channel, AL: command. The data port is read at once, then whatever is offered or wanted is moved, 64K words at most.
command:
        lea edx, [ebx + 7]
        out dx, al
        push ecx
        mov ecx, 130                            ; faster than a reset
        mov edx, ebx
.two:   in eax, dx
        loop .two
        pop ecx
; Moves what is offered or wanted, until nothing is.
drain:  push ecx
        mov ecx, 10000h
.more:  call not_busy
        test al, 8
        jz .done
        mov edx, ebx
        in ax, dx
        out dx, ax
        loop .more
.done:  pop ecx
        ret
; EBX: channel, AH: its IDENTIFY. The first word of what it says is in EAX, 0 if it says nothing.
identify:
        lea edx, [ebx + 6]
        mov al, 0a0h
        out dx, al
        lea edx, [ebx + 7]
        mov al, ah
        out dx, al
        call not_busy
        test al, 8
        mov eax, 0
        jz .nothing
        mov edx, ebx
        in ax, dx
.nothing:
        movzx eax, ax
        ret
; EBX: channel, ESI: 12 bytes. A packet by DMA if AH is 1.
packet: lea edx, [ebx + 1]
        mov al, ah
        out dx, al
        lea edx, [ebx + 5]
        mov al, 0ffh
        out dx, al
        lea edx, [ebx + 7]
        mov al, 0a0h
        out dx, al
        call not_busy
        mov edx, ebx
        mov ecx, 6
        cld
        rep outsw
        ret

; Each command byte while a block waits, then the drive's reset; and the same with all that waits moved.
%macro EACH_COMMAND 4                           ; name, channel, IDENTIFY's code, what its first word says
        mov ebx, %2
        xor edi, edi
%%next: mov ah, %3
        call identify
        lea edx, [ebx + 1]
        mov eax, edi
        and al, 1
        out dx, al
        mov eax, edi
        call command
        call srst
        mov ah, %3
        call identify
        mov ecx, 256
        mov edx, ebx
%%word: in ax, dx
        loop %%word
        mov eax, edi
        lea edx, [ebx + 7]
        out dx, al
        call srst
        inc edi
        cmp edi, 256
        jb %%next
        call srst
        mov ah, %3
        call identify
        CHECK %1, eax, %4
        call srst
%endmacro

; The bus master of a channel at EBP: the table, then start. AL: 9 to memory.
start_master:
        push eax
        mov al, 0
        mov edx, ebp
        out dx, al
        mov eax, PRDS
        lea edx, [ebp + 4]
        out dx, eax
        pop eax
        mov edx, ebp
        out dx, al
        ret
; A table of 4096 regions of ECX bytes, all at ESI.
make_table:
        mov edi, PRDS
        mov edx, 4096
.next:  mov [edi], esi
        mov [edi + 4], ecx
        add edi, 8
        dec edx
        jnz .next
        ret

rtc:    push eax
        mov al, 0ch
        out 70h, al
        in al, 71h
        mov al, 20h
        out 0a0h, al
        out 20h, al
        pop eax
        iretd

; A DMA of fw_cfg: EAX control, ECX bytes, EDI address. EAX: the control word afterwards, once 0 or an error.
fw_dma: bswap eax
        mov [FWCFG], eax
        bswap ecx
        mov [FWCFG + 4], ecx
        mov dword [FWCFG + 8], 0
        bswap edi
        mov [FWCFG + 12], edi
        mov dx, 514h
        xor eax, eax
        out dx, eax
        mov dx, 518h
        mov eax, FWCFG
        bswap eax
        out dx, eax
        mov eax, [FWCFG]
        ret

read_10: db 28h, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0
read_cd: db 0beh, 0, 0, 0, 0, 0, 0, 0, 100, 0f8h, 0, 0

main:
        MASKS 0fbh, 0ffh

        ; ---- drives ----
        mov ebx, DISK
        mov ah, 0ech
        call identify
        CHECK "a disk", eax, 40h
        mov al, 90h                             ; EXECUTE DEVICE DIAGNOSTIC while IDENTIFY's block waits
        call command
        lea edx, [ebx + 1]
        in al, dx
        movzx eax, al
        CHECK "no error", eax, 1
        EACH_COMMAND "a disk, every command in the middle of IDENTIFY", DISK, 0ech, 40h
        EACH_COMMAND "a CD drive, every command in the middle of IDENTIFY", CD, 0a1h, 85c0h

        ; ---- bus master: tiny regions, which repeat for ever ----
        mov eax, 8000091ch + 4                  ; the IDE function's fifth base address
        mov dx, 0cf8h
        out dx, eax
        mov dx, 0cfch
        in eax, dx
        and eax, 0fff0h
        mov ebp, eax
        mov eax, 80000904h
        mov dx, 0cf8h
        out dx, eax
        mov dx, 0cfch
        in ax, dx
        or ax, 4
        out dx, ax
        mov esi, BUFFER
        mov ecx, 2
        call make_table
        mov [edi], esi                          ; then 64 KB, the last
        mov dword [edi + 4], 80000000h
        mov ebx, DISK
        mov al, 9
        call start_master
        OUTB DISK + 2, 64
        OUTB DISK + 3, 0
        OUTB DISK + 4, 0
        OUTB DISK + 5, 0
        OUTB DISK + 6, 0e0h
        OUTB DISK + 7, 0c8h
        call not_busy
        lea edx, [ebx + 7]
        in al, dx
        movzx eax, al
        CHECK "READ DMA of 64 sectors by 2 bytes", eax, 50h
        mov esi, 0a0000h                        ; and to the VGA's planes
        mov ecx, 512
        call make_table
        mov al, 9
        call start_master
        OUTB DISK + 2, 255
        OUTB DISK + 7, 0c8h
        call not_busy
        lea edx, [ebx + 7]
        in al, dx
        movzx eax, al
        CHECK "READ DMA of 255 sectors to the display", eax, 50h
        add ebp, 8
        mov esi, BUFFER
        mov ecx, 8000h
        call make_table
        mov ebx, CD
        mov ecx, 3                              ; unit attentions
.ready: push ecx
        mov al, 9
        call start_master
        mov esi, read_cd
        mov ah, 1
        call packet
        call not_busy
        pop ecx
        loop .ready
        lea edx, [ebx + 7]
        in al, dx
        movzx eax, al
        CHECK "READ CD of 100 raw sectors", eax, 50h

        ; ---- 8237: a software request of 64K single transfers, downward, of a channel that begins anew, to the planes ----
        OUTB 0d6h, 0c0h
        OUTB 0d4h, 0
        OUTB 83h, 0ah
        OUTB 0bh, 0b5h
        OUTB 0ch, 0
        OUTB 2, 0ffh
        OUTB 2, 0ffh
        OUTB 3, 0ffh
        OUTB 3, 0ffh
        in al, 8
        mov ecx, 3
.again: OUTB 9, 5
        in al, 8
        movzx eax, al
        CHECK "terminal count", eax, 2
        loop .again
        OUTB 8, 4                               ; the controller is off ...
        OUTB 9, 5
        mov ax, 0c000h                          ; ... and on, both channels wanted by one OUT
        mov dx, 8
        out dx, ax
        OUTB 0ah, 5

        ; ---- fw_cfg: a lot of zeros ----
        mov eax, 8 | 2                          ; select item 0, read
        mov ecx, 10000000h
        mov edi, NOWHERE
        call fw_dma
        CHECK "256 MB of zeros to nowhere", eax, 0
        mov eax, 8 | 2
        mov ecx, 100000h
        mov edi, FREE_HIGH + 100000h
        call fw_dma
        CHECK "1 MB of item 0", eax, 0
        mov eax, [FREE_HIGH + 100000h]
        CHECK "its beginning", eax, 'QEMU'
        mov eax, [FREE_HIGH + 1ffffch]
        CHECK "its end", eax, 0

        ; ---- DISPI: 16 MB to clear, again and again ----
        DISPI 1, 2560
        DISPI 2, 1600
        DISPI 3, 32
        mov ecx, 20
.clear: DISPI 4, 0
        DISPI 4, 41h
        mov dword [0a0000h], 12345678h
        loop .clear
        DISPI 4, 0
        DISPI 4, 41h
        mov ebx, [0a0000h]
        DISPI 4, 0
        CHECK "cleared", ebx, 0

        ; ---- 8254: a count that waits for the end of its cycle, while the processor sleeps for half an hour ----
        GATE idt + 8 * 28h, CODE32, rtc, 8eh
        MASKS 0fbh, 0feh
        OUTB 70h, 0bh
        OUTB 71h, 12h                           ; the update-ended interrupt
        OUTB 70h, 0ch
        in al, 71h
        OUTB 43h, 76h                           ; counter 1, mode 3
        OUTB 41h, 2
        OUTB 41h, 0
        sti
        hlt
        in al, 41h
        in al, 41h
        OUTB 41h, 2
        OUTB 41h, 0
        mov ecx, 1800
.sleep: hlt
        loop .sleep
        cli
        in al, 41h
        movzx ebx, al
        in al, 41h
        movzx eax, al
        and ebx, ~2
        CHECK "counts", ebx, 0
        CHECK "by two", eax, 0
        OUTB 43h, 54h                           ; as a PC has it
        OUTB 41h, 18
        MASKS 0fbh, 0ffh

        DONE

image_end:
