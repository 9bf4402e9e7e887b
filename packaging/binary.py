"""For which platform a program was built, read from the program itself: ELF, Mach-O or PE."""

import dataclasses
import pathlib
import re
import struct
import sys

ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
MACH_MACHINES = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
PE_MACHINES = {0x8664: "x86_64", 0xAA64: "aarch64"}
NODE_PROCESSORS = {"x86_64": "x64", "aarch64": "arm64"}
NODE_SYSTEMS = {"linux": "linux", "macos": "darwin", "windows": "win32"}
# What every Linux that a `manylinux` tag speaks of has (PEP 600), as far as a program of ours could want it.
OF_THE_SYSTEM = re.compile(r"(lib(c|m|dl|rt|pthread|util|gcc_s)|ld-linux-[a-z0-9-]+)\.so\.\d+")


@dataclasses.dataclass(frozen=True)
class Binary:
    content: bytes
    system: str
    processor: str
    # Linux: the lowest glibc, (2, N), or nothing for a static program. macOS: the lowest version.
    lowest: tuple | None

    @property
    def target(self):
        """Rust's name of the platform."""
        if self.system == "linux":
            return f"{self.processor}-unknown-linux-{'gnu' if self.lowest else 'musl'}"
        return f"{self.processor}-{'apple-darwin' if self.system == 'macos' else 'pc-windows-msvc'}"

    @property
    def wheel_tags(self):
        """The platforms of PEP 425 that the program runs on."""
        if self.system == "windows":
            return [{"x86_64": "win_amd64", "aarch64": "win_arm64"}[self.processor]]
        if self.system == "macos":
            # Since macOS 11 a tag's second number is 0.
            major, minor = self.lowest
            processor = {"aarch64": "arm64"}.get(self.processor, self.processor)
            return [f"macosx_{major}_{minor if major < 11 else 0}_{processor}"]
        if self.lowest is None:
            names = ["manylinux_2_17", "manylinux2014", "musllinux_1_1"]
        else:
            # Where pip begins to know such names, and PyPI for these processors.
            minor = max(17, self.lowest[1])
            names = [f"manylinux_2_{minor}"] + (["manylinux2014"] if minor == 17 else [])
        return [f"{name}_{self.processor}" for name in names]

    @property
    def node_system(self):
        return NODE_SYSTEMS[self.system]

    @property
    def node_processor(self):
        return NODE_PROCESSORS[self.processor]

    @property
    def suffix(self):
        return ".exe" if self.system == "windows" else ""


def read(path):
    """Reads a program's file. Ends with one line when it is none that can be handed out."""
    content = pathlib.Path(path).read_bytes()
    try:
        if content[:4] == b"\x7fELF":
            return Binary(content, "linux", *elf(content))
        if content[:4] == b"\xcf\xfa\xed\xfe":
            return Binary(content, "macos", *mach(content))
        if content[:2] == b"MZ":
            return Binary(content, "windows", pe(content), None)
        raise ValueError("it is no program of Linux, macOS or Windows")
    except (ValueError, KeyError, struct.error, IndexError) as error:
        sys.exit(f"{path}: {error}")


def elf(content):
    if content[4:6] != b"\x02\x01":
        raise ValueError("it is no 64-bit little-endian program")
    machine = struct.unpack_from("<H", content, 18)[0]
    if machine not in ELF_MACHINES:
        raise ValueError(f"processor {machine} has no package; there are {', '.join(ELF_MACHINES.values())}")
    start, size, count = (struct.unpack_from("<Q", content, 32)[0], *struct.unpack_from("<HH", content, 54))
    segments = [struct.unpack_from("<IIQQQQQQ", content, start + index * size) for index in range(count)]

    def at(address):
        for kind, _, offset, begin, _, length, _, _ in segments:
            if kind == 1 and begin <= address < begin + length:
                return address - begin + offset
        raise ValueError(f"address {address:#x} is in no segment")

    def text(offset):
        return content[offset:content.index(b"\0", offset)].decode()

    if not any(kind == 3 for kind, *_ in segments):
        return ELF_MACHINES[machine], None
    dynamic = next(segment for segment in segments if segment[0] == 2)
    entries = list(struct.iter_unpack("<QQ", content[dynamic[2]:dynamic[2] + dynamic[5]]))
    of_tag = dict(entries)
    strings = at(of_tag[5])
    for name in (text(strings + value) for tag, value in entries if tag == 1):
        if not OF_THE_SYSTEM.fullmatch(name):
            raise ValueError(f"it needs {name}, which not every Linux has: link it statically")
    found = [(2, 0)]
    # DT_VERNEED: a list of files, each with a list of the versions that are wanted of it.
    place = at(of_tag[0x6FFFFFFE])
    for _ in range(of_tag[0x6FFFFFFF]):
        _, versions, _, first, step = struct.unpack_from("<HHIII", content, place)
        inner = place + first
        for _ in range(versions):
            _, _, _, name, further = struct.unpack_from("<IHHII", content, inner)
            if number := re.fullmatch(r"GLIBC_(\d+)\.(\d+)(\.\d+)?", text(strings + name)):
                found.append((int(number[1]), int(number[2])))
            inner += further
        place += step
    return ELF_MACHINES[machine], max(found)


def mach(content):
    processor, = struct.unpack_from("<I", content, 4)
    commands, = struct.unpack_from("<I", content, 16)
    place = 32
    for _ in range(commands):
        command, size = struct.unpack_from("<II", content, place)
        # LC_BUILD_VERSION has the platform before the version, LC_VERSION_MIN_MACOSX has not.
        if command in (0x32, 0x24):
            version, = struct.unpack_from("<I", content, place + (12 if command == 0x32 else 8))
            return MACH_MACHINES[processor], (version >> 16, version >> 8 & 0xFF)
        place += size
    raise ValueError("it does not say which macOS it needs")


def pe(content):
    head, = struct.unpack_from("<I", content, 0x3C)
    if content[head:head + 4] != b"PE\0\0":
        raise ValueError("it is no program of Windows")
    return PE_MACHINES[struct.unpack_from("<H", content, head + 4)[0]]
