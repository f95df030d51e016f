; kernelboot.asm - option ROM that starts the kernel given with -kernel, after the firmware has done its work, so that
; the kernel finds the memory map, ACPI and everything else a PC's firmware leaves. The firmware finds it as the fw_cfg
; file genroms/kernelboot.bin; its initialization takes INT 19h, and at boot time the kernel comes out of fw_cfg by DMA.
; Follows: "Plug and Play BIOS Specification" and the IBM BIOS ROM scan (header, INT 19h), Linux "The Linux/x86 Boot
; Protocol" (real-mode entry), "Multiboot Specification version 0.6.96", ACPI "Querying System Address Map" (E820), and the
; published description of fw_cfg (directory at selector 19h, DMA at port 514h).
; Here: bzImage of protocol 2.02 and later with initial RAM disk and command line; multiboot 1 as ELF or by its addresses,
; with one module, memory map and text console. fw_cfg: opt/vitrine/kernel, opt/vitrine/initrd, opt/vitrine/cmdline.
; The last byte of the image is set by whoever loads it, so that all bytes add up to 0.

        bits 16
        cpu 386
        org 0

KERNEL_SEG equ 1000h            ; head of the kernel file; Linux: its real-mode part
CMDLINE    equ 20000h
WORK_SEG   equ 3000h            ; our variables and stack
HEAD_BYTES equ 8192             ; a multiboot header lies in these
HEAP_END   equ 0e000h           ; end of what the real-mode part of Linux may use
MAP_MAX    equ 100

FW_CFG     equ 510h
FW_DMA     equ 514h
DMA_ERROR  equ 1
DMA_READ   equ 2
DMA_SKIP   equ 4
DMA_SELECT equ 8

        absolute 0              ; in WORK_SEG
dma:            resd 4          ; control, length, address; all big-endian
entry:          resb 64         ; of the fw_cfg directory: size, selector, name
kernel_size:    resd 1
initrd_size:    resd 1
cmdline_size:   resd 1
kernel_key:     resw 1
initrd_key:     resw 1
cmdline_key:    resw 1
                resw 1
low_end:        resd 1          ; end of the RAM that begins at or below 1 MB and holds it
floor:          resd 1          ; lowest address for the initial RAM disk
ceiling:        resd 1          ; its end must not be above
initrd_at:      resd 1
header_at:      resd 1          ; multiboot header's offset in the file
load_end:       resd 1          ; end of the loaded kernel
start_at:       resd 1
map_count:      resw 1
                resw 1
module:         resd 4          ; multiboot module: start, end, string, reserved
info:           resb 120        ; multiboot information
map:            resb MAP_MAX * 24 ; each: size of the rest (20), base, length, type
work_end:

        section .text
header: db 55h, 0aah
        db ROM_BLOCKS
        jmp near initialize
        times 18h - ($ - header) db 0
        dw 0, 0                 ; no PCI data structure, no PnP header: an old-fashioned ROM

; Called by the firmware (far): take INT 19h, "load the operating system".
initialize:
        push ds
        push word 0
        pop ds
        mov word [19h * 4], boot
        mov [19h * 4 + 2], cs
        pop ds
        xor ax, ax
        retf

boot:   cli
        cld
        mov ax, WORK_SEG
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov esp, 0fff0h
        sti
        mov ax, 2401h           ; A20 on
        int 15h
        call check_dma
        mov si, name_kernel
        call find_file
        mov bp, text_no_kernel
        jc fail
        mov [kernel_size], eax
        mov [kernel_key], bx
        mov si, name_initrd
        call find_file
        mov [initrd_size], eax
        mov [initrd_key], bx
        mov si, name_cmdline
        call find_file
        mov [cmdline_size], eax
        mov [cmdline_key], bx
        call read_cmdline
        call read_map
        mov ecx, HEAD_BYTES
        cmp ecx, [kernel_size]
        jbe .head
        mov ecx, [kernel_size]
.head:  call read_head
        mov ax, KERNEL_SEG
        mov fs, ax
        cmp dword [fs:202h], 'HdrS'
        je linux
        jmp multiboot

; ---- fw_cfg ----

