"""Archives whose bytes depend on their files alone: sorted, one time, nobody's user, the modes that are given."""

import dataclasses
import gzip
import io
import tarfile
import time
import zipfile

import facts


@dataclasses.dataclass(frozen=True)
class File:
    content: bytes
    mode: int = 0o644
    # The name of another file of the archive that this one is, too.
    same_as: str | None = None


def of_text(content):
    return File(content.encode("utf-8"))


def program(content):
    return File(content, 0o755)


def write_zip(path, files):
    """Writes {name: File}; the names come in the order that is given, as a wheel's RECORD is to be its last."""
    when = time.gmtime(facts.epoch())[:6]
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, when)
            entry.create_system = 3
            entry.external_attr = (0o100000 | file.mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.content, compresslevel=6)
    return path


def write_tar_gz(path, files):
    """Writes {name: File}."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, file in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode, entry.mtime = file.mode, facts.epoch()
            if file.same_as:
                entry.type, entry.linkname = tarfile.LNKTYPE, file.same_as
            else:
                entry.size = len(file.content)
            archive.addfile(entry, io.BytesIO(file.content))
    # `mtime=0` and a file object without a name leave both out of gzip's own head.
    with open(path, "wb") as out, gzip.GzipFile("", "wb", 6, out, 0) as packed:
        packed.write(plain.getbuffer())
    return path
