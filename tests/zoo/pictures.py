"""Pictures without a library: PPM files in, area-averaged thumbnails, the VGA's own font, PNG files out.
PPM: ppm(5), "P6". PNG: RFC 2083. A picture is (width, height, bytes of RGB, row by row)."""
import itertools
import operator
import struct
import zlib

FONT_PLACES = ["/usr/share/seabios/vgabios-stdvga.bin", "/usr/share/qemu/vgabios-stdvga.bin",
               "/usr/share/vgabios/vgabios-stdvga.bin"]
# Character 1 of the 8 x 16 font of every VGA, a face: where it stands, character 0 stands 16 bytes before.
FACE = bytes.fromhex("00007e81a58181bd9981817e00000000")

GAMMA = 2.2
TO_LIGHT = [round((v / 255) ** GAMMA * 65535) for v in range(256)]
FROM_LIGHT = bytes(min(255, round((v / 4095) ** (1 / GAMMA) * 255)) for v in range(4096))


def read_ppm(path):
    """The picture in a binary PPM with 8 bits a channel; ValueError if the file holds something else."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:1] == b"x":        # as write_thumbnail packs it
        data = zlib.decompress(data)
    words, at = [], 0
    while len(words) < 4 and at < len(data):
        if data[at:at + 1] == b"#":
            at = data.find(b"\n", at) + 1
        elif data[at:at + 1].isspace():
            at += 1
        else:
            end = at
            while end < len(data) and not data[end:end + 1].isspace():
                end += 1
            words.append(data[at:end])
            at = end
    if len(words) < 4 or words[0] != b"P6" or words[3] != b"255":
        raise ValueError(f"{path}: expected a PPM file (P6, 255)")
    width, height = int(words[1]), int(words[2])
    pixels = data[at + 1:at + 1 + width * height * 3]
    if len(pixels) != width * height * 3 or not pixels:
        raise ValueError(f"{path}: expected {width} x {height} pixels")
    return width, height, pixels


def write_thumbnail(path, picture):
    """A packed PPM: for read_ppm only."""
    with open(path, "wb") as f:
        f.write(zlib.compress(b"P6\n%d %d\n255\n" % picture[:2] + picture[2], 1))


def write_png(path, picture):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    width, height, pixels = picture
    raw = b"".join(b"\0" + pixels[k:k + 3 * width] for k in range(0, 3 * width * height, 3 * width))
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b""))


def _edges(source, wanted):
    """Where each of the wanted spans begins in the source; every span has at least a pixel."""
    return [(k * source // wanted, max(k * source // wanted + 1, (k + 1) * source // wanted)) for k in range(wanted)]


def scaled(picture, width, height):
    """The picture at another size: the mean light of what falls into a pixel, so that thin text stays bright."""
    from_width, from_height, pixels = picture
    columns, rows = _edges(from_width, width), _edges(from_height, height)
    begins, ends = [a for a, _ in columns], [b for _, b in columns]
    begin_of, end_of = operator.itemgetter(*begins), operator.itemgetter(*ends)
    counts = [b - a for a, b in columns]
    lines = {}

    def line(y):                # sums of light of each output column, a list a channel
        if y not in lines:
            row, out = pixels[y * from_width * 3:(y + 1) * from_width * 3], []
            for channel in range(3):
                sums = list(itertools.accumulate(map(TO_LIGHT.__getitem__, row[channel::3]), initial=0))
                out.append(list(map(operator.sub, end_of(sums), begin_of(sums))))
            lines[y] = out
        return lines[y]

    result = bytearray(width * height * 3)
    for y, (top, bottom) in enumerate(rows):
        for old in [k for k in lines if k < top]:
            del lines[old]
        of_row = [line(k) for k in range(top, bottom)]
        for channel in range(3):
            total = of_row[0][channel]
            for more in of_row[1:]:
                total = list(map(operator.add, total, more[channel]))
            areas = [n * (bottom - top) << 4 for n in counts]
            result[y * width * 3 + channel:(y + 1) * width * 3:3] = bytes(
                FROM_LIGHT[v] for v in map(operator.floordiv, total, areas))
    return width, height, bytes(result)


def difference(a, b):
    """How much of two pictures of one size differs, from 0 to 1."""
    far = sum(abs(x - y) > 48 for x, y in zip(a[2], b[2]))
    return far / max(1, len(a[2]))


def is_blank(picture):
    """One colour everywhere?"""
    return picture[2] == picture[2][:3] * (picture[0] * picture[1])


class Canvas:
    """A picture to draw on."""

    def __init__(self, width, height, colour):
        self.width, self.height = width, height
        self.rows = [bytearray(bytes(colour) * width) for _ in range(height)]
        self.font = _font()

    def box(self, x, y, width, height, colour):
        for row in self.rows[max(0, y):y + height]:
            row[x * 3:(x + width) * 3] = bytes(colour) * width

    def picture(self, x, y, picture):
        width, height, pixels = picture
        for k in range(height):
            self.rows[y + k][x * 3:(x + width) * 3] = pixels[k * width * 3:(k + 1) * width * 3]

    def text(self, x, y, text, colour, width, size=1):
        """One line of text, cut with dots where it is wider than `width` pixels."""
        room = width // (8 * size)
        if len(text) > room:
            text = text[:max(0, room - 2)] + ".."
        for n, letter in enumerate(text):
            code = letter.encode("cp437", "replace")[0]
            for line, bits in enumerate(self.font[16 * code:16 * code + 16]):
                for k in range(8):
                    if bits & 0x80 >> k:
                        for row in self.rows[y + line * size:y + (line + 1) * size]:
                            at = (x + (n * 8 + k) * size) * 3
                            row[at:at + 3 * size] = bytes(colour) * size

    def write_png(self, path):
        write_png(path, (self.width, self.height, b"".join(self.rows)))


def _font():
    for place in FONT_PLACES:
        try:
            with open(place, "rb") as f:
                data = f.read()
        except OSError:
            continue
        at = data.find(FACE)
        if at >= 16:
            return data[at - 16:at - 16 + 4096]
    raise SystemExit("zoo: the contact sheet takes its font from the video firmware, and none is installed"
                     " (on Debian: apt-get install seabios)")