check_dma:
        mov ax, 1               ; the interface's features
        mov dx, FW_CFG
        out dx, ax
        inc dx
        in al, dx
        mov bp, text_no_dma
        test al, 2
        jz fail
        ret

; cs:si names a file. Its size in eax and its selector in bx; carry and 0 if there is none.
find_file:
        mov ax, 19h
        mov dx, FW_CFG
        out dx, ax
        inc dx
        mov di, entry
        mov cx, 4
        rep insb
        mov eax, [entry]
        call swap               ; files
        mov ebp, eax
.next:  test ebp, ebp
        jz .none
        dec ebp
        mov di, entry
        mov cx, 64
        rep insb
        mov di, entry + 8
        push si
.compare:
        cs lodsb
        scasb
        jne .differs
        test al, al
        jnz .compare
        pop si
        mov eax, [entry]
        call swap
        mov bx, [entry + 4]
        xchg bl, bh
        clc
        ret
.differs:
        pop si
        jmp .next
.none:  xor eax, eax
        xor bx, bx
        stc
        ret

; The bytes of eax the other way round (a 386 has no BSWAP).
swap:   xchg al, ah
        rol eax, 16
        xchg al, ah
        ret

; One DMA operation: eax control, ecx bytes, edi physical address. Keeps edi and ecx.
dma_go: call swap
        mov [dma], eax
        mov eax, ecx
        call swap
        mov [dma + 4], eax
        mov dword [dma + 8], 0
        mov eax, edi
        call swap
        mov [dma + 12], eax
        xor eax, eax
        mov dx, FW_DMA
        out dx, eax
        mov eax, WORK_SEG * 16 + dma
        call swap
        mov dx, FW_DMA + 4
        out dx, eax
.wait:  mov eax, [dma]
        call swap
        test eax, eax
        jz .done
        mov bp, text_dma_error
        test al, DMA_ERROR
        jz .wait
        jmp fail
.done:  ret

; Select the file with selector ax and read ecx bytes from its start to edi.
dma_file:
        shl eax, 16
        mov ax, DMA_SELECT | DMA_READ
        jmp dma_go

; The kernel file's first ecx bytes.
read_head:
        mov edi, KERNEL_SEG * 16
        mov ax, [kernel_key]
        jmp dma_file

read_cmdline:
        mov ecx, [cmdline_size]
        cmp ecx, 0fff0h
        jbe .fits
        mov ecx, 0fff0h
.fits:  mov edi, CMDLINE
        jecxz .empty
        mov ax, [cmdline_key]
        call dma_file
.empty: push word CMDLINE >> 4
        pop gs
        mov byte [gs:ecx], 0
        ret

; ---- memory ----

; INT 15h E820 into map; low_end.
read_map:
        xor ebx, ebx
        mov di, map
        mov word [map_count], 0
        mov dword [low_end], 0          ; nothing is known of what lay here
.next:  mov dword [di], 20
        add di, 4
        mov eax, 0e820h
        mov edx, 'PAMS'         ; SMAP
        mov ecx, 20
        int 15h
        jc .done
        cmp eax, 'PAMS'
        jne .done
        inc word [map_count]
        cmp dword [di + 16], 1
        jne .skip
        cmp dword [di + 4], 0
        jne .skip
        call clip_end
        cmp dword [di], 100000h
        ja .skip
        cmp eax, 100000h
        jbe .skip
        mov [low_end], eax
.skip:  add di, 20
        cmp word [map_count], MAP_MAX
        je .done
        test ebx, ebx
        jnz .next
.done:  ret

; eax = end of the map entry at di (past its size field), at most 4 GB - 4 KB.
clip_end:
        mov eax, [di]
        add eax, [di + 8]
        jc .clip
        cmp dword [di + 12], 0
        je .done
.clip:  mov eax, 0fffff000h
.done:  ret

; Zero ecx bytes at edi, anywhere below 4 GB: through a data segment whose limit protected mode made large.
zero_fill:
        jecxz .done
        cli
        push es
        call set_gdt
        mov eax, cr0
        inc ax
        mov cr0, eax
        jmp short .protected
.protected:
        mov dx, FLAT_DATA
        mov es, dx
        dec ax
        mov cr0, eax
        jmp short .real
