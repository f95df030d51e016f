"""The contact sheet: the screens of many runs on a few pages, each with its name and what became of it."""
import pictures

BACK, CARD, BLACK = (24, 25, 31), (38, 40, 49), (0, 0, 0)
WHITE, GREY = (236, 238, 242), (150, 155, 168)
GOOD, FAIR, BAD, NEUTRAL = (92, 184, 112), (226, 176, 68), (222, 84, 84), (98, 130, 190)
COLOURS = {"alike": GOOD, "near": FAIR, "differs": BAD, "runs": NEUTRAL, "power off": NEUTRAL, "debug exit": NEUTRAL,
           "blank": FAIR, "no system": FAIR, "too slow": FAIR, "reset": FAIR, "halted for good": FAIR}
WIDTH, HEIGHT = 400, 300                # of a screen: what a monitor shows is 4 by 3, whatever the mode
GAP, MARGIN, CAPTION, TITLE = 14, 20, 44, 62


def colour_of(result):
    """By the comparison if there is one, else by what became of the run."""
    if result["ours"]["kind"] in ("crashed", "hung", "triple fault", "refused"):
        return BAD
    return COLOURS.get(result.get("verdict") or result["ours"]["kind"], BAD)


def _screen(canvas, x, y, base, missing):
    canvas.box(x, y, WIDTH, HEIGHT, BLACK)
    try:
        canvas.picture(x, y, pictures.read_ppm(base))
    except (OSError, ValueError):
        canvas.text(x + (WIDTH - 8 * len(missing)) // 2, y + HEIGHT // 2 - 8, missing, GREY, WIDTH)


def _cell(canvas, x, y, result, pair):
    ours, qemu = result["ours"], result.get("qemu")
    width = WIDTH * (2 if pair else 1) + 8 + (4 if pair else 0)
    canvas.box(x, y, width, HEIGHT + 8 + CAPTION, CARD)
    canvas.box(x, y, width, 4, colour_of(result))
    _screen(canvas, x + 4, y + 6, result["base"] + ".thumb", ours["kind"])
    if pair:
        _screen(canvas, x + 8 + WIDTH, y + 6, result["base"] + ".qemu.thumb", qemu["ended"] if qemu else "not run")
    at = y + HEIGHT + 10
    said = result.get("verdict") or ours["kind"]
    canvas.text(x + 8, at, result["name"], WHITE, width - 24 - 8 * len(said))
    canvas.text(x + width - 8 - 8 * len(said), at, said, colour_of(result), width)
    faults = "".join(f" {name} {ours[name]}" for name in ("triple", "guest", "unimp") if ours[name])
    what = f"{ours['media'] or '-'} {ours['screen']} {ours['virtual_seconds']:g}s{faults}"
    if result.get("verdict") and ours["kind"] not in ("runs", result["verdict"]):
        what = f"{ours['kind']}, {what}"
    canvas.text(x + 8, at + 18, f"{what}  {ours['last']}", GREY, width - 16)


def write(results, folder, title, columns, rows):
    """Pages sheet-1.png and so on in the folder; their names."""
    pair = any("qemu" in r for r in results)
    width, height = WIDTH * (2 if pair else 1) + 8 + (4 if pair else 0), HEIGHT + 8 + CAPTION
    names = []
    for first in range(0, len(results), columns * rows):
        page = results[first:first + columns * rows]
        across = min(columns, len(page))
        down = (len(page) + columns - 1) // columns
        canvas = pictures.Canvas(2 * MARGIN + across * (width + GAP) - GAP, TITLE + MARGIN + down * (height + GAP) - GAP, BACK)
        pages = (len(results) + columns * rows - 1) // (columns * rows)
        number = f", page {len(names) + 1} of {pages}" if pages > 1 else ""
        canvas.text(MARGIN, 12, "Vitrine zoo" + (", QEMU at the right" if pair else ""), WHITE, canvas.width - 2 * MARGIN)
        canvas.text(MARGIN, 34, title + number, GREY, canvas.width - 2 * MARGIN)
        for k, result in enumerate(page):
            _cell(canvas, MARGIN + k % columns * (width + GAP), TITLE + k // columns * (height + GAP), result, pair)
        names.append(f"{folder}/sheet-{len(names) + 1}.png")
        canvas.write_png(names[-1])
    return names