.real:  xor eax, eax
        push ecx
        shr ecx, 2
        a32 rep stosd
        pop ecx
        and ecx, 3
        a32 rep stosb
        pop es
        sti
.done:  ret

; GDTR onto our table, wherever this ROM lies.
set_gdt:
        xor eax, eax
        mov ax, cs
        shl eax, 4
        add eax, gdt
        push eax
        push word gdt_end - gdt - 1
        mov bp, sp
        lgdt [bp]
        add sp, 6
        ret

; ---- Linux ----

linux:  mov bp, text_old_linux
        cmp word [fs:206h], 202h
        jb fail
        test byte [fs:211h], 1          ; loadflags: LOADED_HIGH
        jz fail
        movzx ecx, byte [fs:1f1h]       ; setup_sects
        test cl, cl
        jnz .sects
        mov cl, 4
.sects: inc ecx
        shl ecx, 9
        mov bp, text_broken
        cmp ecx, HEAP_END - 1000h
        ja fail
        mov ebx, [kernel_size]
        sub ebx, ecx                    ; what goes to 1 MB
        jbe fail
        push ebx
        call read_head
        pop ecx
        mov edi, 100000h
        mov edx, ecx
        add edx, edi
        mov bp, text_no_memory
        cmp edx, [low_end]
        ja fail
        mov [floor], edx
        mov eax, DMA_READ
        call dma_go
        mov dword [ceiling], 38000000h
        cmp word [fs:206h], 203h
        jb .place
        mov eax, [fs:22ch]              ; initrd_addr_max, the last byte
        inc eax
        jnz .limit
        mov eax, 0fffff000h
.limit: mov [ceiling], eax
        cmp word [fs:206h], 20ah
        jb .place
        mov eax, [fs:258h]              ; pref_address
        cmp dword [fs:25ch], 0
        jne .place
        add eax, [fs:260h]              ; init_size: the kernel unpacks itself there
        jc .place
        cmp eax, [floor]
        jbe .place
        mov [floor], eax
.place: mov ecx, [initrd_size]
        jecxz .ready
        call place_initrd
        mov edi, [initrd_at]
        mov [fs:218h], edi              ; ramdisk_image, ramdisk_size
        mov [fs:21ch], ecx
        mov ax, [initrd_key]
        call dma_file
.ready: mov byte [fs:210h], 0ffh        ; type_of_loader: none of the registered ones
        or byte [fs:211h], 80h          ; loadflags: CAN_USE_HEAP
        mov word [fs:224h], HEAP_END - 200h
        mov dword [fs:228h], CMDLINE
        cli
        mov ax, KERNEL_SEG
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov esp, HEAP_END
        jmp KERNEL_SEG + 20h:0

; The highest page-aligned place for initrd_size bytes in usable RAM from floor to ceiling, into initrd_at.
place_initrd:
        mov dword [initrd_at], 0
        mov di, map
        mov cx, [map_count]
.next:  dec cx
        js .done
        add di, 4
        cmp dword [di + 16], 1
        jne .skip
        cmp dword [di + 4], 0
        jne .skip
        call clip_end
        cmp eax, [ceiling]
        jbe .below
        mov eax, [ceiling]
.below: sub eax, [initrd_size]
        jc .skip
        and ax, 0f000h
        cmp eax, [di]
        jb .skip
        cmp eax, [floor]
        jb .skip
        cmp eax, [initrd_at]
        jbe .skip
        mov [initrd_at], eax
.skip:  add di, 20
        jmp .next
.done:  mov ecx, [initrd_size]
        mov bp, text_no_initrd_memory
        cmp dword [initrd_at], 0
        je fail
        ret

; ---- multiboot ----

MB_MAGIC     equ 1badb002h
MB_VIDEO     equ 4
MB_ADDRESSES equ 10000h

multiboot:
        xor esi, esi
.look:  cmp dword [fs:esi], MB_MAGIC
        jne .not
        mov eax, [fs:esi]
        add eax, [fs:esi + 4]
        add eax, [fs:esi + 8]
        jz .found
.not:   add esi, 4
        cmp esi, HEAD_BYTES - 12
        jbe .look
        mov bp, text_unknown
        jmp fail
.found: mov [header_at], esi
        mov eax, [fs:esi + 4]
        mov bp, text_mb_flags
        test ax, 0fff8h                 ; requirements beyond pages, memory and video
        jnz fail
        mov dword [load_end], 0
        test eax, MB_ADDRESSES
        jnz .addresses
        call load_elf
        jmp .module
.addresses:
        call load_addresses
.module:
        mov bp, text_broken
        mov edi, [load_end]
        test edi, edi                   ; nothing was loaded that could start
        jz fail
        mov ecx, [initrd_size]
        jecxz .started
        add edi, 0fffh
        and di, 0f000h
        mov eax, edi
        add eax, ecx
        mov bp, text_no_initrd_memory
        jc fail
        cmp eax, [low_end]
        ja fail
        mov [module], edi
        mov [module + 4], eax
        mov dword [module + 8], WORK_SEG * 16 + work_end
        mov byte [work_end], 0
        mov dword [module + 12], 0
        mov ax, [initrd_key]
        call dma_file
.started:
        call fill_info
        cli
        call set_gdt
        mov ecx, [start_at]
        xor esi, esi
        mov si, cs
        shl esi, 4
        lea eax, [esi + protected]
        push dword FLAT_CODE
        push eax
        mov bp, sp
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword far [bp]

        bits 32
protected:
        mov ax, FLAT_DATA
        mov ds, eax
        mov es, eax
        mov fs, eax
        mov gs, eax
        mov ss, eax
        mov esp, WORK_SEG * 16 + 0fff0h
        mov eax, 2badb002h
        mov ebx, WORK_SEG * 16 + info
        jmp ecx
        bits 16

; Read ecx bytes at offset eax of the kernel file to edi, then zero up to ebx bytes. Keeps a tab on load_end.
load_part:
        pushad
        mov edx, edi
        add edx, ebx
        mov bp, text_no_memory
        jc fail
        cmp edx, [low_end]
        ja fail
        cmp edi, 100000h
        mov bp, text_low
        jb fail
        cmp edx, [load_end]
        jbe .inside
        mov [load_end], edx
.inside:
        mov bp, text_broken
        mov edx, eax
        add edx, ecx
        jc fail
        cmp edx, [kernel_size]
        ja fail
        cmp ecx, ebx
        ja fail
        push ebx
        push ecx
        push edi
        mov ecx, eax
        xor eax, eax
        mov ax, [kernel_key]
        shl eax, 16
        mov ax, DMA_SELECT | DMA_SKIP
        call dma_go
        pop edi
        pop ecx
        mov eax, DMA_READ
        call dma_go
        pop ebx
        add edi, ecx
        sub ebx, ecx
        mov ecx, ebx
        call zero_fill
        popad
        ret

; Program headers of a 32-bit ELF file for the 386.
load_elf:
        mov bp, text_unknown
        cmp dword [fs:0], 464c457fh     ; 7F 'ELF'
        jne fail
        cmp byte [fs:4], 1              ; ELFCLASS32
        jne fail
        mov eax, [fs:24]
        mov [start_at], eax             ; e_entry
        mov esi, [fs:28]                ; e_phoff
        mov bp, text_broken
        cmp esi, HEAD_BYTES
        jae fail
        mov cx, [fs:44]                 ; e_phnum
.next:  dec cx
        js .done
        lea eax, [esi + 32]
        cmp eax, HEAD_BYTES
        ja fail
        cmp dword [fs:esi], 1           ; PT_LOAD
        jne .skip
        push ecx
        mov eax, [fs:esi + 4]           ; p_offset
        mov edi, [fs:esi + 12]          ; p_paddr
        mov ecx, [fs:esi + 16]          ; p_filesz
        mov ebx, [fs:esi + 20]          ; p_memsz
        test ebx, ebx
        jz .nothing
        call load_part
        call virtual_entry
.nothing:
        pop ecx
.skip:  movzx eax, word [fs:42]         ; e_phentsize
        add esi, eax
        jmp .next
.done:  ret

; An entry point given as a virtual address of the segment at esi is meant physically.
virtual_entry:
        mov eax, [fs:24]
        sub eax, [fs:esi + 8]           ; p_vaddr
        jb .done
        cmp eax, [fs:esi + 20]
        jae .done
        add eax, [fs:esi + 12]
        mov [start_at], eax
.done:  ret

; The header's own addresses: header, load, load end, bss end, entry.
load_addresses:
        mov eax, [fs:esi + 28]
        mov [start_at], eax
        mov edi, [fs:esi + 16]          ; load_addr
        mov eax, [header_at]
        sub eax, [fs:esi + 12]          ; header_addr
        add eax, edi                    ; offset in the file of what goes to load_addr
        mov bp, text_broken
        cmp eax, [header_at]
        ja fail
        mov ecx, [fs:esi + 20]          ; load_end_addr; 0: all of the file
        sub ecx, edi
        cmp dword [fs:esi + 20], 0
        jne .end
        mov ecx, [kernel_size]
        sub ecx, eax
.end:   mov ebx, [fs:esi + 24]          ; bss_end_addr; 0: none
        sub ebx, edi
        jb .no_bss
        cmp ebx, ecx
        jae load_part
.no_bss:
        mov ebx, ecx
        jmp load_part

fill_info:
        mov di, info
        mov cx, 120 / 2
        xor ax, ax
        rep stosw
        mov dword [info], 1245h         ; flags: memory, command line, map, loader name, frame buffer
        int 12h
        mov [info + 4], ax              ; mem_lower
        mov eax, [low_end]
        sub eax, 100000h
        shr eax, 10
        mov [info + 8], eax             ; mem_upper
        mov dword [info + 16], CMDLINE
        cmp dword [initrd_size], 0
        je .map
        or byte [info], 8
        mov byte [info + 20], 1
        mov dword [info + 24], WORK_SEG * 16 + module
.map:   movzx eax, word [map_count]
        imul eax, 24
        mov [info + 44], eax
        mov dword [info + 48], WORK_SEG * 16 + map
        xor eax, eax
        mov ax, cs
        shl eax, 4
        add eax, text_name
        mov [info + 64], eax
        mov dword [info + 88], 0b8000h  ; framebuffer_addr
        mov dword [info + 96], 160      ; pitch
        mov dword [info + 100], 80      ; width, height
        mov dword [info + 104], 25
        mov word [info + 108], 2 << 8 | 16 ; 16 bits a cell; type 2: text
        ret

; Say cs:bp and stop.
fail:   push cs
        pop ds
        mov si, text_fail
        call say
        mov si, bp
        call say
.stop:  hlt
        jmp .stop

say:    lodsb
        test al, al
        jz .done
        mov ah, 0eh
        mov bx, 7
        int 10h
        jmp say
.done:  ret

        align 8, db 0
gdt:    dq 0
FLAT_CODE equ $ - gdt
        dq 00cf9a000000ffffh
FLAT_DATA equ $ - gdt
        dq 00cf92000000ffffh
gdt_end:

name_kernel     db 'opt/vitrine/kernel', 0
name_initrd     db 'opt/vitrine/initrd', 0
name_cmdline    db 'opt/vitrine/cmdline', 0
text_name       db 'Vitrine', 0
text_fail       db 13, 10, 'Vitrine: -kernel: ', 0
text_no_dma     db 'no DMA in fw_cfg', 0
text_dma_error  db 'fw_cfg reports an error', 0
text_no_kernel  db 'no kernel in fw_cfg', 0
text_unknown    db 'neither a Linux bzImage nor a 32-bit multiboot kernel', 0
text_old_linux  db 'a Linux kernel too old to be loaded high (protocol 2.02)', 0
text_broken     db 'the kernel file is cut short or broken', 0
text_mb_flags   db 'the kernel demands multiboot features that are unknown here', 0
text_low        db 'the kernel wants to lie below 1 MB', 0
text_no_memory  db 'not enough memory for the kernel (see -m)', 0
text_no_initrd_memory db 'not enough memory for the initial RAM disk (see -m)', 0

checksum_room:
        times (512 - ($ - header + 1) % 512) % 512 db 0
        db 0                            ; the checksum
ROM_BLOCKS equ ($ - header) / 512
